// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "http/handlers.h"
#include "http/shown.h"

namespace nav::http {
namespace {

Unexpected nothing_named(std::string_view what, std::string const& name) {
  return fail(ErrorKind::NotFound, "there is no {} \"{}\"", what, shortened(name, 70));
}

/// A user by number or name.
Result<User const*> user_parameter(Call const& call) {
  Access const& access = *call.snapshot->access;
  if (auto const id = parse_id<UserTag>(call.parameter(0)))
    if (auto const it = access.users.find(*id); it != access.users.end()) return &it->second;
  if (User const* user = access.user_named(call.parameter(0))) return user;
  return nothing_named("user", call.parameter(0));
}

/// A project by number or name, if the caller may see it.
Result<Project const*> project_parameter(Call const& call) {
  Access const& access = *call.snapshot->access;
  Project const* found = access.project_named(call.parameter(0));
  if (auto const id = parse_id<ProjectTag>(call.parameter(0)))
    if (auto const it = access.projects.find(*id); it != access.projects.end()) found = &it->second;
  if (found != nullptr && call.caller.sees(found->id)) return found;
  return nothing_named("project", call.parameter(0));
}

Result<UserId> user_in_body(Access const& access, std::string const& name, std::string const& field) {
  if (User const* user = access.user_named(name)) return user->id;
  std::vector<std::string> names;
  for (auto const& [id, user] : access.users) names.push_back(user.name);
  auto const near = nearest(name, names);
  return fail_field(field, near.empty() ? "nav user list shows them" : fmt::format("did you mean {}?", fmt::join(near, " or ")), "there is no user \"{}\"",
                    shortened(name, 70));
}

/// A team by number or name.
Result<Team const*> team_parameter(Call const& call) {
  Access const& access = *call.snapshot->access;
  if (auto const id = parse_id<TeamTag>(call.parameter(0)))
    if (auto const it = access.teams.find(*id); it != access.teams.end()) return &it->second;
  if (Team const* team = access.team_named(call.parameter(0))) return team;
  return nothing_named("team", call.parameter(0));
}

/// No team for an empty name.
Result<TeamId> team_in_body(Access const& access, std::string const& name, std::string const& field) {
  if (name.empty()) return TeamId{};
  if (Team const* team = access.team_named(name)) return team->id;
  std::vector<std::string> names;
  for (auto const& [id, team] : access.teams) names.push_back(team.name);
  auto const near = nearest(name, names);
  return fail_field(field, near.empty() ? "nav team list shows them" : fmt::format("did you mean {}?", fmt::join(near, " or ")), "there is no team \"{}\"",
                    shortened(name, 70));
}

Quota quota_of(api::SetQuota const& wanted) {
  return {.slices = wanted.slices,
          .memory_mib = wanted.memory_mib,
          .borrow_slices = wanted.borrow_slices,
          .borrow_memory_mib = wanted.borrow_memory_mib,
          .lend_slices = wanted.lend_slices,
          .weight = wanted.weight,
          .priority_ceiling = wanted.priority_ceiling};
}

template <class Shown, class Map>
Result<void> answer_page(Call& call, Map const& map, auto show, auto visible) {
  TRY(auto query, query_of<api::PageQuery>(call));
  std::vector<typename Map::mapped_type const*> all;
  for (auto const& [id, one] : map)
    if (visible(one)) all.push_back(&one);
  TRY(auto page, page_of<Shown>(
                     all, query.limit, query.cursor, [](auto const* one) { return one->id.value; }, [&](auto const* one) { return show(*one); }));
  answer(call, page);
  return {};
}

constexpr auto everything = [](auto const&) { return true; };

}  // namespace

Result<void> list_users(Api&, CallPtr const& call) {
  return answer_page<api::User>(
      *call, call->snapshot->access->users, [](User const& user) { return shown(user); }, everything);
}

Result<void> get_user(Api& api, CallPtr const& call) {
  TRY(User const* user, user_parameter(*call));
  std::string body = json_write(shown(*user));
  std::string const etag = etag_of(api, body);
  answer_json(*call, std::move(body), {{"ETag", etag}});
  return {};
}

Result<void> make_user(Api& api, CallPtr const& call) {
  TRY(auto wanted, body_of<api::MakeUser>(*call));
  return ask_and_answer(
      api, call, {.command = AccessCommand{MakeUser{wanted.name, same_word<Role>(wanted.role)}}, .blob = {}, .answer = [](std::vector<Frame> const& frames) {
                    auto const set = event_in<UserSet>(frames);
                    ensure(set, "a user that was made is set");
                    return json_write(shown(set->user));
                  }});
}

Result<void> change_user(Api& api, CallPtr const& call) {
  TRY(User const* user, user_parameter(*call));
  TRY(auto wanted, body_of<api::ChangeUser>(*call));
  ChangeUser change{.user = user->id, .role = {}, .disabled = wanted.disabled};
  if (wanted.role) change.role = same_word<Role>(*wanted.role);
  if (wanted.limits) change.limits = UserLimits{wanted.limits->slices, wanted.limits->running, wanted.limits->queued};
  return ask_matched(api, call, to_text(user->id), json_write(shown(*user)),
                     {.command = AccessCommand{change}, .blob = {}, .answer = [](std::vector<Frame> const& frames) {
                        auto const set = event_in<UserSet>(frames);
                        return set ? json_write(shown(set->user)) : std::string();
                      }});
}

Result<void> list_teams(Api&, CallPtr const& call) {
  Access const& access = *call->snapshot->access;
  return answer_page<api::Team>(
      *call, access.teams, [&](Team const& team) { return shown(access, team); }, everything);
}

Result<void> get_team(Api& api, CallPtr const& call) {
  TRY(Team const* team, team_parameter(*call));
  std::string body = json_write(shown(*call->snapshot->access, *team));
  std::string const etag = etag_of(api, body);
  answer_json(*call, std::move(body), {{"ETag", etag}});
  return {};
}

Result<void> make_team(Api& api, CallPtr const& call) {
  TRY(auto wanted, body_of<api::MakeTeam>(*call));
  auto const snapshot = call->snapshot;
  TRY(auto const parent, team_in_body(*snapshot->access, wanted.parent, "parent"));
  return ask_and_answer(api, call,
                        {.command = AccessCommand{MakeTeam{wanted.name, parent}}, .blob = {}, .answer = [snapshot](std::vector<Frame> const& frames) {
                           auto const set = event_in<TeamSet>(frames);
                           ensure(set, "a team that was made is set");
                           return json_write(shown(*snapshot->access, set->team));
                         }});
}

Result<void> change_team(Api& api, CallPtr const& call) {
  TRY(Team const* team, team_parameter(*call));
  TRY(auto wanted, body_of<api::ChangeTeam>(*call));
  auto const snapshot = call->snapshot;
  ChangeTeam change{.team = team->id};
  if (wanted.parent) { TRY(change.parent, team_in_body(*snapshot->access, *wanted.parent, "parent")); }
  if (wanted.quota) change.quota = quota_of(*wanted.quota);
  return ask_matched(api, call, to_text(team->id), json_write(shown(*snapshot->access, *team)),
                     {.command = AccessCommand{change}, .blob = {}, .answer = [snapshot](std::vector<Frame> const& frames) {
                        auto const set = event_in<TeamSet>(frames);
                        return set ? json_write(shown(*snapshot->access, set->team)) : std::string();
                      }});
}

Result<void> list_projects(Api&, CallPtr const& call) {
  Access const& access = *call->snapshot->access;
  return answer_page<api::Project>(
      *call, access.projects, [&](Project const& project) { return shown(access, project); },
      [&](Project const& project) { return call->caller.sees(project.id); });
}

Result<void> get_project(Api& api, CallPtr const& call) {
  TRY(Project const* project, project_parameter(*call));
  std::string body = json_write(shown(*call->snapshot->access, *project));
  std::string const etag = etag_of(api, body);
  answer_json(*call, std::move(body), {{"ETag", etag}});
  return {};
}

Result<void> make_project(Api& api, CallPtr const& call) {
  TRY(auto wanted, body_of<api::MakeProject>(*call));
  std::string const team_name = wanted.team.empty() ? "default" : wanted.team;
  TRY(auto const team, team_in_body(*call->snapshot->access, team_name, "team"));
  return ask_and_answer(api, call,
                        {.command = AccessCommand{MakeProject{wanted.name, team}}, .blob = {}, .answer = [team_name](std::vector<Frame> const& frames) {
                           auto const set = event_in<ProjectSet>(frames);
                           ensure(set, "a project that was made is set");
                           return json_write(api::Project{.id = set->project.id, .name = set->project.name, .team = team_name, .members = {}, .quota = {}});
                         }});
}

Result<void> change_project(Api& api, CallPtr const& call) {
  TRY(Project const* project, project_parameter(*call));
  TRY(auto wanted, body_of<api::ChangeProject>(*call));
  auto const snapshot = call->snapshot;
  ChangeProject change{.project = project->id, .add = {}, .remove = {}};
  for (std::size_t i = 0; i < wanted.add.size(); ++i) {
    TRY(auto user, user_in_body(*snapshot->access, wanted.add[i], fmt::format("add[{}]", i)));
    change.add.push_back(user);
  }
  for (std::size_t i = 0; i < wanted.remove.size(); ++i) {
    TRY(auto user, user_in_body(*snapshot->access, wanted.remove[i], fmt::format("remove[{}]", i)));
    change.remove.push_back(user);
  }
  if (wanted.team) { TRY(change.team, team_in_body(*snapshot->access, wanted.team->empty() ? "default" : *wanted.team, "team")); }
  if (wanted.quota) change.quota = quota_of(*wanted.quota);
  return ask_matched(api, call, to_text(project->id), json_write(shown(*snapshot->access, *project)),
                     {.command = AccessCommand{std::move(change)}, .blob = {}, .answer = [snapshot](std::vector<Frame> const& frames) {
                        auto const set = event_in<ProjectSet>(frames);
                        return set ? json_write(shown(*snapshot->access, set->project)) : std::string();
                      }});
}

Result<void> whoami(Api&, CallPtr const& call) {
  Caller const& caller = call->caller;
  Access const& access = *call->snapshot->access;
  api::Whoami who{.user = user_name(access, caller.user), .role = same_word<api::Role>(caller.role), .projects = {}, .attempt = {}};
  for (auto const& [id, project] : access.projects)
    if (caller.sees(id)) who.projects.push_back(project.name);
  if (caller.attempt) who.attempt = caller.attempt;
  answer(*call, who);
  return {};
}

}  // namespace nav::http
