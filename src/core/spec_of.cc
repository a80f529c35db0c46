// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "core/command.h"
#include "core/gang.h"

namespace nav {

namespace {

/// To an agent every cause means the same, and one a protocol behind does not know the newest word.
StopCause stop_for_agent(StopCause cause) {
  if (cause == StopCause::StoppedEarly || cause == StopCause::Idle) return StopCause::Cancelled;
  bool const is_new = cause == StopCause::Preempted || cause == StopCause::Climb || cause == StopCause::Moved || cause == StopCause::Gang ||
                      cause == StopCause::Unhealthy;
  return is_new ? StopCause::Drained : cause;
}

/// A node that is gone keeps its line, so that ranks stay what they were.
MemberSpec member_spec(Pool const& pool, Job const& job) {
  Gang const& gang = pool.gangs.at(job.gang.value);
  MemberSpec member{.rank = job.rank(), .hosts = {}, .port = gang.port};
  for (NodeId id : gang.nodes) {
    Node const* node = pool.node(id);
    member.hosts.push_back(node ? address_of(*node) : "");
  }
  return member;
}

}  // namespace

NodeSpec spec_of(Pool const& pool, std::string const& installation, NodeId id) {
  Node const& node = pool.nodes.at(id.value);
  NodeSpec spec{.installation = installation, .node = id, .generation = node.generation, .gpus = {}, .attempts = {}};
  for (auto const& gpu : node.gpus) {
    GpuSpec& g = spec.gpus.emplace_back(GpuSpec{.uuid = gpu.uuid, .mode = gpu.mode, .managed = gpu.policy != GpuPolicy::Fixed, .layout = {}});
    for (auto const& slice : gpu.slices) g.layout.push_back(mig::to_text(gpu.geometry->board(), slice.at));
  }
  for (AttemptId attempt : node.attempts) {
    Job const& job = pool.jobs.at(attempt.job.value);
    AttemptSpec& a = spec.attempts.emplace_back(AttemptSpec{.id = attempt,
                                                            .body = to_text(job.body),
                                                            .gpus = {},
                                                            .placement = {},
                                                            .cpu_milli = job.seat.cpu_milli,
                                                            .memory_mib = job.seat.memory_mib,
                                                            .time_limit = job.seat.time_limit,
                                                            .restartable = job.restartable,
                                                            .stop = stop_for_agent(job.stop)});
    if (job.gang) a.member = member_spec(pool, job);
    for (std::uint32_t bits = job.seat.gpus; bits != 0; bits &= bits - 1) {
      Gpu const& gpu = node.gpus.at(static_cast<std::size_t>(std::countr_zero(bits)));
      a.gpus.push_back(gpu.uuid);
      if (job.seat.placement) a.placement = mig::to_text(gpu.geometry->board(), *job.seat.placement);
    }
  }
  return spec;
}

}  // namespace nav
