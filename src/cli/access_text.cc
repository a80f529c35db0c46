// SPDX-License-Identifier: Apache-2.0
#include "cli/access_text.h"

namespace nav::cli {

Result<std::string> change(Context& nav, api::Operation read, api::Operation change, std::string const& name, std::string const& body) {
  TRY(auto const now, nav.server->answer({read, {name}}));
  auto const etag = now.headers.find("etag");
  return nav.server->call({change, {name}, {}, body, etag == now.headers.end() ? "" : etag->second});
}

Command list_command(std::string summary, std::function<Result<int>(Context&, bool json)> run) {
  auto json = std::make_shared<bool>(false);
  Command command("list", std::move(summary));
  command.option("--json", "print the API's answer", into_switch(*json));
  command.runs([json, run = std::move(run)](Context& nav) { return run(nav, *json); });
  return command;
}

}  // namespace nav::cli
