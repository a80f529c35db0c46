// SPDX-License-Identifier: Apache-2.0
#include "replay/world.h"

#include "core/decide_report.h"

namespace nav::replay {
namespace {

/// The node whose free parts an event may change.
NodeId node_of(Pool const& before, PoolEvent const& event) {
  if (auto const* placed = std::get_if<JobPlaced>(&event)) return placed->node;
  if (auto const* ended = std::get_if<AttemptEnded>(&event)) return before.jobs.at(ended->attempt.job.value).seat.node;
  return std::visit(
      [](auto const& one) -> NodeId {
        if constexpr (requires { one.node; }) return one.node;
        else return {};
      },
      event);
}

}  // namespace

Result<void> World::build(PoolPlan const& plan) {
  now = Time{1};
  for (auto const& kind : plan)
    for (std::uint32_t i = 0; i < kind.count; ++i) {
      NodeId const node{pool.next_node};
      std::string const name = fmt::format("{}-{}", kind.name, i + 1);
      TRY_VOID(command(JoinNode{name, "here", {}}));
      NodeStatus status;
      status.node = node;
      status.boot = "simulated";
      status.inventory = kind.inventory;
      status.inventory.hostname = name;
      for (auto& gpu : status.inventory.gpus) {
        gpu.uuid = fmt::format("GPU-{}-{}", name, gpu.index);
        status.gpus.emplace_back().uuid = gpu.uuid;
      }
      TRY_VOID(command(ReportNode{std::move(status)}));
    }
  index.rebuild(pool);
  return {};
}

Result<std::vector<PoolEvent>> World::command(PoolCommand const& what, UserId by) {
  TRY(auto decided, decide(pool, what, Asked{by, now}));
  apply_all(decided, by);
  return decided;
}

void World::apply_all(std::vector<PoolEvent> const& all, UserId by) {
  for (auto const& event : all) {
    NodeId const node = node_of(pool, event);
    apply(pool, event, {++events, 1, now, by});
    if (node) index.refresh(pool, node);
    if (auto const* queued = std::get_if<JobsQueued>(&event)) index.saw(pool, queued->on.front(), queued->count);
  }
}

void World::start(JobId job) { apply_all({JobStarted{pool.jobs.at(job.value).attempt_id(), now, {}}}); }

std::vector<PoolEvent> World::finish(JobId id, Outcome outcome) {
  Job const job = pool.jobs.at(id.value);
  std::vector<PoolEvent> decided;
  conclude(pool, job, {.attempt = job.attempt_id(), .outcome = outcome, .started = job.started, .ended = now}, decided);
  apply_all(decided);
  return decided;
}

}  // namespace nav::replay
