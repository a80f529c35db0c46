// SPDX-License-Identifier: Apache-2.0
#include "main/bench_pool.h"

#include "core/decide_report.h"
#include "sim/boards.h"

namespace nav::bench {

Inventory dgx_inventory(std::string const& name) {
  mig::Board const board = sim::a100();
  Inventory inventory;
  inventory.hostname = name;
  inventory.simulated = true;
  inventory.cpus = 256;
  inventory.memory_mib = 1'048'576;
  inventory.boards = {board};
  for (std::uint32_t i = 0; i < 8; ++i) {
    GpuInventory gpu;
    gpu.index = gpu.minor = i;
    gpu.uuid = fmt::format("GPU-{}-{}", name, i);
    gpu.model = board.model;
    gpu.memory_mib = board.memory_mib;
    gpu.mig_capable = true;
    inventory.gpus.push_back(std::move(gpu));
  }
  return inventory;
}

NodeStatus first_status(NodeId node, Inventory const& inventory) {
  NodeStatus status;
  status.node = node;
  status.boot = "bench";
  status.inventory = inventory;
  for (auto const& gpu : inventory.gpus) {
    status.gpus.emplace_back().uuid = gpu.uuid;
    status.gpus.back().mode = GpuMode::Mig;
  }
  return status;
}

Result<void> BenchPool::command(PoolCommand const& what) {
  nav::Asked const asked{UserId{1}, Time{++clock_us_}};
  TRY(auto const events, decide(pool, what, asked));
  for (auto const& event : events) apply(pool, event, {++sequence_, 1, asked.now, asked.by});
  return {};
}

Result<void> BenchPool::add_nodes(std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    NodeId const node{pool.next_node};
    std::string const name = fmt::format("dgx-{}", i);
    TRY_VOID(command(JoinNode{name, "here", {}}));
    TRY_VOID(command(ReportNode{first_status(node, dgx_inventory(name))}));
  }
  index.rebuild(pool);
  return {};
}

void BenchPool::finish(AttemptId attempt) {
  Job const job = *pool.job(attempt.job);
  AttemptEnded ended;
  ended.attempt = attempt;
  ended.started = ended.ended = Time{++clock_us_};
  std::vector<PoolEvent> events;
  conclude(pool, job, std::move(ended), events);
  for (auto const& event : events) apply(pool, event, {++sequence_, 1, Time{clock_us_}, UserId{}});
  index.refresh(pool, job.seat.node);
}

}  // namespace nav::bench
