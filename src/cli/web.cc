// SPDX-License-Identifier: Apache-2.0
// nav web
#include "api/access.h"
#include "cli/commands.h"
#include "cli/context.h"

namespace nav::cli {

namespace {

/// The token travels behind the #, which browsers do not send; the page makes a session of it and forgets it.
Result<int> print_link(Context& nav) {
  api::MakeToken const wanted{"link", {}, minutes(15)};
  TRY(auto const made, nav.server->read<api::MadeToken>({api::Operation::MakeToken, {}, {}, json_write(wanted)}));
  nav.print(fmt::format("{}/sign-in#{}\n", nav.server->url(), made.secret));
  nav.print_error("It signs a browser in as you, for the next 15 minutes.\n");
  return 0;
}

}  // namespace

Command web_command() {
  Command command("web", "Print a link that signs a browser in");
  command.about("The pages show the pool, run jobs and follow them. The link carries a token of yours that is good for 15 minutes: whoever opens it is you.");
  command.runs(print_link);
  return command;
}

}  // namespace nav::cli
