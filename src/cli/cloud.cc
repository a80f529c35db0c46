// SPDX-License-Identifier: Apache-2.0
// nav cloud list|open|close
#include <memory>

#include "api/clouds.h"
#include "api/page.h"
#include "base/text.h"
#include "cli/access_text.h"
#include "cli/commands.h"

namespace nav::cli {

namespace {

struct CloudOptions {
  std::string name;
  bool json = false;
};

Result<Table> clouds_table(std::string const& body) {
  TRY(auto const page, Server::read<api::Page<api::Cloud>>(body));
  Table table({{"CLOUD", Fit::Shrink},
               {"MACHINE"},
               {"THERE", Fit::Keep, Align::Right},
               {"OF", Fit::Keep, Align::Right},
               {"AN HOUR", Fit::Keep, Align::Right},
               {"BOOTS IN", Fit::Optional, Align::Right},
               {"NOTE", Fit::Optional}});
  for (auto const& one : page.items)
    table.add({Cell(one.name, Paint::Strong), one.machine, fmt::format("{}", one.machines.size()), fmt::format("{}", one.most), money_text(one.price_micro),
               to_text(one.boot), Cell(one.open ? one.problem.value_or("") : "closed", Paint::Warn)});
  return table;
}

Command named_command(char const* word, char const* summary, api::Operation operation) {
  auto asked = std::make_shared<CloudOptions>();
  Command command(word, summary);
  command.argument("CLOUD", "name of a cloud", into(asked->name));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.runs([asked, operation](Context& nav) -> Result<int> {
    TRY(auto const body, nav.server->call({operation, {asked->name}}));
    if (asked->json) return nav.print(json_line(body)), 0;
    TRY(auto const cloud, Server::read<api::Cloud>(body));
    nav.print(fmt::format("{} is {}.\n", cloud.name, cloud.open ? "open" : "closed"));
    return 0;
  });
  return command;
}

}  // namespace

Command cloud_command() {
  Command command("cloud", "List clouds, open and close them");
  command.about(
      "A cloud boots machines when a job's current rung is its template, and gives them back when they stand idle. Closed, it boots none: jobs there run "
      "to their end, and those that wait for it go on to their next choice.");
  command.add(list_command("List clouds", [](Context& nav, bool json) { return show_list(nav, api::Operation::ListClouds, json, clouds_table); }));
  command.add(named_command("open", "Let a cloud boot machines", api::Operation::OpenCloud));
  command.add(named_command("close", "Let a cloud boot no more machines", api::Operation::CloseCloud));
  return command;
}

}  // namespace nav::cli
