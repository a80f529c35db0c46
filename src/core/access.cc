// SPDX-License-Identifier: Apache-2.0
#include "core/access.h"

#include <algorithm>

#include "base/ensure.h"
#include "base/text.h"

namespace nav {

NAV_SEALED_HERE(AccessCommand)

NAV_SEALED_HERE(AccessEvent)

template Result<AccessEvent> json_read<AccessEvent>(std::string_view text, Unknown unknown);

namespace {

using AccessEvents = std::vector<AccessEvent>;

template <class Map>
auto const* named(Map const& map, std::string_view name) {
  auto it = std::find_if(map.begin(), map.end(), [&](auto const& entry) { return entry.second.name == name; });
  return it == map.end() ? nullptr : &it->second;
}

template <class Map>
auto next_id(Map const& map) {
  using Key = typename Map::key_type;
  return map.empty() ? Key{1} : Key{map.rbegin()->first.value + 1};  // nothing is ever erased, so no number comes back
}

template <class Map>
auto find_id(Map const& map, typename Map::key_type id) -> Result<typename Map::mapped_type const*> {
  auto it = map.find(id);
  if (it == map.end()) return fail(ErrorKind::NotFound, "there is no {}", to_text(id));
  return &it->second;
}

Result<void> check_free(bool taken, std::string_view what, std::string_view name) {
  if (!taken) return {};
  return Unexpected(Error{ErrorKind::Conflict, fmt::format("there is a {} named {} already", what, name), "choose another name", "name"});
}

Result<AccessEvents> on(Access const& access, MakeUser const& c, Time) {
  TRY_VOID(check_name(c.name, "name"));
  TRY_VOID(check_free(access.user_named(c.name), "user", c.name));
  return AccessEvents{UserSet{{next_id(access.users), c.name, c.role, false, {}}}};
}

Result<AccessEvents> on(Access const& access, ChangeUser const& c, Time) {
  TRY(User const* found, find_id(access.users, c.user));
  User user = *found;
  if (c.role) user.role = *c.role;
  if (c.disabled) user.disabled = *c.disabled;
  if (c.limits) user.limits = *c.limits;
  if (user == *found) return AccessEvents{};
  bool const other_admin = std::any_of(access.users.begin(), access.users.end(),
                                       [&](auto const& entry) { return entry.first != user.id && entry.second.role == Role::Admin && !entry.second.disabled; });
  if (!other_admin && (user.role != Role::Admin || user.disabled))
    return Unexpected(Error{ErrorKind::Conflict, fmt::format("{} is the only admin", user.name), "make another user an admin first", ""});
  return AccessEvents{UserSet{std::move(user)}};
}

Result<AccessEvents> on(Access const& access, MakeTeam const& c, Time) {
  TRY_VOID(check_name(c.name, "name"));
  TRY_VOID(check_free(access.team_named(c.name), "team", c.name));
  if (c.parent) TRY_VOID(find_id(access.teams, c.parent));
  return AccessEvents{TeamSet{{next_id(access.teams), c.name, c.parent, {}}}};
}

Result<void> check(Quota const& quota) {
  constexpr std::uint64_t most = std::uint64_t{1} << 40;
  for (auto const& [field, amount] : {std::pair{"quota.slices", quota.slices},
                                      {"quota.memory_mib", quota.memory_mib},
                                      {"quota.borrow_slices", quota.borrow_slices},
                                      {"quota.borrow_memory_mib", quota.borrow_memory_mib},
                                      {"quota.lend_slices", quota.lend_slices}})
    if (amount && *amount > most) return fail_field(field, "at most 2^40", "{} is {}", field, *amount);
  if (quota.weight < 1 || quota.weight > 1'000'000) return fail_field("quota.weight", "1 to 1000000", "the weight is {}", quota.weight);
  if (quota.lend_slices && *quota.lend_slices > quota.slices.value_or(0))
    return fail_field("quota.lend_slices", fmt::format("at most quota.slices, which is {}", quota.slices ? fmt::format("{}", *quota.slices) : "not set"),
                      "{} slices cannot be lent", *quota.lend_slices);
  return {};
}

/// No team is part of itself, by however many others.
Result<void> check_parent(Access const& access, Team const& team, TeamId parent) {
  if (!parent) return {};
  std::vector<std::string> way{team.name};
  for (TeamId at = parent; at;) {
    TRY(Team const* above, find_id(access.teams, at));
    way.push_back(above->name);
    if (at == team.id)
      return fail_field("parent", "a team that is not part of it, or none", "the teams would go round in a circle: {}", fmt::join(way, " is part of "));
    at = above->parent;
  }
  if (way.size() > most_team_levels)
    return fail_field("parent", fmt::format("at most {} teams one above another", most_team_levels), "the tree would be too deep");
  return {};
}

Result<AccessEvents> on(Access const& access, ChangeTeam const& c, Time) {
  TRY(Team const* found, find_id(access.teams, c.team));
  Team team = *found;
  if (c.parent) {
    TRY_VOID(check_parent(access, team, *c.parent));
    team.parent = *c.parent;
  }
  if (c.quota) {
    TRY_VOID(check(*c.quota));
    team.quota = *c.quota;
  }
  if (team == *found) return AccessEvents{};
  return AccessEvents{TeamSet{std::move(team)}};
}

Result<AccessEvents> on(Access const& access, MakeProject const& c, Time) {
  TRY_VOID(check_name(c.name, "name"));
  TRY_VOID(check_free(access.project_named(c.name), "project", c.name));
  TRY_VOID(find_id(access.teams, c.team));
  return AccessEvents{ProjectSet{{next_id(access.projects), c.name, c.team, {}, {}}}};
}

Result<AccessEvents> on(Access const& access, ChangeProject const& c, Time) {
  TRY(Project const* found, find_id(access.projects, c.project));
  Project project = *found;
  std::set<UserId> members(project.members.begin(), project.members.end());
  for (UserId id : c.add) {
    TRY_VOID(find_id(access.users, id));
    members.insert(id);
  }
  for (UserId id : c.remove) members.erase(id);
  project.members.assign(members.begin(), members.end());
  if (c.team) {
    TRY_VOID(find_id(access.teams, *c.team));
    project.team = *c.team;
  }
  if (c.quota) {
    TRY_VOID(check(*c.quota));
    project.quota = *c.quota;
  }
  if (project == *found) return AccessEvents{};
  return AccessEvents{ProjectSet{std::move(project)}};
}

Result<AccessEvents> on(Access const& access, MakeToken const& c, Time now) {
  TRY_VOID(check_name(c.name, "name"));
  TRY_VOID(find_id(access.users, c.user));
  if (c.expires && c.expires <= now) return fail_field("expires", "a moment to come, or leave it out", "the token would have expired already");
  return AccessEvents{TokenMade{{next_id(access.tokens), c.kind, c.user, c.name, c.hash, now, c.expires, false}}};
}

Result<AccessEvents> on(Access const& access, RevokeToken const& c, Time) {
  TRY(Token const* token, find_id(access.tokens, c.token));
  if (token->revoked) return AccessEvents{};
  return AccessEvents{TokenRevoked{c.token}};
}

Result<AccessEvents> on(Access const& access, MakeWebhook const& c, Time now) {
  TRY_VOID(parse_webhook_address(c.url));
  Webhook webhook{.id = next_id(access.webhooks), .url = c.url, .kinds = c.kinds, .made = now};
  std::sort(webhook.kinds.begin(), webhook.kinds.end());
  webhook.kinds.erase(std::unique(webhook.kinds.begin(), webhook.kinds.end()), webhook.kinds.end());
  std::size_t there = 0;
  for (auto const& [id, one] : access.webhooks) {
    if (one.removed) continue;
    ++there;
    if (one.url == c.url)
      return Unexpected(
          Error{ErrorKind::Conflict, fmt::format("{} goes to this address already", to_text(id)), "delete it first, to change what it sends", "url"});
  }
  if (there >= most_webhooks)
    return Unexpected(Error{ErrorKind::Conflict, fmt::format("there are {} webhooks already, which is the most", there), "delete one first", ""});
  return AccessEvents{WebhookMade{std::move(webhook)}};
}

Result<AccessEvents> on(Access const& access, RemoveWebhook const& c, Time) {
  TRY(Webhook const* webhook, find_id(access.webhooks, c.webhook));
  if (webhook->removed) return AccessEvents{};
  return AccessEvents{WebhookRemoved{c.webhook}};
}

Result<ReportSchedule const*> report_schedule_named(Access const& access, std::string const& name) {
  auto const found = access.report_schedules.find(name);
  if (found == access.report_schedules.end()) return fail(ErrorKind::NotFound, "there is no schedule of reports \"{}\"", shortened(name, 70));
  return &found->second;
}

Result<AccessEvents> on(Access const& access, MakeReportSchedule const& c, Time now) {
  TRY_VOID(check_name(c.name, "name"));
  TRY_VOID(check_free(access.report_schedules.contains(c.name), "schedule of reports", c.name));
  TRY(auto wish, checked(c.wish));
  if (access.report_schedules.size() >= most_report_schedules)
    return Unexpected(Error{ErrorKind::Conflict, fmt::format("there are {} schedules of reports already, which is the most", access.report_schedules.size()),
                            "delete one first", ""});
  return AccessEvents{ReportScheduleSet{{.name = c.name, .wish = std::move(wish), .made = now, .begins = now}}};
}

Result<AccessEvents> on(Access const& access, ChangeReportSchedule const& c, Time now) {
  TRY(ReportSchedule const* found, report_schedule_named(access, c.name));
  if (c.seen != found->revision)
    return Unexpected(Error{ErrorKind::PreconditionFailed, "it was changed by somebody else meanwhile", "get it again, and look at it", {}});
  ReportSchedule schedule = *found;
  TRY(schedule.wish, checked(c.wish));
  if (schedule.wish == found->wish) return AccessEvents{};
  // What was due before is not made in another way now; how many are kept says nothing of how they are made.
  ReportWish kept = found->wish;
  kept.keep = schedule.wish.keep;
  if (schedule.wish != kept) schedule.begins = now;
  ++schedule.revision;
  return AccessEvents{ReportScheduleSet{std::move(schedule)}};
}

Result<AccessEvents> on(Access const& access, PauseReportSchedule const& c, Time) {
  TRY(ReportSchedule const* found, report_schedule_named(access, c.name));
  if (found->paused) return AccessEvents{};
  ReportSchedule schedule = *found;
  schedule.paused = true;
  ++schedule.revision;
  return AccessEvents{ReportScheduleSet{std::move(schedule)}};
}

Result<AccessEvents> on(Access const& access, ResumeReportSchedule const& c, Time now) {
  TRY(ReportSchedule const* found, report_schedule_named(access, c.name));
  if (!found->paused) return AccessEvents{};
  ReportSchedule schedule = *found;
  schedule.paused = false;
  schedule.begins = now;
  ++schedule.revision;
  return AccessEvents{ReportScheduleSet{std::move(schedule)}};
}

Result<AccessEvents> on(Access const& access, RemoveReportSchedule const& c, Time) {
  TRY_VOID(report_schedule_named(access, c.name));
  return AccessEvents{ReportScheduleRemoved{c.name}};
}

Result<AccessEvents> on(Access const& access, Found const& c, Time now) {
  if (!access.users.empty()) return fail(ErrorKind::Conflict, "this installation has users already");
  TRY_VOID(check_name(c.admin, "name"));
  UserId const admin{1};
  TeamId const team{1};
  return AccessEvents{UserSet{{admin, c.admin, Role::Admin, false, {}}}, TeamSet{{team, "default", {}, {}}},
                      ProjectSet{{ProjectId{1}, "default", team, {admin}, {}}},
                      TokenMade{{TokenId{1}, TokenKind::User, admin, "first-start", c.token_hash, now, {}, false}}};
}

}  // namespace

User const* Access::user_named(std::string_view name) const { return named(users, name); }
Team const* Access::team_named(std::string_view name) const { return named(teams, name); }
Project const* Access::project_named(std::string_view name) const { return named(projects, name); }

Token const* Access::token_for(std::string const& hash, Time now) const {
  auto it = token_of_hash.find(hash);
  if (it == token_of_hash.end()) return nullptr;
  Token const& token = tokens.at(it->second);
  auto user = users.find(token.user);
  bool const open = !token.revoked && (!token.expires || now < token.expires) && user != users.end() && !user->second.disabled;
  return open ? &token : nullptr;
}

bool Access::is_member(ProjectId project, UserId user) const {
  auto it = projects.find(project);
  return it != projects.end() && std::binary_search(it->second.members.begin(), it->second.members.end(), user);
}

Result<std::vector<AccessEvent>> decide(Access const& access, AccessCommand const& command, UserId, Time now) {
  return std::visit([&](auto const& c) { return on(access, c, now); }, command);
}

void apply(Access& access, AccessEvent const& event) {
  struct {
    Access& access;
    void operator()(UserSet const& e) { access.users[e.user.id] = e.user; }
    void operator()(TeamSet const& e) { access.teams[e.team.id] = e.team; }
    void operator()(ProjectSet const& e) { access.projects[e.project.id] = e.project; }
    void operator()(TokenMade const& e) {
      access.tokens[e.token.id] = e.token;
      access.token_of_hash[e.token.hash] = e.token.id;
    }
    void operator()(TokenRevoked const& e) {
      Token& token = access.tokens.at(e.token);
      token.revoked = true;
      access.token_of_hash.erase(token.hash);
    }
    void operator()(WebhookMade const& e) { access.webhooks[e.webhook.id] = e.webhook; }
    void operator()(WebhookRemoved const& e) { access.webhooks.at(e.webhook).removed = true; }
    void operator()(ReportScheduleSet const& e) { access.report_schedules[e.schedule.name] = e.schedule; }
    void operator()(ReportScheduleRemoved const& e) { access.report_schedules.erase(e.name); }
  } change{access};
  std::visit(change, event);
}

void tell(Accounts& accounts, AccessEvent const& event, Time at) {
  if (auto const* user = std::get_if<UserSet>(&event)) set_user(accounts, user->user.id, user->user.name, user->user.limits);
  if (auto const* team = std::get_if<TeamSet>(&event)) set_team(accounts, team->team.id, team->team.name, team->team.parent, team->team.quota, at);
  if (auto const* project = std::get_if<ProjectSet>(&event))
    set_project(accounts, project->project.id, project->project.name, project->project.team, project->project.quota, at);
}

void tell(Accounts& accounts, Access const& access, Time at) {
  for (auto const& [id, user] : access.users) tell(accounts, UserSet{user}, at);
  for (auto const& [id, team] : access.teams) tell(accounts, TeamSet{team}, at);
  for (auto const& [id, project] : access.projects) tell(accounts, ProjectSet{project}, at);
}

}  // namespace nav
