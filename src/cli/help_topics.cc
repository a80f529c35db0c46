// SPDX-License-Identifier: Apache-2.0
// nav help
#include "cli/help_topics.h"

#include <memory>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_code.h"

namespace nav::cli {

namespace {

constexpr char environment[] =
    "Where nav finds its server, first to last\n"
    "  NAV_URL           https://HOST:PORT[#sha256:FINGERPRINT], with NAV_TOKEN, or\n"
    "                    with NAV_TOKEN_FILE, a file that holds the token\n"
    "  NAV_DATA          the folder of an installation on this machine\n"
    "  nav login         what it kept, in $XDG_CONFIG_HOME/opennav/login.json\n"
    "                    (~/.config/opennav/login.json)\n"
    "  this machine      the installation in /var/lib/opennav for root, in\n"
    "                    $XDG_DATA_HOME/opennav (~/.local/share/opennav) for others\n"
    "\n"
    "Every job finds NAV_URL and NAV_TOKEN_FILE set, so nav works inside jobs too,\n"
    "as the job's user and within its project.\n"
    "\n"
    "How it prints\n"
    "  NO_COLOR          no colours; none either where output is not a terminal\n"
    "  TZ                the time zone of the times shown; --json has UTC\n";

}  // namespace

std::optional<std::string> help_topic(std::string_view topic) {
  if (topic == "environment") return environment;
  if (topic == "exit-codes") return exit_codes_text();
  return std::nullopt;
}

Command help_command() {
  auto words = std::make_shared<std::vector<std::string>>();
  Command command("help", "Show help for a command, or about: environment, exit-codes");
  command.argument("[TOPIC...]", "words of a command, or environment, or exit-codes", into(*words), Names::Word, {"environment", "exit-codes"});
  command.example("What nav run --wait exits with", "nav help exit-codes");
  command.runs([words](Context&) -> Result<int> { return 0; });  // run_cli answers before anything runs; what the words are read into lives on
  return command;
}

}  // namespace nav::cli
