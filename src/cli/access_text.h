// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/quota.h"
#include "cli/context.h"
#include "cli/syntax.h"
#include "cli/table.h"
#include "cli/words.h"

/// What the lists of users, teams, projects and tokens have in common.
namespace nav::cli {

/// Prints a list: the API's answer, or a table that `fill` makes of its text.
template <class Fill>
Result<int> show_list(Context& nav, api::Operation operation, bool json, Fill const& fill) {
  TRY(auto const body, nav.server->call({operation, {}, "limit=1000"}));
  if (json) return nav.print(json_line(body)), 0;
  Result<Table> const table = fill(body);
  if (!table) return Unexpected(table.error());
  nav.print(table->text(nav.terminal));
  return 0;
}

/// Changes one thing: reads its ETag, and sends the change on condition that nobody else changed it meanwhile.
Result<std::string> change(Context& nav, api::Operation read, api::Operation change, std::string const& name, std::string const& body);

/// What a change of it is conditional on.
std::string etag_of(client::Answer const& answer);

/// Says so if a team or project uses more than a new quota allows: it was taken all the same.
Result<void> warn_if_over(Context& nav, api::AccountKind kind, std::string const& name);

/// The verb "list" of a noun, with --json.
Command list_command(std::string summary, std::function<Result<int>(Context&, bool json)> run);

}  // namespace nav::cli
