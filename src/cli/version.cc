// SPDX-License-Identifier: Apache-2.0
// nav version
#include <memory>

#include "api/system.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

struct Versions {
  std::string nav;
  std::optional<api::Version> server;  ///< absent when none answers
};
BOOST_DESCRIBE_STRUCT(Versions, (), (nav, server))

Result<int> tell_version(Context& nav, std::string const& version, bool json) {
  Versions versions{version, {}};
  auto server = nav.server->read<api::Version>({api::Operation::GetVersion});
  if (server) versions.server = *server;
  if (json) return nav.print(json_line(json_write(versions))), 0;
  std::string out = fmt::format("nav {}\n", version);
  if (server)
    out += fmt::format("server {}, installation {}, start {}, since {}\n", server->version, server->installation, server->epoch, clock_text(server->started));
  else out += fmt::format("no server: {}\n", server.error().message);
  nav.print(out);
  return 0;
}

}  // namespace

Command version_command(LocalCommands const& local) {
  auto json = std::make_shared<bool>(false);
  Command command("version", "Show the version of nav, and of the server if one answers");
  command.option("--json", "print as JSON", into_switch(*json));
  command.runs([json, version = local.version](Context& nav) { return tell_version(nav, version, *json); });
  return command;
}

}  // namespace nav::cli
