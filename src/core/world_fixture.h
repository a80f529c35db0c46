// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <gtest/gtest.h>

#include "core/access.h"
#include "core/command.h"
#include "mig/boards_fixture.h"

/// Small worlds for tests: `World world = pool_of(node("a", a100("3g.20gb@4"), a100()));`. A world is a pool, the clock, and what is really on the
/// nodes, so that a test says only what is different.
namespace nav::fixture {

/// A GPU with the slices that stand on it when its node joins.
struct GpuOf {
  mig::Board board;
  std::vector<std::string> layout;
};
inline GpuOf a100(std::vector<std::string> layout = {}) { return {mig::fixture::a100_40(), std::move(layout)}; }
inline GpuOf a100(char const* placement) { return a100(std::vector<std::string>{placement}); }
inline GpuOf v100() { return {mig::fixture::v100(), {}}; }

struct NodeOf {
  std::string name;
  std::vector<GpuOf> gpus;
  std::uint32_t cpus = 64;
  std::uint64_t memory_mib = 262'144;
};
template <class... Gpus>
NodeOf node(std::string name, Gpus... gpus) {
  return {std::move(name), {std::move(gpus)...}};
}

/// A request, changed where the test needs it: `job("train", "mig-1g.5gb")`.
inline JobRequest job(std::string name, std::vector<std::string> on) {
  JobRequest request;
  request.name = std::move(name);
  request.project = "default";
  request.on = std::move(on);
  request.command = {"true"};
  return request;
}
inline JobRequest job(std::string name, std::string on) { return job(std::move(name), std::vector{std::move(on)}); }

class World {
 public:
  Pool pool;
  std::vector<std::pair<PoolEvent, Stamp>> history;  ///< all that happened
  Time now{1'000'000};
  UserId by{1};
  std::map<NodeId, NodeStatus> real;  ///< what each node would report

  Result<std::vector<PoolEvent>> ask(PoolCommand const& command) {
    now = now + milliseconds(1);
    auto events = decide(pool, command, {by, now});
    if (events)
      for (auto const& event : *events) happen(event);
    return events;
  }
  void happen(PoolEvent const& event) {
    Stamp const stamp{pool.sequence + 1, std::max<std::uint64_t>(pool.epoch, 1), now, by};
    history.emplace_back(event, stamp);
    apply(pool, event, stamp);
  }
  /// The types of the events it came to, "JobStopRequested JobEnded", or "refused: why".
  std::string tell(PoolCommand const& command) {
    auto const events = ask(command);
    if (!events) return fmt::format("refused: {}", events.error().message);
    std::string text;
    for (auto const& event : *events) {
      if (!text.empty()) text += ' ';
      text += std::visit([](auto const& e) { return std::string(e.type); }, event);
    }
    return text;
  }
  void restart_controller() {
    Stamp const stamp{pool.sequence + 1, pool.epoch + 1, now, {}};
    history.emplace_back(ControllerStarted{"test"}, stamp);
    apply(pool, history.back().first, stamp);
  }

  NodeId join(NodeOf const& made) {
    NodeId const id{pool.next_node};
    EXPECT_TRUE(ask(JoinNode{made.name, "here", {}}));
    NodeStatus& status = real[id];
    status.node = id;
    status.boot = "boot-1";
    status.inventory = {.hostname = made.name, .cpus = made.cpus, .memory_mib = made.memory_mib};
    for (auto const& gpu : made.gpus) {
      auto const index = static_cast<std::uint32_t>(status.gpus.size());
      status.inventory.boards.push_back(gpu.board);
      status.inventory.gpus.push_back({.index = index,
                                       .uuid = fmt::format("GPU-{}-{}", made.name, index),
                                       .model = gpu.board.model,
                                       .board = index,
                                       .memory_mib = gpu.board.memory_mib,
                                       .mig_capable = !gpu.board.profiles.empty()});
      GpuStatus& seen = status.gpus.emplace_back(GpuStatus{.uuid = status.inventory.gpus.back().uuid});
      if (!gpu.layout.empty()) seen.mode = GpuMode::Mig;
      for (auto const& placement : gpu.layout) seen.instances.push_back({placement, "MIG-" + placement, {}});
    }
    EXPECT_TRUE(report(id));
    return id;
  }
  NodeId id_of(std::string const& name) const { return pool.node_named->at(name); }
  Node const& node(std::string const& name) const { return *pool.node(id_of(name)); }
  NodeStatus& real_of(std::string const& name) { return real.at(id_of(name)); }

  JobId submit(JobRequest const& request, std::uint32_t count = 1) {
    JobId const first{pool.next_job};
    auto const done = ask(SubmitJobs{request, count, Digest{7, first.value}, ProjectId{1}});
    EXPECT_TRUE(done) << done.error().message;
    return first;
  }

  /// The planner's part, said by hand: "a/0:1g.5gb@4", "a/0,1" or "a" for a CPU job.
  PlaceJob place_of(JobId id, std::string const& where, std::uint32_t rung = 0) const {
    std::string_view rest = where;
    auto const slash = std::min(rest.find('/'), rest.size());
    PlaceJob place{.job = id, .node = id_of(std::string(rest.substr(0, slash))), .rung = rung};
    if (slash == rest.size()) return place;
    rest.remove_prefix(slash + 1);
    auto const colon = std::min(rest.find(':'), rest.size());
    for (char c : rest.substr(0, colon))
      if (c != ',') place.gpus |= 1u << (c - '0');
    if (colon != rest.size()) {
      auto const& gpu = pool.node(place.node)->gpus.at(static_cast<std::size_t>(std::countr_zero(place.gpus)));
      place.placement = *mig::parse_placement(gpu.geometry->board(), rest.substr(colon + 1));
    }
    return place;
  }
  /// A whole gang: where each member goes, in order of rank.
  std::string place_gang(JobId gang, std::vector<std::string> const& where, std::uint32_t rung = 0) {
    PlaceGang places{gang, {}};
    for (auto const& one : where) places.members.push_back(place_of(JobId{gang.value + places.members.size()}, one, rung));
    auto const placed = ask(places);
    return placed ? "" : placed.error().message;
  }
  /// Empty, or why it was refused.
  std::string place(JobId id, std::string const& where, std::uint32_t rung = 0) {
    auto const placed = ask(place_of(id, where, rung));
    return placed ? "" : placed.error().message;
  }

  /// The node does what its spec says, as far as slices and the starting of attempts go.
  void obey(NodeId id) {
    NodeSpec const spec = spec_of(pool, "test", id);
    NodeStatus& status = real.at(id);
    status.generation = spec.generation;
    for (auto const& gpu : spec.gpus) {
      auto seen = std::find_if(status.gpus.begin(), status.gpus.end(), [&](GpuStatus const& g) { return g.uuid == gpu.uuid; });
      if (seen == status.gpus.end() || !gpu.managed) continue;
      seen->mode = gpu.mode;
      seen->instances.clear();
      for (auto const& placement : gpu.layout) seen->instances.push_back({placement, "MIG-" + placement, {}});
    }
    std::erase_if(status.attempts, [&](AttemptStatus const& a) {
      return std::none_of(spec.attempts.begin(), spec.attempts.end(), [&](AttemptSpec const& s) { return s.id == a.id; });
    });
    for (auto const& attempt : spec.attempts) {
      auto known = std::find_if(status.attempts.begin(), status.attempts.end(), [&](AttemptStatus const& a) { return a.id == attempt.id; });
      if (known == status.attempts.end())
        known = status.attempts.insert(known, AttemptStatus{.id = attempt.id, .phase = AttemptPhase::Running, .started = now});
      if (attempt.stop == StopCause::None || known->phase == AttemptPhase::Ended) continue;
      known->phase = AttemptPhase::Ended;
      known->outcome = Outcome::Stopped;
      known->ended = now;
    }
  }
  Result<std::vector<PoolEvent>> report(NodeId id) { return ask(ReportNode{real.at(id)}); }
  /// It does as it is told, and says so.
  void sync(NodeId id) {
    obey(id);
    auto const done = report(id);
    EXPECT_TRUE(done) << done.error().message;
  }
  void sync(std::string const& name) { sync(id_of(name)); }

  /// The attempt ends by itself, and its node says so.
  void end(JobId id, Outcome outcome, std::int32_t exit_code = 0, std::string message = {}, Memory short_of = Memory::Machine) {
    AttemptId const attempt = pool.job(id)->attempt_id();
    NodeId const where = pool.job(id)->seat.node;
    obey(where);
    for (auto& seen : real.at(where).attempts)
      if (seen.id == attempt)
        seen.phase = AttemptPhase::Ended, seen.outcome = outcome, seen.exit_code = exit_code, seen.message = std::move(message), seen.ended = now,
        seen.short_of = short_of;
    auto const done = report(where);
    EXPECT_TRUE(done) << done.error().message;
  }

  std::string text() const { return to_text(pool); }
};

template <class... Nodes>
World pool_of(Nodes const&... nodes) {
  World world;
  world.restart_controller();
  (world.join(nodes), ...);
  return world;
}

}  // namespace nav::fixture
