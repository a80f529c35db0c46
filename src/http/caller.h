// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/routes.h"
#include "controller/front.h"
#include "http/message.h"

namespace nav::http {

/// Who asks, and what they may see.
struct Caller {
  enum class Kind {
    Nobody,
    User,
    Job,      ///< a job with its own token: its user, at most as a member, within its project
    Joining,  ///< a machine with a join token
    Node,
  };
  Kind kind = Kind::Nobody;
  UserId user;
  Role role = Role::Viewer;
  AttemptId attempt;                                                    ///< Job
  NodeId node;                                                          ///< Node
  TokenId token = {};                                                   ///< User: by which
  std::optional<std::set<ProjectId>> projects = std::set<ProjectId>{};  ///< whose jobs they see; none: everybody's

  bool sees(ProjectId project) const { return !projects || projects->contains(project); }
  /// Whether they see everything there is, and not only what belongs to their projects.
  bool sees_all() const { return !projects; }
};

/// How tokens are read. The secrets themselves live outside.
struct TokenReading {
  std::function<std::string(std::string_view token)> hash;
  std::function<std::optional<NodeId>(std::string const& token)> node_of;  ///< tokens of agents on loopback; may be empty
};

/// Who the request comes from. No credentials at all are Nobody; wrong ones are Unauthenticated.
Result<Caller> caller_of(Request const& request, Snapshot const& snapshot, Front const& front, TokenReading const& reading, Time now);

/// Unauthenticated or Forbidden unless the route is open to the caller.
Result<void> check_permission(Caller const& caller, api::Route const& route);

bool is_loopback(std::string_view address);

}  // namespace nav::http
