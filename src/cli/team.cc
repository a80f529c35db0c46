// SPDX-License-Identifier: Apache-2.0
// nav team list|add
#include <memory>

#include "api/access.h"
#include "api/page.h"
#include "cli/access_text.h"
#include "cli/commands.h"

namespace nav::cli {

namespace {

struct TeamOptions {
  std::string name;
  bool json = false;
};

Result<Table> teams_table(std::string const& body) {
  TRY(auto const page, Server::read<api::Page<api::Team>>(body));
  Table table({{"NAME", Fit::Shrink}, {"NUMBER"}});
  for (auto const& team : page.items) table.add({Cell(team.name, Paint::Strong), to_text(team.id)});
  return table;
}

Result<int> add_team(Context& nav, TeamOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::MakeTeam, {}, {}, json_write(api::MakeTeam{asked.name})}));
  if (asked.json) return nav.print(json_line(body)), 0;
  TRY(auto const team, Server::read<api::Team>(body));
  nav.print(fmt::format("{} is {}.\n", team.name, to_text(team.id)));
  return 0;
}

}  // namespace

Command team_command() {
  auto asked = std::make_shared<TeamOptions>();
  Command add("add", "Make a team");
  add.argument("NAME", "lower-case letters, digits and - . _ between them", into(asked->name));
  add.option("--json", "print the API's answer", into_switch(asked->json));
  add.runs([asked](Context& nav) { return add_team(nav, *asked); });
  Command command("team", "List and add teams");
  command.about("A team is who shares projects; reports go by team.");
  command.add(list_command("List teams", [](Context& nav, bool json) { return show_list(nav, api::Operation::ListTeams, json, teams_table); }));
  command.add(std::move(add));
  return command;
}

}  // namespace nav::cli
