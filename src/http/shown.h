// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "api/access.h"
#include "api/jobs.h"
#include "api/nodes.h"
#include "api/pool.h"
#include "api/templates.h"
#include "controller/front.h"
#include "controller/views.h"
#include "http/caller.h"
#include "plan/forecast.h"

/// How what the controller knows is shown to a caller: the one place where the core's types become the API's.
namespace nav::http {

api::Job shown(JobRow const& row);
api::Attempt shown(AttemptRow const& row);
/// A job that is not over, from the snapshot alone. `request` is its blob.
api::Job shown(Snapshot const& snapshot, Job const& job, std::string const& request);
api::ServiceState shown(ServiceStatus const& service);
/// "gpu0 1g.5gb@4", "gpu0 gpu1", "cpu"
std::string place_text(Node const& node, Seat const& seat);

/// Holders the caller may not see are left out.
api::Node shown(Snapshot const& snapshot, Node const& node, Caller const& caller);
api::Template shown(Access const& access, Template const& what);
/// Sums over all nodes that are not lost.
api::Pool pool_sums(Snapshot const& snapshot);

/// Holders the caller may not see are left out.
api::Why shown(Snapshot const& snapshot, JobId job, Reason const& reason, Caller const& caller);

/// `on`: the compute list of whose start it is.
api::Start shown(Snapshot const& snapshot, ExpectedStart const& start, std::vector<std::string> const& on);

/// Whose member the job is; none: it is a job by itself.
std::optional<api::GangMember> shown_gang(Pool const& pool, Job const& job);

/// A job that moves. While it still sits somewhere, from where.
api::Move shown_move(Snapshot const& snapshot, JobId job, NodeId node, std::uint32_t gpus, std::optional<mig::Placement> placement);

api::User shown(User const& user);
/// Nothing if it says nothing.
std::optional<api::Quota> shown(Quota const& quota);
std::optional<api::UserLimits> shown(UserLimits const& limits);
api::Team shown(Access const& access, Team const& team);
api::Project shown(Access const& access, Project const& project);
api::Token shown(Access const& access, Token const& token);

/// An event as it stands in the journal: {"JobPlaced":{...}}. Hashes of tokens and the paths of webhooks are left out. Nothing if it is not one event.
std::optional<api::Event> shown_event(std::uint64_t sequence, Time at, std::string by, std::string const& body);
std::string user_name(Access const& access, UserId user);

/// Whether the caller may see this attempt's job. Only jobs that are not over are looked for.
bool sees_holder(Snapshot const& snapshot, AttemptId attempt, Caller const& caller);

}  // namespace nav::http
