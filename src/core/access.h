// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/event.h"

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
  bool operator==(User const&) const = default;
};
BOOST_DESCRIBE_STRUCT(User, (), (id, name, role, disabled))

struct Team {
  TeamId id;
  std::string name;
  bool operator==(Team const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Team, (), (id, name))

struct Project {
  ProjectId id;
  std::string name;
  TeamId team;
  std::vector<UserId> members;  ///< ascending
  bool operator==(Project const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Project, (), (id, name, team, members))

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
BOOST_DESCRIBE_STRUCT(UserSet, (), (user))
BOOST_DESCRIBE_STRUCT(TeamSet, (), (team))
BOOST_DESCRIBE_STRUCT(ProjectSet, (), (project))
BOOST_DESCRIBE_STRUCT(TokenMade, (), (token))
BOOST_DESCRIBE_STRUCT(TokenRevoked, (), (token))

using AccessEvent = std::variant<UserSet, TeamSet, ProjectSet, TokenMade, TokenRevoked>;

struct Access {
  std::map<UserId, User> users;
  std::map<TeamId, Team> teams;
  std::map<ProjectId, Project> projects;
  std::map<TokenId, Token> tokens;
  std::map<std::string, TokenId> token_of_hash;  ///< those not revoked

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
  std::optional<Role> role;
  std::optional<bool> disabled;
};
struct MakeTeam {
  std::string name;
};
struct MakeProject {
  std::string name;
  TeamId team;
};
struct SetMembers {
  ProjectId project;
  std::vector<UserId> add, remove;
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
/// The first start of an installation: its admin, the project "default" of the team "default", and the admin's token.
struct Found {
  std::string admin;
  std::string token_hash;
};

using AccessCommand = std::variant<MakeUser, ChangeUser, MakeTeam, MakeProject, SetMembers, MakeToken, RevokeToken, Found>;

Result<std::vector<AccessEvent>> decide(Access const& access, AccessCommand const& command, UserId by, Time now);
void apply(Access& access, AccessEvent const& event);

}  // namespace nav
