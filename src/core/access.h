// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/sealed.h"
#include "core/accounts.h"
#include "core/event.h"
#include "core/report_schedule.h"
#include "core/webhook.h"

/// The second stream of facts: who may do what. Small, so plain maps; copied whole for a snapshot.
namespace nav {

/// What a user may do, each including those after it: admin everything; operator nodes, templates and everybody's jobs; member jobs in
/// their projects; viewer only look.
enum class Role { Admin, Operator, Member, Viewer };
BOOST_DESCRIBE_ENUM(Role, Admin, Operator, Member, Viewer)

inline bool includes(Role has, Role needed) { return has <= needed; }

struct User {
  UserId id;
  std::string name;
  Role role = Role::Member;
  bool disabled = false;
  UserLimits limits = {};
  bool operator==(User const&) const = default;
};
BOOST_DESCRIBE_STRUCT(User, (), (id, name, role, disabled, limits))

struct Team {
  TeamId id;
  std::string name;
  TeamId parent = {};  ///< the team it is part of; none: it stands at the top
  Quota quota = {};
  bool operator==(Team const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Team, (), (id, name, parent, quota))

struct Project {
  ProjectId id;
  std::string name;
  TeamId team;
  std::vector<UserId> members;  ///< ascending
  Quota quota = {};
  bool operator==(Project const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Project, (), (id, name, team, members, quota))

/// What a token opens.
enum class TokenKind {
  User,  ///< the API, as its user
  Join,  ///< one more node, or several until it expires
};
BOOST_DESCRIBE_ENUM(TokenKind, User, Join)

/// A secret's hash; the secret itself is shown once, to whom it was made for.
struct Token {
  TokenId id;
  TokenKind kind = TokenKind::User;
  UserId user;
  std::string name;
  std::string hash;
  Time made;
  Time expires;  ///< zero: never
  bool revoked = false;
  bool operator==(Token const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Token, (), (id, kind, user, name, hash, made, expires, revoked))

struct UserSet {
  static constexpr std::string_view type = "UserSet";
  User user;
};
struct TeamSet {
  static constexpr std::string_view type = "TeamSet";
  Team team;
};
struct ProjectSet {
  static constexpr std::string_view type = "ProjectSet";
  Project project;
};
struct TokenMade {
  static constexpr std::string_view type = "TokenMade";
  Token token;
};
struct TokenRevoked {
  static constexpr std::string_view type = "TokenRevoked";
  TokenId token;
};
struct WebhookMade {
  static constexpr std::string_view type = "WebhookMade";
  Webhook webhook;
};
struct WebhookRemoved {
  static constexpr std::string_view type = "WebhookRemoved";
  WebhookId webhook;
};
struct ReportScheduleSet {
  static constexpr std::string_view type = "ReportScheduleSet";
  ReportSchedule schedule;
};
struct ReportScheduleRemoved {
  static constexpr std::string_view type = "ReportScheduleRemoved";
  std::string name;
};
BOOST_DESCRIBE_STRUCT(UserSet, (), (user))
BOOST_DESCRIBE_STRUCT(TeamSet, (), (team))
BOOST_DESCRIBE_STRUCT(ProjectSet, (), (project))
BOOST_DESCRIBE_STRUCT(TokenMade, (), (token))
BOOST_DESCRIBE_STRUCT(TokenRevoked, (), (token))
BOOST_DESCRIBE_STRUCT(WebhookMade, (), (webhook))
BOOST_DESCRIBE_STRUCT(WebhookRemoved, (), (webhook))
BOOST_DESCRIBE_STRUCT(ReportScheduleSet, (), (schedule))
BOOST_DESCRIBE_STRUCT(ReportScheduleRemoved, (), (name))

struct AccessEvent
    : std::variant<UserSet, TeamSet, ProjectSet, TokenMade, TokenRevoked, WebhookMade, WebhookRemoved, ReportScheduleSet, ReportScheduleRemoved> {
  NAV_SEALED(AccessEvent)
};
extern template Result<AccessEvent> json_read<AccessEvent>(std::string_view text, Unknown unknown);  // compiled once, in access.cc

/// Teams one above another.
inline constexpr std::size_t most_team_levels = 32;

struct Access {
  std::map<UserId, User> users;
  std::map<TeamId, Team> teams;
  std::map<ProjectId, Project> projects;
  std::map<TokenId, Token> tokens;
  std::map<std::string, TokenId> token_of_hash;  ///< those not revoked
  std::map<WebhookId, Webhook> webhooks;         ///< those removed too
  std::map<std::string, ReportSchedule, std::less<>> report_schedules;

  User const* user_named(std::string_view name) const;
  Team const* team_named(std::string_view name) const;
  Project const* project_named(std::string_view name) const;
  /// The token of this hash if it opens anything now.
  Token const* token_for(std::string const& hash, Time now) const;
  bool is_member(ProjectId project, UserId user) const;
};

struct MakeUser {
  std::string name;
  Role role = Role::Member;
};
struct ChangeUser {
  UserId user;
  std::optional<Role> role = {};
  std::optional<bool> disabled = {};
  std::optional<UserLimits> limits = {};  ///< all of them
};
struct MakeTeam {
  std::string name;
  TeamId parent = {};
};
struct ChangeTeam {
  TeamId team;
  std::optional<TeamId> parent = {};  ///< no team: to the top
  std::optional<Quota> quota = {};    ///< all of it
};
struct MakeProject {
  std::string name;
  TeamId team;
};
struct ChangeProject {
  ProjectId project;
  std::vector<UserId> add = {}, remove = {};  ///< members
  std::optional<TeamId> team = {};
  std::optional<Quota> quota = {};  ///< all of it
};
struct MakeToken {
  TokenKind kind = TokenKind::User;
  UserId user;
  std::string name;
  std::string hash;
  Time expires;
};
struct RevokeToken {
  TokenId token;
};
struct MakeWebhook {
  std::string url;
  std::vector<NoticeKind> kinds;
};
struct RemoveWebhook {
  WebhookId webhook;
};
struct MakeReportSchedule {
  std::string name;
  ReportWish wish;
};
struct ChangeReportSchedule {
  std::string name;
  std::uint32_t seen = 0;  ///< its revision, as it was looked at
  ReportWish wish;         ///< all of it
};
struct PauseReportSchedule {
  std::string name;
};
struct ResumeReportSchedule {
  std::string name;
};
struct RemoveReportSchedule {
  std::string name;
};
/// The first start of an installation: its admin, the project "default" of the team "default", and the admin's token.
struct Found {
  std::string admin;
  std::string token_hash;
};

struct AccessCommand : std::variant<MakeUser, ChangeUser, MakeTeam, ChangeTeam, MakeProject, ChangeProject, MakeToken, RevokeToken, MakeWebhook, RemoveWebhook,
                                    MakeReportSchedule, ChangeReportSchedule, PauseReportSchedule, ResumeReportSchedule, RemoveReportSchedule, Found> {
  NAV_SEALED(AccessCommand)
};

Result<std::vector<AccessEvent>> decide(Access const& access, AccessCommand const& command, UserId by, Time now);
void apply(Access& access, AccessEvent const& event);
/// What the pool has to know of it: the tree and its quotas, and users' limits.
void tell(Accounts& accounts, AccessEvent const& event, Time at);
/// The same of all that is so.
void tell(Accounts& accounts, Access const& access, Time at);

}  // namespace nav
