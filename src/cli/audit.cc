// SPDX-License-Identifier: Apache-2.0
// nav audit
#include <memory>

#include "api/events.h"
#include "api/page.h"
#include "api/query.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

struct AuditOptions {
  api::PageQuery query{.limit = 50};
  std::string cursor;
  bool json = false;
};

Result<int> show_audit(Context& nav, AuditOptions const& asked) {
  api::PageQuery query = asked.query;
  if (!asked.cursor.empty()) query.cursor = asked.cursor;
  TRY(auto const body, nav.server->call({api::Operation::ListAudit, {}, api::query_text(query)}));
  if (asked.json) return nav.print(json_line(body)), 0;
  TRY(auto const page, Server::read<api::Page<api::Event>>(body));
  Table table({{"WHEN"}, {"WHO"}, {"DID"}, {"WHAT", Fit::Shrink}});
  for (auto const& event : page.items) table.add({clock_text(event.at), event.by.value_or(""), event.kind, event.body.text});
  nav.print(table.text(nav.terminal));
  if (page.next) nav.print_error(fmt::format("There is more: --cursor {} goes on.\n", *page.next));
  return 0;
}

}  // namespace

Command audit_command() {
  auto asked = std::make_shared<AuditOptions>();
  Command command("audit", "List what people did, new to old");
  command.option("-n, --limit N", "at most so much (50)", into(asked->query.limit));
  command.option("--cursor C", "go on where the list before ended", into(asked->cursor));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.runs([asked](Context& nav) { return show_audit(nav, *asked); });
  return command;
}

}  // namespace nav::cli
