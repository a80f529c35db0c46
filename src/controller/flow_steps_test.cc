// SPDX-License-Identifier: Apache-2.0
// Flows through the controller: jobs and the reasons for them become facts together, whatever happens in between.
#include <gtest/gtest.h>

#include "base/random.h"
#include "controller/controller.h"

namespace nav {
namespace {

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
      for (AttemptId id : known->attempts)
        ended.try_emplace(id, AttemptStatus{.id = id,
                                            .phase = AttemptPhase::Ended,
                                            .started = now,
                                            .ended = now,
                                            .outcome = Outcome::Exited,
                                            .exit_code = failing.contains(id.job) ? 1 : 0});
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

std::string states(FlowRun const& run) {
  std::string out;
  for (auto const& [name, part] : run.components) out += fmt::format("{} {}, ", name, enum_text(part.state));
  return out + enum_text(run.state);
}

TEST(FlowSteps, AComponentStartsWhenAllItNeedsHasDelivered) {
  World world;
  world.start(world.flow());
  EXPECT_EQ(states(world.run()), "prepare running, serve waiting, train waiting, running");
  world.report();
  EXPECT_EQ(states(world.run()), "prepare running, serve waiting, train waiting, running");  // its data has not come
  world.deliver();
  EXPECT_EQ(states(world.run()), "prepare succeeded, serve waiting, train running, running");
  EXPECT_EQ(world.run().components.at("train").trials.size(), 4u);  // parallel
  for (int i = 0; i < 4; ++i) world.report(), world.deliver();
  EXPECT_EQ(states(world.run()), "prepare succeeded, serve succeeded, train succeeded, succeeded");
  EXPECT_EQ(world.run().components.at("train").best, 5u);
  auto const request = json_read<JobRequest>(world.journal.blobs.rbegin()->second, Unknown::Ignore);
  EXPECT_EQ(request->run, "run-1");
}

TEST(FlowSteps, WhatFailedStopsWhatDependsOnIt) {
  World world;
  world.failing.insert(JobId{1});
  world.start(world.flow());
  world.report();
  EXPECT_EQ(states(world.run()), "prepare failed, serve skipped, train skipped, failed");
  world.failing.clear();
  ASSERT_TRUE(world.ask(FlowCommand{RerunFlow{FlowRunId{1}, {}}}));
  for (int i = 0; i < 5; ++i) world.report(), world.deliver();
  EXPECT_EQ(states(world.run(2)), "prepare succeeded, serve succeeded, train succeeded, succeeded");
}

TEST(FlowSteps, ARerunFromAComponentTakesOverWhatIsBeforeIt) {
  World world;
  world.start(world.flow());
  for (int i = 0; i < 5; ++i) world.report(), world.deliver();
  ASSERT_TRUE(world.ask(FlowCommand{RerunFlow{FlowRunId{1}, {"serve"}}}));
  EXPECT_EQ(states(world.run(2)), "prepare succeeded, serve running, train succeeded, running");
  EXPECT_TRUE(world.run(2).components.at("train").taken_over);
  EXPECT_EQ(world.controller->snapshot()->pool.next_job, 10u);  // 8 and one more
}

TEST(FlowSteps, ACancelledRunEndsItsJobsAndBeginsNone) {
  World world;
  world.start(world.flow());
  ASSERT_TRUE(world.ask(FlowCommand{CancelFlow{FlowRunId{1}}}));
  world.report();
  EXPECT_EQ(world.run().state, api::FlowRunState::Cancelled);
  EXPECT_EQ(world.controller->snapshot()->pool.next_job, 2u);
}

TEST(FlowSteps, ATrialThatIsStoppedEarlyIsOverWithoutHavingFailed) {
  World world;
  auto flow = world.flow();
  flow.components.erase("serve");
  flow.components["train"].early_stopping = api::EarlyStopping{};
  world.start(flow);
  for (int i = 0; i < 3 && world.run().components.at("train").trials.empty(); ++i) world.report(), world.deliver();
  auto const& trials = world.run().components.at("train").trials;
  ASSERT_EQ(trials.size(), 4u);
  JobId const worst = trials[2].job;
  ASSERT_TRUE(world.ask(FlowCommand{StopTrial{{worst, 1}, "others were better", {{"accuracy", 0.1}}}}));
  ASSERT_TRUE(world.ask(FlowCommand{StopTrial{{worst, 1}, "said twice", {}}}));
  EXPECT_EQ(world.run().components.at("train").trials[2].stopped_early, "others were better");
  world.restart();
  world.failing.insert(worst);  // it ends as one that was told to
  for (int i = 0; i < 6 && world.run().state == api::FlowRunState::Running; ++i) world.report(), world.deliver();
  EXPECT_EQ(states(world.run()), "prepare succeeded, train succeeded, succeeded");
  auto const& stopped = world.run().components.at("train").trials[2];
  EXPECT_TRUE(stopped.was_stopped_early() && stopped.problem.empty());
  EXPECT_EQ(stopped.metrics.at("accuracy"), 0.1);
  EXPECT_EQ(world.run().components.at("train").trials.size(), 6u);
  EXPECT_EQ(world.ask(FlowCommand{StopTrial{{worst, 1}, "too late", {}}}).error().kind, ErrorKind::NotFound);
}

TEST(FlowSteps, WhatThePoolRefusesFailsTheComponentInItsWords) {
  World world;
  auto flow = world.flow();
  flow.components["prepare"].on = {"mig-1g.5gb"};
  world.start(flow);
  EXPECT_EQ(world.run().state, api::FlowRunState::Failed);
  EXPECT_NE(world.run().components.at("prepare").message.find("there is no template \"mig-1g.5gb\""), std::string::npos);
}

TEST(FlowSteps, KilledAtAnyInstantEachTrialIsQueuedOnceAndTheRunEnds) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    World world;
    world.journal.random = Random(seed);
    world.journal.risky = true;
    for (int i = 0; i < 50 && world.controller->snapshot()->flows->next_run == 1; ++i) world.start(world.flow());
    for (int i = 0; i < 200 && world.run().state == api::FlowRunState::Running; ++i) world.report(), world.deliver();
    EXPECT_EQ(states(world.run()), "prepare succeeded, serve succeeded, train succeeded, succeeded") << "seed " << seed;
    std::map<std::string, int> queued;
    std::size_t jobs = 0;
    for (auto const& frame : world.journal.frames) {
      jobs += frame.body.starts_with("{\"JobsQueued\"");
      if (!frame.body.starts_with("{\"TrialQueued\"")) continue;
      auto const event = std::get<TrialQueued>(*json_read<FlowEvent>(frame.body, Unknown::Ignore));
      ++queued[fmt::format("{} {}.{}", to_text(event.run), event.component, event.trial)];
    }
    EXPECT_EQ(jobs, queued.size()) << "seed " << seed;
    for (auto const& [which, times] : queued) EXPECT_EQ(times, 1) << which << ", seed " << seed;
    // What a checkpoint holds is what the journal says.
    auto const snapshot = world.controller->snapshot();
    EXPECT_EQ(save_flows(*load_flows(save_flows(*snapshot->flows))), save_flows(*snapshot->flows));
  }
}

}  // namespace
}  // namespace nav
