// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/doc.h"
#include "api/quota.h"
#include "base/json.h"

namespace nav::api {

/// What a user may do, each including those after it: admin everything; operator nodes, templates and everybody's jobs; member jobs
/// in their projects; viewer only look.
enum class Role { Admin, Operator, Member, Viewer };
BOOST_DESCRIBE_ENUM(Role, Admin, Operator, Member, Viewer)

struct User {
  UserId id;
  std::string name;
  Role role = Role::Member;
  bool disabled = false;
  std::optional<UserLimits> limits;

  static constexpr Doc docs[] = {
      {"", "Somebody who may do something here."},         {"id", "Their number.", R"("user-2")"},
      {"name", "Unique; does not change.", R"("ada")"},    {"role", "What they may do.", R"("member")"},
      {"disabled", "Their tokens open nothing.", "false"}, {"limits", "What they may have at once; absent: not limited."},
  };
};
BOOST_DESCRIBE_STRUCT(User, (), (id, name, role, disabled, limits))

/// POST /v1/users
struct MakeUser {
  std::string name;
  Role role = Role::Member;

  static constexpr std::array required{"name"};
  static constexpr Doc docs[] = {
      {"", "A new user."},
      {"name", "Lower-case letters, digits and inner `-._`.", R"("ada")", R"("minLength":1,"maxLength":63)"},
      {"role", "What they may do.", R"("member")"},
  };
};
BOOST_DESCRIBE_STRUCT(MakeUser, (), (name, role))

/// PATCH /v1/users/{user}
struct ChangeUser {
  std::optional<Role> role;
  std::optional<bool> disabled;
  std::optional<SetUserLimits> limits;

  static constexpr Doc docs[] = {
      {"", "What is to change."},
      {"role", "What they may do from now on.", R"("operator")"},
      {"disabled", "Whether their tokens open nothing from now on.", "false"},
      {"limits", "What they may have at once, all of it: what is absent is not limited any more."},
  };
};
BOOST_DESCRIBE_STRUCT(ChangeUser, (), (role, disabled, limits))

struct Team {
  TeamId id;
  std::string name;
  std::optional<std::string> parent;
  std::optional<Quota> quota;

  static constexpr Doc docs[] = {
      {"", "People who share projects."},
      {"id", "Its number.", R"("team-1")"},
      {"name", "Unique; does not change.", R"("research")"},
      {"parent", "The team it is part of; absent: it stands at the top.", R"("institute")"},
      {"quota", "What it may use; absent: it has no quota."},
  };
};
BOOST_DESCRIBE_STRUCT(Team, (), (id, name, parent, quota))

/// POST /v1/teams
struct MakeTeam {
  std::string name;
  std::string parent;

  static constexpr std::array required{"name"};
  static constexpr Doc docs[] = {
      {"", "A new team."},
      {"name", "Lower-case letters, digits and inner `-._`.", R"("research")", R"("minLength":1,"maxLength":63)"},
      {"parent", "The team it is part of, by name; empty: it stands at the top.", R"("institute")"},
  };
};
BOOST_DESCRIBE_STRUCT(MakeTeam, (), (name, parent))

/// PATCH /v1/teams/{team}
struct ChangeTeam {
  std::optional<std::string> parent;
  std::optional<SetQuota> quota;

  static constexpr Doc docs[] = {
      {"", "What is to change."},
      {"parent", "The team it is part of from now on, by name; empty: it stands at the top.", R"("institute")"},
      {"quota", "What it may use from now on, all of it: what is absent is no limit any more. It may be less than is in use: then nothing is begun beyond it."},
  };
};
BOOST_DESCRIBE_STRUCT(ChangeTeam, (), (parent, quota))

struct Project {
  ProjectId id;
  std::string name;
  std::string team;
  std::vector<std::string> members;
  std::optional<Quota> quota;

  static constexpr Doc docs[] = {
      {"", "Work that belongs together: every job is of one project, and its members see it."},
      {"id", "Its number.", R"("project-1")"},
      {"name", "Unique; does not change.", R"("vision")"},
      {"team", "Whose it is.", R"("research")"},
      {"members", "Names of the users who see its jobs.", R"(["ada"])"},
      {"quota", "What it may use; absent: it has no quota of its own."},
  };
};
BOOST_DESCRIBE_STRUCT(Project, (), (id, name, team, members, quota))

/// POST /v1/projects
struct MakeProject {
  std::string name;
  std::string team;

  static constexpr std::array required{"name"};
  static constexpr Doc docs[] = {
      {"", "A new project, without members."},
      {"name", "Lower-case letters, digits and inner `-._`.", R"("vision")", R"("minLength":1,"maxLength":63)"},
      {"team", "Whose it is, by name. Empty: `default`.", R"("research")"},
  };
};
BOOST_DESCRIBE_STRUCT(MakeProject, (), (name, team))

/// PATCH /v1/projects/{project}
struct ChangeProject {
  std::vector<std::string> add;
  std::vector<std::string> remove;
  std::optional<std::string> team;
  std::optional<SetQuota> quota;

  static constexpr Doc docs[] = {
      {"", "What is to change."},
      {"add", "Names of users who become members.", R"(["ada"])", R"("maxItems":10000)"},
      {"remove", "Names of users who are members no longer.", "[]", R"("maxItems":10000)"},
      {"team", "Whose it is from now on, by name.", R"("research")"},
      {"quota", "What it may use from now on, all of it: what is absent is no limit any more. It may be less than is in use: then nothing is begun beyond it."},
  };
};
BOOST_DESCRIBE_STRUCT(ChangeProject, (), (add, remove, team, quota))

/// What a token opens: the API, as its user; or the pool, for one more node or several until it expires.
enum class TokenKind { User, Join };
BOOST_DESCRIBE_ENUM(TokenKind, User, Join)

struct Token {
  TokenId id;
  TokenKind kind = TokenKind::User;
  std::string user;
  std::string name;
  Time made;
  std::optional<Time> expires;
  bool revoked = false;

  static constexpr Doc docs[] = {
      {"", "A key, without its secret."},
      {"id", "Its number.", R"("token-3")"},
      {"kind", "What it opens.", R"("user")"},
      {"user", "Whose it is.", R"("ada")"},
      {"name", "What it is for.", R"("laptop")"},
      {"made", "When."},
      {"expires", "When it opens nothing any more; absent: never."},
      {"revoked", "It opens nothing any more.", "false"},
  };
};
BOOST_DESCRIBE_STRUCT(Token, (), (id, kind, user, name, made, expires, revoked))

/// POST /v1/tokens
struct MakeToken {
  std::string name;
  std::string user;
  std::optional<Duration> valid_for;

  static constexpr std::array required{"name"};
  static constexpr Doc docs[] = {
      {"", "A new token for the API."},
      {"name", "What it is for: lower-case letters, digits and inner `-._`.", R"("laptop")", R"("minLength":1,"maxLength":63)"},
      {"user", "Whose it will be, by name; only an admin makes tokens for others. Empty: yours.", R"("ada")"},
      {"valid_for", "How long; absent: for ever.", "7776000000000", R"("minimum":1,"maximum":3153600000000000)"},
  };
};
BOOST_DESCRIBE_STRUCT(MakeToken, (), (name, user, valid_for))

/// POST /v1/join-tokens
struct MakeJoinToken {
  std::string name = "join";
  Duration valid_for = hours(1);

  static constexpr Doc docs[] = {
      {"", "A new token with which machines join the pool."},
      {"name", "What it is for: lower-case letters, digits and inner `-._`.", R"("rack-7")", R"("minLength":1,"maxLength":63)"},
      {"valid_for", "How long.", "3600000000", R"("minimum":1,"maximum":31536000000000)"},
  };
};
BOOST_DESCRIBE_STRUCT(MakeJoinToken, (), (name, valid_for))

struct MadeToken {
  Token token;
  std::string secret;
  std::optional<std::string> join;

  static constexpr Doc docs[] = {
      {"", "A new token with its secret."},
      {"token", "What can be read of it from now on."},
      {"secret", "Shown this once: only its hash is kept.", R"("nav_8Jk2...")"},
      {"join", "Of a token for joining: the address agents dial, with the fingerprint of the CA to expect there; absent where it is not known."},
  };
};
BOOST_DESCRIBE_STRUCT(MadeToken, (), (token, secret, join))

/// POST /v1/session
struct Session {
  std::string user;
  Role role = Role::Viewer;
  Time expires;

  static constexpr Doc docs[] = {
      {"", "A browser is signed in: its cookie is a token of its own, `browser`, among the user's tokens."},
      {"user", "Who you are.", R"("ada")"},
      {"role", "What you may do.", R"("member")"},
      {"expires", "When you have to sign in again."},
  };
};
BOOST_DESCRIBE_STRUCT(Session, (), (user, role, expires))

/// GET /v1/whoami
struct Whoami {
  std::string user;
  Role role = Role::Viewer;
  std::vector<std::string> projects;
  std::optional<AttemptId> attempt;

  static constexpr Doc docs[] = {
      {"", "Who you are to this installation."},
      {"user", "Your name.", R"("ada")"},
      {"role", "What you may do.", R"("member")"},
      {"projects", "Projects whose jobs you see.", R"(["vision"])"},
      {"attempt", "The attempt you speak from, if your token is a job's own.", R"("42.1")"},
  };
};
BOOST_DESCRIBE_STRUCT(Whoami, (), (user, role, projects, attempt))

}  // namespace nav::api
