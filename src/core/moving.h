// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/command.h"

/// Moves on demand: running jobs stop and begin anew elsewhere, so that a waiting job fits. A move is a preemption whose victim has a place already:
/// both places are claimed in the commit that stops it, and what is claimed so is promised. `decide` gives it to nobody else.
namespace nav {

/// Whether this job may be moved now for a waiting job of this class; none: an administrator asks. Conflict says why not: it is not restartable or
/// not to be preempted, of a higher class, not running, or was moved a short while ago.
Result<void> may_be_moved(Pool const& pool, Job const& job, std::optional<PriorityClass> for_class, Time now);

/// So many jobs may be on the move at once: each of them is cut and started anew, and their nodes have other things to do.
std::size_t moves_at_once(Pool const& pool);
/// Jobs that were told to move and have not begun anew.
std::size_t moves_under_way(Pool const& pool);

/// Processors and memory that go with a job on one of its rungs.
struct Needs {
  std::uint32_t cpu_milli = 0;
  std::uint64_t memory_mib = 0;
};
Needs needs_of(RequestClass const& request, Template const& t);

/// What of this place is promised to jobs that move, in words; nothing: the job may have it. A GPU on which places are promised takes nobody else.
std::optional<std::string> promised(Pool const& pool, JobId job, Node const& node, std::uint32_t gpus, Needs const& needs);

/// The first limit that `more` for this job runs into, when those who are between two places are counted with what they will have.
std::optional<LimitReached> limit_reached(Pool const& pool, Job const& job, Amount more);

/// Who moves so that this job has its place, and where to.
std::vector<Claim> moves_for(Pool const& pool, JobId job);

/// "gpu1 3g.20gb@4 of dgx-0"
std::string place_text(Pool const& pool, NodeId node, std::uint32_t gpus, std::optional<mig::Placement> placement);

/// A part of decide().
Result<std::vector<PoolEvent>> decide_on(Pool const& pool, MoveJobs const& c, Asked const& asked);

}  // namespace nav
