// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <map>
#include <string>
#include <vector>

#include "mig/boards_fixture.h"
#include "plan/plan.h"

/// A small pool for tests of the planner, driven through decide and apply as the controller does it.
namespace nav::fixture {

struct World {
  Pool pool;
  PlanIndex index;
  std::uint64_t sequence = 0;
  std::int64_t clock_us = 1'000'000;
  std::map<NodeId, Inventory> inventories;

  /// Decides, applies and refreshes what was touched.
  Result<void> command(PoolCommand const& what) {
    Asked const asked{UserId{1}, Time{++clock_us}};
    TRY(auto const events, decide(pool, what, asked));
    for (auto const& event : events) apply(pool, event, {++sequence, 1, asked.now, asked.by});
    pool.nodes.each([&](Node const& node) { index.refresh(pool, node.id); });
    return {};
  }
  void must(PoolCommand const& what) {
    auto const done = command(what);
    ASSERT_TRUE(done) << to_text(done.error());
  }

  NodeId node(std::string const& name, std::vector<mig::Board> const& gpus, std::uint32_t cpus = 256, std::uint64_t memory_mib = 1'048'576,
              std::string const& site = "here") {
    NodeId const id{pool.next_node};
    must(JoinNode{name, site, {}});
    Inventory inventory{.hostname = name,
                        .os = {},
                        .agent_version = {},
                        .driver_version = {},
                        .simulated = true,
                        .cpus = cpus,
                        .memory_mib = memory_mib,
                        .boards = {},
                        .gpus = {}};
    for (auto const& board : gpus) {
      auto const index_of_gpu = static_cast<std::uint32_t>(inventory.gpus.size());
      auto known = std::find(inventory.boards.begin(), inventory.boards.end(), board);
      if (known == inventory.boards.end()) known = inventory.boards.insert(known, board);
      inventory.gpus.push_back({.index = index_of_gpu,
                                .uuid = fmt::format("GPU-{}-{}", name, index_of_gpu),
                                .model = board.model,
                                .board = static_cast<std::uint32_t>(known - inventory.boards.begin()),
                                .memory_mib = board.memory_mib,
                                .minor = index_of_gpu,
                                .pci_bus_id = {},
                                .mig_capable = !board.profiles.empty(),
                                .architecture = {},
                                .nvlink_peers = {}});
    }
    inventories[id] = inventory;
    report(id);
    return id;
  }

  /// The node reports what it should: everything runs, but what is named in `ended`.
  NodeStatus status(NodeId id, std::vector<AttemptId> const& ended = {}) {
    Node const& node = pool.nodes.at(id.value);
    NodeStatus status{.protocol = sync_protocol,
                      .node = id,
                      .boot = "boot",
                      .generation = node.generation,
                      .inventory = inventories[id],
                      .gpus = {},
                      .attempts = {},
                      .xids = {}};
    for (auto const& gpu : inventories[id].gpus) {
      GpuStatus& seen = status.gpus.emplace_back();
      seen.uuid = gpu.uuid;
      if (gpu.index >= node.gpus.size()) continue;
      Gpu const& known = node.gpus[gpu.index];
      seen.mode = known.mode;
      for (auto const& slice : known.slices) seen.instances.push_back({mig::to_text(known.geometry->board(), slice.at), "MIG-x", {}});
    }
    for (AttemptId attempt : node.attempts) {
      AttemptStatus& seen = status.attempts.emplace_back();
      seen.id = attempt;
      seen.started = Time{clock_us};
      seen.phase = AttemptPhase::Running;
      if (std::find(ended.begin(), ended.end(), attempt) != ended.end()) seen.phase = AttemptPhase::Ended, seen.ended = Time{clock_us};
    }
    return status;
  }
  void report(NodeId id, std::vector<AttemptId> const& ended = {}) { must(ReportNode{status(id, ended)}); }

  JobId submit(std::vector<std::string> on, std::uint32_t count = 1, std::int32_t priority = 0, std::uint32_t cpu_milli = 0, std::uint64_t memory_mib = 0) {
    JobId const first{pool.next_job};
    SubmitJobs submit;
    submit.request.on = std::move(on);
    submit.request.command = {"true"};
    submit.request.priority = priority;
    submit.request.cpu_milli = cpu_milli;
    submit.request.memory_mib = memory_mib;
    submit.count = count;
    submit.project = ProjectId{1};
    must(submit);
    return first;
  }

  JobId submit_gang(std::uint32_t members, std::string on, Duration limit = {}) {
    JobId const first{pool.next_job};
    SubmitJobs submit;
    submit.request.on = {std::move(on)};
    submit.request.command = {"true"};
    submit.request.members = members;
    submit.request.time_limit = limit;
    submit.project = ProjectId{1};
    must(submit);
    return first;
  }

  /// It ends well by itself.
  void finish(JobId id) {
    Job const& job = pool.jobs.at(id.value);
    report(job.seat.node, {job.attempt_id()});
  }

  /// One round: "1 -> a/0:1g.5gb@6; 2 -> a cpu".
  std::string round(std::size_t most = 1000) {
    std::string text;
    auto const took = [&](PoolCommand const& what, std::vector<PlaceJob> const& places) {
      auto const placed = command(what);
      EXPECT_TRUE(placed) << to_text(placed.error());
      for (auto const& place : places) text += (text.empty() ? "" : "; ") + to_text(place);
      return placed.has_value();
    };
    auto const plan = plan_round(
        pool, index, most, [&](PlaceJob const& place) { return took(place, {place}); }, {}, [&](PlaceGang const& gang) { return took(gang, gang.members); });
    return plan.complete ? text : text + "; ...";
  }

  std::string to_text(PlaceJob const& place) {
    Node const& node = pool.nodes.at(place.node.value);
    std::string text = fmt::format("{} -> {}", place.job.value, node.name);
    if (place.gpus == 0) text += " cpu";
    char before = '/';
    for (auto bits = place.gpus; bits != 0; bits &= bits - 1) {
      auto const gpu = static_cast<std::size_t>(std::countr_zero(bits));
      text += fmt::format("{}{}", before, gpu);
      before = ',';
      if (place.placement) text += ":" + mig::to_text(node.gpus[gpu].geometry->board(), *place.placement);
    }
    return text;
  }
  static std::string to_text(Error const& error) { return nav::to_text(error); }

  std::string why(JobId job) {
    auto const reason = nav::why(pool, index, job);
    return fmt::format("{}: {}", enum_text(reason.lack), reason.sentence);
  }
};

}  // namespace nav::fixture
