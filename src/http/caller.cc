// SPDX-License-Identifier: Apache-2.0
#include "http/caller.h"

#include "http/session.h"

namespace nav::http {
namespace {

using Kind = Caller::Kind;

Unexpected refused(std::string message) {
  return Unexpected(Error{ErrorKind::Unauthenticated, std::move(message), "give a token that is valid: `Authorization: Bearer nav_...` (nav login)", {}});
}

std::set<ProjectId> projects_of(Access const& access, UserId user) {
  std::set<ProjectId> mine;
  for (auto const& [id, project] : access.projects)
    if (access.is_member(id, user)) mine.insert(id);
  return mine;
}

Result<Caller> node_caller(Snapshot const& snapshot, NodeId id) {
  Node const* node = snapshot.pool.node(id);
  if (node == nullptr) return refused(fmt::format("there is no {}", to_text(id)));
  // One that was declared lost is heard too: so it learns that nothing should run on it any more.
  return Caller{.kind = Kind::Node, .node = id};
}

Result<Caller> job_caller(Snapshot const& snapshot, AttemptId attempt) {
  Job const* job = snapshot.pool.job(attempt.job);
  if (job == nullptr || job->attempt != attempt.number || !job->has_seat())
    return refused(fmt::format("attempt {} is over, and its token with it", to_text(attempt)));
  auto const user = snapshot.access->users.find(job->user);
  if (user == snapshot.access->users.end() || user->second.disabled) return refused("the user of this job is disabled");
  Role const role = includes(user->second.role, Role::Member) ? Role::Member : user->second.role;
  return Caller{.kind = Kind::Job, .user = job->user, .role = role, .attempt = attempt, .projects = std::set{job->project}};
}

Result<Caller> token_caller(Snapshot const& snapshot, std::string const& hash, Time now) {
  Token const* token = snapshot.access->token_for(hash, now);
  if (token == nullptr) return refused("this token is unknown, revoked or expired, or its user is disabled");
  if (token->kind == TokenKind::Join) return Caller{.kind = Kind::Joining, .user = token->user};
  Caller caller{.kind = Kind::User, .user = token->user, .role = snapshot.access->users.at(token->user).role, .token = token->id};
  if (includes(caller.role, Role::Operator)) caller.projects.reset();
  else caller.projects = projects_of(*snapshot.access, token->user);
  return caller;
}

Role role_for(api::Permission permission) {
  switch (permission) {
    case api::Permission::Viewer: return Role::Viewer;
    case api::Permission::Member: return Role::Member;
    case api::Permission::Operator: return Role::Operator;
    default: return Role::Admin;
  }
}

}  // namespace

bool is_loopback(std::string_view address) { return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127."); }

Result<Caller> caller_of(Request const& request, Snapshot const& snapshot, Front const& front, TokenReading const& reading, Time now) {
  std::string const* header = request.header("Authorization");
  if (header == nullptr) {
    if (!request.certificate) {
      auto const session = session_of(request, snapshot.installation);
      if (!session) return Caller{};
      TRY_VOID(check_origin(request));
      TRY(auto caller, token_caller(snapshot, reading.hash(*session), now));
      if (caller.kind != Kind::User) return refused("this cookie is no session's");
      return caller;
    }
    auto const node = parse_id<NodeTag>(request.certificate->common_name);
    if (!node) return refused("this certificate is no node's");
    return node_caller(snapshot, *node);
  }
  constexpr std::string_view bearer = "bearer ";
  bool is_bearer = header->size() > bearer.size();
  for (std::size_t i = 0; is_bearer && i < bearer.size(); ++i) is_bearer = ((*header)[i] | 0x20) == (bearer[i] | 0x20);
  if (!is_bearer) return refused("the Authorization header is not \"Bearer\" and a token");
  std::string const token = header->substr(bearer.size());
  if (auto const attempt = front.attempt_of_token(token)) return job_caller(snapshot, *attempt);
  if (reading.node_of)
    if (auto const node = reading.node_of(token)) {
      if (!is_loopback(request.peer_address)) return refused("a node's token is taken on loopback only: elsewhere its certificate speaks for it");
      return node_caller(snapshot, *node);
    }
  return token_caller(snapshot, reading.hash(token), now);
}

Result<void> check_permission(Caller const& caller, api::Route const& route) {
  auto const forbidden = [](std::string message, std::string hint) { return Unexpected(Error{ErrorKind::Forbidden, std::move(message), std::move(hint), {}}); };
  if (route.permission == api::Permission::Public) return {};
  if (caller.kind == Kind::Nobody) return refused("this needs a token");
  switch (route.permission) {
    case api::Permission::JoinToken:
      if (caller.kind == Kind::Joining) return {};
      return forbidden("this is for machines with a join token", "an operator makes one: nav token join");
    case api::Permission::Agent:
      if (caller.kind == Kind::Node) return {};
      return forbidden("this is for nodes of the pool", "join first: nav agent --join");
    case api::Permission::Viewer:
    case api::Permission::Member:
    case api::Permission::Operator:
    case api::Permission::Admin: break;
    default: return forbidden("this route is open to nobody", "");
  }
  if (caller.kind == Kind::Joining) return forbidden("a join token opens nothing but the pool's door", "make a token of your own: nav token make");
  if (caller.kind == Kind::Node) return forbidden("a node speaks for itself alone", "use a user's token");
  if (caller.kind == Kind::Job && route.job_tokens != api::JobTokens::Taken) return forbidden("a job's own token does not open this", "use a user's token");
  Role const needed = role_for(route.permission);
  if (includes(caller.role, needed)) return {};
  return forbidden(fmt::format("this needs the role {}, and yours is {}", enum_text(needed), enum_text(caller.role)), "ask an admin");
}

}  // namespace nav::http
