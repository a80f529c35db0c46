// SPDX-License-Identifier: Apache-2.0
// nav user list|add|change|limits
#include <memory>

#include "api/access.h"
#include "api/page.h"
#include "cli/access_text.h"
#include "cli/commands.h"
#include "cli/quota_options.h"

namespace nav::cli {

namespace {

struct UserOptions {
  std::string name;
  std::string role;
  LimitOptions limits;
  bool disable = false;
  bool enable = false;
  bool json = false;
};

Result<Table> users_table(std::string const& body) {
  TRY(auto const page, Server::read<api::Page<api::User>>(body));
  Table table({{"NAME", Fit::Shrink}, {"ROLE"}, {"NUMBER"}, {"LIMITS", Fit::Optional}, {"NOTE", Fit::Optional}});
  for (auto const& user : page.items)
    table.add({Cell(user.name, Paint::Strong), enum_text(user.role), to_text(user.id), user.limits ? limits_text(user.limits) : "",
               Cell(user.disabled ? "disabled" : "", Paint::Warn)});
  return table;
}

Result<int> show_changed_user(Context& nav, bool json, std::string const& body) {
  if (json) return nav.print(json_line(body)), 0;
  TRY(auto const user, Server::read<api::User>(body));
  nav.print(fmt::format("{} is {}{}.\n", user.name, enum_text(user.role), user.disabled ? ", disabled" : ""));
  return 0;
}

Result<int> add_user(Context& nav, UserOptions const& asked) {
  api::MakeUser wanted{asked.name};
  if (!asked.role.empty()) wanted.role = *enum_of<api::Role>(asked.role);
  TRY(auto const body, nav.server->call({api::Operation::MakeUser, {}, {}, json_write(wanted)}));
  TRY(int const code, show_changed_user(nav, asked.json, body));
  if (!asked.json)
    nav.print_error(
        fmt::format("nav token create laptop --user {} makes a token, and nav project members P --add {} gives work to do.\n", asked.name, asked.name));
  return code;
}

Result<int> change_user(Context& nav, UserOptions const& asked) {
  api::ChangeUser wanted;
  if (!asked.role.empty()) wanted.role = *enum_of<api::Role>(asked.role);
  if (asked.disable || asked.enable) wanted.disabled = asked.disable;
  TRY(auto const body, change(nav, api::Operation::GetUser, api::Operation::ChangeUser, asked.name, json_write(wanted)));
  return show_changed_user(nav, asked.json, body);
}

Result<int> show_limits(Context& nav, bool json, std::string const& body) {
  if (json) return nav.print(json_line(body)), 0;
  TRY(auto const user, Server::read<api::User>(body));
  nav.print(fmt::format("{}: {}.\n", user.name, limits_text(user.limits)));
  return 0;
}

Result<int> set_limits(Context& nav, UserOptions const& asked) {
  TRY(auto const now, nav.server->answer({api::Operation::GetUser, {asked.name}}));
  if (!asked.limits.any()) return show_limits(nav, asked.json, now.body);
  TRY(auto const user, Server::read<api::User>(now.body));
  api::ChangeUser wanted;
  wanted.limits = asked.limits.over(user.limits);
  TRY(auto const body, nav.server->call({api::Operation::ChangeUser, {asked.name}, {}, json_write(wanted), etag_of(now)}));
  return show_limits(nav, asked.json, body);
}

Command user_limits_command() {
  auto asked = std::make_shared<UserOptions>();
  Command command("limits", "Show or change what a user may have at once");
  command.about("Over all projects. A submission beyond --queued is refused; what is beyond the others waits.");
  command.argument("NAME", "name of a user", into(asked->name), Names::User);
  asked->limits.declare(command);
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.example("One A100 at a time", "nav user limits ada --slices 7");
  command.runs([asked](Context& nav) { return set_limits(nav, *asked); });
  return command;
}

Command add_user_command() {
  auto asked = std::make_shared<UserOptions>();
  auto const roles = enum_words<api::Role>();
  Command command("add", "Make a user");
  command.argument("NAME", "lower-case letters, digits and - . _ between them", into(asked->name));
  command.option("--role ROLE", fmt::format("{} (member)", fmt::join(roles, ", ")), into_word(asked->role, roles), Names::Word, roles);
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.example("Somebody who runs jobs", "nav user add ada");
  command.runs([asked](Context& nav) { return add_user(nav, *asked); });
  return command;
}

Command change_user_command() {
  auto asked = std::make_shared<UserOptions>();
  auto const roles = enum_words<api::Role>();
  Command command("change", "Change what a user may do");
  command.argument("NAME", "name of a user", into(asked->name), Names::User);
  command.option("--role ROLE", fmt::format("{}", fmt::join(roles, ", ")), into_word(asked->role, roles), Names::Word, roles);
  command.option("--disable", "let the user's tokens open nothing", into_switch(asked->disable));
  command.option("--enable", "let them open again", into_switch(asked->enable));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.checked([asked]() -> Result<void> {
    if (asked->disable && asked->enable) return fail(ErrorKind::InvalidArgument, "--disable and --enable do not go together");
    if (asked->role.empty() && !asked->disable && !asked->enable)
      return Unexpected(Error{ErrorKind::InvalidArgument, "nothing is to be changed", "give --role, --disable or --enable", {}});
    return {};
  });
  command.runs([asked](Context& nav) { return change_user(nav, *asked); });
  return command;
}

}  // namespace

Command user_command() {
  Command command("user", "List, add and change users");
  command.about(
      "Roles, each with what those after it may do: admin everything; operator nodes, templates and everybody's jobs; member jobs in their projects; viewer "
      "only look.");
  command.add(list_command("List users", [](Context& nav, bool json) { return show_list(nav, api::Operation::ListUsers, json, users_table); }));
  command.add(add_user_command());
  command.add(change_user_command());
  command.add(user_limits_command());
  return command;
}

}  // namespace nav::cli
