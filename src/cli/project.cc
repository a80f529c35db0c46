// SPDX-License-Identifier: Apache-2.0
// nav project list|add|members|move|quota
#include <memory>

#include "api/access.h"
#include "api/page.h"
#include "cli/access_text.h"
#include "cli/commands.h"
#include "cli/quota_options.h"

namespace nav::cli {

namespace {

struct ProjectOptions {
  std::string name;
  std::string team;
  std::vector<std::string> add, remove;
  QuotaOptions quota;
  bool json = false;
};

Result<Table> projects_table(std::string const& body) {
  TRY(auto const page, Server::read<api::Page<api::Project>>(body));
  Table table({{"NAME", Fit::Shrink}, {"TEAM", Fit::Shrink}, {"NUMBER"}, {"MEMBERS", Fit::Shrink}});
  for (auto const& one : page.items) table.add({Cell(one.name, Paint::Strong), one.team, to_text(one.id), fmt::format("{}", fmt::join(one.members, ", "))});
  return table;
}

Result<int> show_changed_project(Context& nav, bool json, std::string const& body) {
  if (json) return nav.print(json_line(body)), 0;
  TRY(auto const project, Server::read<api::Project>(body));
  nav.print(fmt::format("{} of team {}: {}.\n", project.name, project.team,
                        project.members.empty() ? "no members" : fmt::format("{}", fmt::join(project.members, ", "))));
  return 0;
}

Result<int> add_project(Context& nav, ProjectOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::MakeProject, {}, {}, json_write(api::MakeProject{asked.name, asked.team})}));
  return show_changed_project(nav, asked.json, body);
}

Result<int> change_members(Context& nav, ProjectOptions const& asked) {
  if (asked.add.empty() && asked.remove.empty()) {
    TRY(auto const body, nav.server->call({api::Operation::GetProject, {asked.name}}));
    return show_changed_project(nav, asked.json, body);
  }
  TRY(auto const body,
      change(nav, api::Operation::GetProject, api::Operation::ChangeProject, asked.name, json_write(api::ChangeProject{asked.add, asked.remove})));
  return show_changed_project(nav, asked.json, body);
}

Result<int> move_project(Context& nav, ProjectOptions const& asked) {
  api::ChangeProject wanted;
  wanted.team = asked.team;
  TRY(auto const body, change(nav, api::Operation::GetProject, api::Operation::ChangeProject, asked.name, json_write(wanted)));
  return show_changed_project(nav, asked.json, body);
}

Result<int> show_quota(Context& nav, bool json, std::string const& body) {
  if (json) return nav.print(json_line(body)), 0;
  TRY(auto const project, Server::read<api::Project>(body));
  nav.print(fmt::format("{} of team {}: {}.\n", project.name, project.team, quota_text(project.quota)));
  return 0;
}

Result<int> set_quota(Context& nav, ProjectOptions const& asked) {
  TRY(auto const now, nav.server->answer({api::Operation::GetProject, {asked.name}}));
  if (!asked.quota.any()) return show_quota(nav, asked.json, now.body);
  TRY(auto const project, Server::read<api::Project>(now.body));
  api::ChangeProject wanted;
  wanted.quota = asked.quota.over(project.quota);
  TRY(auto const body, nav.server->call({api::Operation::ChangeProject, {asked.name}, {}, json_write(wanted), etag_of(now)}));
  TRY(int const code, show_quota(nav, asked.json, body));
  if (!asked.json) TRY_VOID(warn_if_over(nav, api::AccountKind::Project, asked.name));
  return code;
}

Command move_project_command() {
  auto asked = std::make_shared<ProjectOptions>();
  Command command("move", "Give a project to another team");
  command.argument("PROJECT", "name of a project", into(asked->name), Names::Project);
  command.option("--team TEAM!", "whose it is from now on", into(asked->team), Names::Team);
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.runs([asked](Context& nav) { return move_project(nav, *asked); });
  return command;
}

Command project_quota_command() {
  auto asked = std::make_shared<ProjectOptions>();
  Command command("quota", "Show or change what a project may use");
  command.about("A part of what its team may use: the team's own quota holds besides.");
  command.argument("PROJECT", "name of a project", into(asked->name), Names::Project);
  asked->quota.declare(command);
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.example("Half an A100, and never more", "nav project quota vision --slices 3 --borrow 0");
  command.runs([asked](Context& nav) { return set_quota(nav, *asked); });
  return command;
}

Command add_project_command() {
  auto asked = std::make_shared<ProjectOptions>();
  Command command("add", "Make a project");
  command.argument("NAME", "lower-case letters, digits and - . _ between them", into(asked->name));
  command.option("--team TEAM", "whose it is (default)", into(asked->team), Names::Team);
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.runs([asked](Context& nav) { return add_project(nav, *asked); });
  return command;
}

Command project_members_command() {
  auto asked = std::make_shared<ProjectOptions>();
  Command command("members", "Show or change who belongs to a project");
  command.argument("PROJECT", "name of a project", into(asked->name), Names::Project);
  command.option("--add USER", "make this user a member; may be given again", into(asked->add), Names::User);
  command.option("--remove USER", "a member no longer; may be given again", into(asked->remove), Names::User);
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.example("One comes, one goes", "nav project members vision --add ada --remove grace");
  command.runs([asked](Context& nav) { return change_members(nav, *asked); });
  return command;
}

}  // namespace

Command project_command() {
  Command command("project", "List and add projects, their members and their quotas");
  command.about("Every job is of one project, and the project's members see it.");
  command.add(list_command("List your projects", [](Context& nav, bool json) { return show_list(nav, api::Operation::ListProjects, json, projects_table); }));
  command.add(add_project_command());
  command.add(project_members_command());
  command.add(move_project_command());
  command.add(project_quota_command());
  return command;
}

}  // namespace nav::cli
