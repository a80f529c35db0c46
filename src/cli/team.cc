// SPDX-License-Identifier: Apache-2.0
// nav team list|add|move|quota
#include <memory>

#include "api/access.h"
#include "api/page.h"
#include "cli/access_text.h"
#include "cli/commands.h"
#include "cli/quota_options.h"

namespace nav::cli {

namespace {

struct TeamOptions {
  std::string name;
  std::string parent;
  bool to_top = false;
  QuotaOptions quota;
  bool json = false;
};

Result<Table> teams_table(std::string const& body) {
  TRY(auto const page, Server::read<api::Page<api::Team>>(body));
  Table table({{"NAME", Fit::Shrink}, {"PART OF", Fit::Shrink}, {"NUMBER"}, {"QUOTA", Fit::Shrink}});
  for (auto const& team : page.items)
    table.add({Cell(team.name, Paint::Strong), team.parent.value_or(""), to_text(team.id), team.quota ? quota_text(team.quota) : ""});
  return table;
}

Result<int> add_team(Context& nav, TeamOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::MakeTeam, {}, {}, json_write(api::MakeTeam{asked.name, asked.parent})}));
  if (asked.json) return nav.print(json_line(body)), 0;
  TRY(auto const team, Server::read<api::Team>(body));
  nav.print(fmt::format("{} is {}.\n", team.name, to_text(team.id)));
  return 0;
}

Result<int> show_changed_team(Context& nav, bool json, std::string const& body) {
  if (json) return nav.print(json_line(body)), 0;
  TRY(auto const team, Server::read<api::Team>(body));
  nav.print(fmt::format("{}{}: {}.\n", team.name, team.parent ? ", part of " + *team.parent : "", quota_text(team.quota)));
  return 0;
}

Result<int> move_team(Context& nav, TeamOptions const& asked) {
  api::ChangeTeam wanted;
  wanted.parent = asked.parent;
  TRY(auto const body, change(nav, api::Operation::GetTeam, api::Operation::ChangeTeam, asked.name, json_write(wanted)));
  return show_changed_team(nav, asked.json, body);
}

Result<int> set_quota(Context& nav, TeamOptions const& asked) {
  TRY(auto const now, nav.server->answer({api::Operation::GetTeam, {asked.name}}));
  if (!asked.quota.any()) return show_changed_team(nav, asked.json, now.body);
  TRY(auto const team, Server::read<api::Team>(now.body));
  api::ChangeTeam wanted;
  wanted.quota = asked.quota.over(team.quota);
  TRY(auto const body, nav.server->call({api::Operation::ChangeTeam, {asked.name}, {}, json_write(wanted), etag_of(now)}));
  TRY(int const code, show_changed_team(nav, asked.json, body));
  if (!asked.json) TRY_VOID(warn_if_over(nav, api::AccountKind::Team, asked.name));
  return code;
}

Command move_team_command() {
  auto asked = std::make_shared<TeamOptions>();
  Command command("move", "Make a team part of another, or of none");
  command.argument("TEAM", "name of a team", into(asked->name), Names::Team);
  command.option("--under TEAM", "the team it is part of from now on", into(asked->parent), Names::Team);
  command.option("--top", "it is part of none", into_switch(asked->to_top));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.checked([asked]() -> Result<void> {
    if (asked->parent.empty() != asked->to_top)
      return Unexpected(
          Error{ErrorKind::InvalidArgument, asked->to_top ? "--under and --top do not go together" : "where to is not said", "give --under TEAM or --top", {}});
    return {};
  });
  command.runs([asked](Context& nav) { return move_team(nav, *asked); });
  return command;
}

Command team_quota_command() {
  auto asked = std::make_shared<TeamOptions>();
  Command command("quota", "Show or change what a team may use");
  command.about(
      "What is a team's own is lent to others while it is idle, and taken back when the team has work. A quota below what is in use is taken: nothing is begun "
      "beyond it, and what runs runs on.");
  command.argument("TEAM", "name of a team", into(asked->name), Names::Team);
  asked->quota.declare(command);
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.example("Two A100 of its own, and one more while others leave it idle", "nav team quota research --slices 14 --borrow 7");
  command.runs([asked](Context& nav) { return set_quota(nav, *asked); });
  return command;
}

}  // namespace

Command team_command() {
  auto asked = std::make_shared<TeamOptions>();
  Command add("add", "Make a team");
  add.argument("NAME", "lower-case letters, digits and - . _ between them", into(asked->name));
  add.option("--under TEAM", "the team it is part of", into(asked->parent), Names::Team);
  add.option("--json", "print the API's answer", into_switch(asked->json));
  add.runs([asked](Context& nav) { return add_team(nav, *asked); });
  Command command("team", "List and add teams, and their quotas");
  command.about("A team is who shares projects, and may be part of another; quotas and reports go by team.");
  command.add(list_command("List teams", [](Context& nav, bool json) { return show_list(nav, api::Operation::ListTeams, json, teams_table); }));
  command.add(std::move(add));
  command.add(move_team_command());
  command.add(team_quota_command());
  return command;
}

}  // namespace nav::cli
