// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include "base/random.h"
#include "controller/controller.h"

/// A controller that can be killed at any instant, with a node whose jobs end as the test says: for tests of flows.
namespace nav::flow_fixture {

/// Thrown out of append where the controller is killed.
struct Killed {};

class MemoryJournal final : public Journal {
 public:
  Result<std::optional<Checkpoint>> checkpoint() override { return saved; }
  Result<void> read(std::uint64_t sequence, std::size_t, std::function<bool(Frame const&)> const& visit) override {
    for (auto const& frame : frames)
      if (frame.stamp.sequence > sequence && !visit(frame)) break;
    return {};
  }
  Result<void> append(std::vector<Frame> const& more, std::vector<Blob> const& with) override {
    if (full) return fail(ErrorKind::StorageFull, "the disk is full");
    auto const fate = risky && random.chance(0.15) ? random.below(3) : 9;
    if (fate == 0) throw Killed{};
    if (fate == 1) return fail(ErrorKind::StorageFull, "the disk is full");
    frames.insert(frames.end(), more.begin(), more.end());
    for (auto const& blob : with) blobs[blob.digest] = blob.body;
    if (fate == 2) throw Killed{};
    return {};
  }
  Result<std::string> blob(Digest digest) override { return blobs.at(digest); }
  Result<void> save(Checkpoint const& checkpoint) override { return saved = checkpoint, Result<void>{}; }
  std::string installation() const override { return "0123456789abcdef0123456789abcdef"; }

  Random random{1};
  bool risky = false;
  bool full = false;  ///< it takes nothing
  std::vector<Frame> frames;
  std::map<Digest, std::string> blobs;
  std::optional<Checkpoint> saved;
};

/// A controller with one node of eight processors whose jobs end as the test says.
struct World {
  MemoryJournal journal;
  std::unique_ptr<Controller> controller;
  Time now{1'000'000'000};
  std::uint64_t ticket = 0;
  NodeId node;
  std::set<JobId> failing;  ///< jobs that will not succeed
  std::set<JobId> serving;  ///< jobs that answer, and do not end before they are told to
  std::map<AttemptId, AttemptStatus> ended;

  World() {
    restart();
    (void)ask(AccessCommand{Found{"admin", "hash"}});
    (void)ask(PoolCommand{JoinNode{"n", "local", {}}});
    controller->snapshot()->pool.nodes.each([&](Node const& n) { node = n.id; });
    report();
  }

  void restart() {
    controller = std::make_unique<Controller>(journal, ControllerOptions{});
    now = now + seconds(1);
    ASSERT_TRUE(controller->start(now));
  }
  /// A step that may be the controller's last.
  std::vector<ControllerOutput> step(std::vector<ControllerInput> inputs) {
    now = now + milliseconds(1);
    try {
      return controller->step(std::move(inputs), now);
    } catch (Killed const&) {
      bool const risky = std::exchange(journal.risky, false);
      restart();
      journal.risky = risky;
      return {};
    }
  }
  Result<Accepted> ask(Command command) {
    ++ticket;
    for (auto& output : step({AskInput{ticket, Ask{.command = std::move(command), .by = UserId{1}}}}))
      if (auto* answered = std::get_if<AskAnswered>(&output); answered && answered->ticket == ticket) return std::move(answered->done);
    return fail(ErrorKind::Unavailable, "nobody answered");
  }

  /// The node does all it is told at once: what is placed there has ended by now.
  void report() {
    NodeStatus status{.node = node, .boot = "boot-1"};
    status.inventory = {.hostname = "n", .cpus = 8, .memory_mib = 1 << 20};
    auto const snapshot = controller->snapshot();
    if (Node const* known = snapshot->pool.node(node)) {
      status.generation = known->generation;
      for (AttemptId id : known->attempts) {
        bool const goes_on = serving.contains(id.job) && snapshot->pool.job(id.job)->stop == StopCause::None;
        if (goes_on)
          status.attempts.push_back({.id = id,
                                     .phase = AttemptPhase::Running,
                                     .started = now,
                                     .service = ServiceStatus{.kind = ServiceKind::Endpoint, .phase = ServicePhase::Ready}});
        if (goes_on) continue;
        ended.try_emplace(id, AttemptStatus{.id = id,
                                            .phase = AttemptPhase::Ended,
                                            .started = now,
                                            .ended = now,
                                            .outcome = Outcome::Exited,
                                            .exit_code = failing.contains(id.job) ? 1 : 0});
      }
      for (auto const& [id, attempt] : ended)
        if (known->attempts.contains(id)) status.attempts.push_back(attempt);
    }
    (void)step({SyncInput{
        ++ticket, SyncRequest{.node = node, .boot = "boot-1", .have = status.generation, .status_hash = fmt::format("h{}", ticket), .status = status}}});
  }
  void deliver() {
    for (auto const& [id, attempt] : ended)
      if (attempt.exit_code == 0)
        (void)ask(FlowCommand{DeliverOutputs{id, {{"data", {"sha256:" + std::string(64, 'a'), 1}}}, {{"accuracy", static_cast<double>(id.job.value)}}, {}}});
  }

  FlowRun const& run(std::uint64_t number = 1) {
    kept = controller->snapshot();
    return *kept->flows->run(FlowRunId{number});
  }
  std::shared_ptr<Snapshot const> kept;

  api::FlowDefinition flow() const {
    api::FlowDefinition flow{.name = "f"};
    flow.components["prepare"] = {.on = {"cpu"}, .command = {"p"}, .outputs = {"data"}};
    flow.components["train"] = {.kind = api::ComponentKind::Sweep,
                                .on = {"cpu"},
                                .command = {"t", "{{rate}}"},
                                .inputs = {{"data", "prepare.data"}},
                                .outputs = {"data"},
                                .grid = {{"rate", {"1", "2", "3", "4", "5", "6"}}},
                                .parallel = 4,
                                .metric = "accuracy"};
    flow.components["serve"] = {.on = {"gpu", "cpu"}, .command = {"s"}, .inputs = {{"model", "train.best.data"}}};
    flow.components["serve"].on = {"cpu"};
    return flow;
  }
  void start(api::FlowDefinition definition) {
    (void)ask(FlowCommand{StartFlow{.project = ProjectId{1}, .project_name = "default", .definition = std::move(definition)}});
  }
};

/// "prepare succeeded, train running, running"
inline std::string states(FlowRun const& run) {
  std::string out;
  for (auto const& [name, part] : run.components) out += fmt::format("{} {}, ", name, enum_text(part.state));
  return out + enum_text(run.state);
}

}  // namespace nav::flow_fixture
