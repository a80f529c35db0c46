// SPDX-License-Identifier: Apache-2.0
#include "controller/controller.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace nav {
namespace {

/// A journal in memory whose disk can be full.
class MemoryJournal final : public Journal {
 public:
  Result<std::optional<Checkpoint>> checkpoint() override { return saved; }
  Result<void> read(std::uint64_t sequence, std::size_t, std::function<bool(Frame const&)> const& visit) override {
    for (auto const& frame : frames)
      if (frame.stamp.sequence > sequence && !visit(frame)) break;
    return {};
  }
  Result<void> append(std::vector<Frame> const& more, std::vector<Blob> const&) override {
    if (full) return fail(ErrorKind::StorageFull, "the disk is full");
    frames.insert(frames.end(), more.begin(), more.end());
    ++appends;
    return {};
  }
  Result<std::string> blob(Digest) override { return fail(ErrorKind::NotFound, "none"); }
  Result<void> save(Checkpoint const& checkpoint) override { return saved = checkpoint, Result<void>{}; }
  std::string installation() const override { return "0123456789abcdef0123456789abcdef"; }

  std::vector<Frame> frames;
  std::optional<Checkpoint> saved;
  bool full = false;
  int appends = 0;
};

/// A controller with one node of eight processors, at work.
struct World {
  MemoryJournal journal;
  std::unique_ptr<Controller> controller;
  Time now{1'000'000'000};
  std::uint64_t ticket = 0;
  NodeId node;

  World() {
    restart();
    auto const joined = ask(PoolCommand{JoinNode{"n", "local", {}}});
    node = std::get<NodeJoined>(*json_read<PoolEvent>(joined->frames.at(0).body)).node;
    (void)report(status());
  }

  void restart() {
    controller = std::make_unique<Controller>(journal, ControllerOptions{});
    now = now + seconds(1);
    ASSERT_TRUE(controller->start(now));
  }

  Result<Accepted> ask(Command command, std::string key = {}, Digest digest = {}) {
    now = now + milliseconds(1);
    auto const outputs = controller->step(
        {AskInput{++ticket, Ask{.command = std::move(command), .by = UserId{1}, .idempotency_key = std::move(key), .request = digest, .answer = first_id}}},
        now);
    for (auto const& output : outputs)
      if (auto const* asked = std::get_if<AskAnswered>(&output); asked && asked->ticket == ticket) return asked->done;
    return fail(ErrorKind::Internal, "not answered");
  }

  NodeStatus status() const {
    NodeStatus s{.node = node, .boot = "boot-1"};
    s.inventory = {.hostname = "n", .cpus = 8, .memory_mib = 16384};
    if (Node const* known = controller->snapshot()->pool.node(node)) s.generation = known->generation;
    return s;
  }

  /// The answer to a sync, or nothing while it is held.
  std::optional<Result<SyncAnswer>> report(std::optional<NodeStatus> what, Generation have = {}, std::string hash = "h") {
    now = now + milliseconds(1);
    ++ticket;
    return answer_to(
        ticket,
        controller->step(
            {SyncInput{ticket, SyncRequest{.node = node, .boot = "boot-1", .have = have, .status_hash = std::move(hash), .status = std::move(what)}}}, now));
  }
  static std::optional<Result<SyncAnswer>> answer_to(std::uint64_t ticket, std::vector<ControllerOutput> const& outputs) {
    for (auto const& output : outputs)
      if (auto const* synced = std::get_if<SyncAnswered>(&output); synced && synced->ticket == ticket) return synced->answer;
    return {};
  }

  SubmitJobs job() const {
    return {.request = {.name = "j", .project = "default", .on = {"cpu"}, .command = {"true"}, .env = {}, .workdir = {}},
            .count = 1,
            .body = Digest{1, 2},
            .project = ProjectId{1}};
  }
  Generation generation() const { return controller->snapshot()->pool.node(node)->generation; }

  static std::string first_id(std::vector<Frame> const& frames) {
    auto const event = frames.empty() ? Result<PoolEvent>(PoolEvent{}) : json_read<PoolEvent>(frames[0].body);
    auto const* queued = event ? std::get_if<JobsQueued>(&*event) : nullptr;
    return queued ? to_text(queued->first) : "";
  }
};

TEST(Controller, AJobIsQueuedPlacedAndInTheSpecInOneAppend) {
  World world;
  int const before = world.journal.appends;
  auto const done = world.ask(PoolCommand{world.job()});
  ASSERT_TRUE(done);
  EXPECT_EQ(world.journal.appends, before + 1);
  EXPECT_EQ(done->answer, "1");
  Job const& job = done->snapshot->pool.jobs.at(1);
  EXPECT_EQ(job.state, JobState::Starting);
  auto const answer = world.report({}, {}, "h");
  ASSERT_TRUE(answer && *answer);
  ASSERT_TRUE((*answer)->spec);
  EXPECT_EQ((*answer)->spec->attempts.at(0).id, (AttemptId{JobId{1}, 1}));
}

/// A job of the world's node, running, that nobody has used since `since`.
NodeStatus unused_since(World& world, Time since) {
  NodeStatus status = world.status();
  status.attempts.push_back({.id = {JobId{1}, 1}, .phase = AttemptPhase::Running, .started = since});
  status.attempts[0].service = ServiceStatus{
      .kind = ServiceKind::Workspace, .phase = ServicePhase::Ready, .reason = {}, .idle_since = since, .idle_after = minutes(2)};
  return status;
}

TEST(Controller, WhatNobodyUsedIsToldToEndAtItsMomentAndNotWhileItsNodeIsSilent) {
  World world;
  SubmitJobs workspace = world.job();
  workspace.request.service = Service{ServiceKind::Workspace, "", minutes(2)};
  ASSERT_TRUE(world.ask(PoolCommand{workspace}));
  Time const since = world.now;
  ASSERT_TRUE(world.report(unused_since(world, since)));
  EXPECT_EQ(world.controller->next_deadline(), since + minutes(2));
  auto const stop = [&] { return world.controller->snapshot()->pool.jobs.at(1).stop; };
  world.now = since + minutes(1);
  (void)world.controller->step({}, world.now);
  EXPECT_EQ(world.controller->snapshot()->pool.node(world.node)->state, NodeState::Unreachable);
  EXPECT_EQ(world.controller->next_deadline(), std::nullopt) << "nobody knows whether it is used";
  world.now = since + minutes(3);
  (void)world.controller->step({}, world.now);
  EXPECT_EQ(stop(), StopCause::None);
  world.restart();
  EXPECT_EQ(stop(), StopCause::None);
  ASSERT_TRUE(world.report(unused_since(world, since)));
  EXPECT_EQ(stop(), StopCause::Idle);
}

TEST(Controller, AWaitOnARungEndsAtItsMomentAndTheJobStartsInTheSameStep) {
  World world;
  Template small;
  small.name = "small";
  small.cpu_milli = 1000;
  small.memory_mib = 16;
  small.nodes = {"elsewhere"};
  ASSERT_TRUE(world.ask(PoolCommand{SetTemplate{small, TemplateWish::Make, Hardware::Later}}));
  SubmitJobs job = world.job();
  job.request.on = {"small", "cpu"};
  job.request.limits = {{minutes(2), {}}, {}};
  ASSERT_TRUE(world.ask(PoolCommand{job}));
  Time const submitted = world.now;
  EXPECT_EQ(world.controller->next_deadline(), submitted + minutes(2));
  (void)world.controller->step({}, submitted + minutes(2) - microseconds(1));
  EXPECT_EQ(world.controller->snapshot()->pool.jobs.at(1).state, JobState::Queued);
  (void)world.controller->step({}, submitted + minutes(2));
  Job const& placed = world.controller->snapshot()->pool.jobs.at(1);
  EXPECT_EQ(placed.state, JobState::Queued) << "its node fell silent meanwhile";
  EXPECT_EQ(world.controller->snapshot()->pool.queues.at(placed.queue).request.rung, 1u);
  EXPECT_FALSE(world.controller->next_deadline());
  world.now = submitted + minutes(2);
  (void)world.report(world.status());
  EXPECT_EQ(world.controller->snapshot()->pool.jobs.at(1).state, JobState::Starting);
}

TEST(Controller, WaitsAreTakenUpAfterARestart) {
  World world;
  SubmitJobs job = world.job();
  job.request.on = {"cpu", "cpu"};
  job.request.cpu_milli = 9000;
  job.request.limits = {{minutes(2), {}}, {}};
  ASSERT_TRUE(world.ask(PoolCommand{job}));
  auto const deadline = world.controller->next_deadline();
  world.restart();
  EXPECT_EQ(world.controller->next_deadline(), deadline);
}

TEST(Controller, WhatShouldBeAtACloudIsSaidWhenItChangesAndAfterARestart) {
  World world;
  auto const told = [](std::vector<ControllerOutput> const& outputs) {
    std::string text;
    for (auto const& output : outputs)
      if (auto const* wanted = std::get_if<CloudsWanted>(&output))
        for (auto const& spec : wanted->specs) text += fmt::format("{}: {}\n", spec.cloud, fmt::join(spec.machines, " "));
    return text;
  };
  Cloud cloud;
  cloud.name = "far";
  cloud.family = "v100";
  cloud.most = 1;
  cloud.boot = seconds(5);
  cloud.idle = seconds(30);
  ASSERT_TRUE(world.ask(PoolCommand{SetCloud{cloud}}));
  SubmitJobs job = world.job();
  job.request.on = {"far", "cpu"};
  auto const outputs = world.controller->step({AskInput{99, Ask{.command = PoolCommand{job}, .by = UserId{1}}}}, world.now);
  EXPECT_EQ(told(outputs), "far: far-1\n");
  EXPECT_EQ(told(world.controller->step({}, world.now)), "");
  world.restart();
  EXPECT_EQ(told(world.controller->step({}, world.now)), "far: far-1\n") << "and nothing is wanted twice";
  // It never comes: it is given up, and the job goes on to its next rung.
  world.now = world.now + minutes(3);
  (void)world.report(world.status());
  Job const& went_on = world.controller->snapshot()->pool.jobs.at(1);
  EXPECT_EQ(went_on.state, JobState::Starting);
  EXPECT_EQ(went_on.seat.rung, 1u);
  EXPECT_EQ(told(world.controller->step({CloudInput{{"far", {}}}}, world.now)), "");
  EXPECT_TRUE(world.controller->snapshot()->pool.rentals->empty());
}

TEST(Controller, AKeyIsGrantedOnceAndAnswersTheSameAfterARestart) {
  World world;
  EXPECT_EQ(world.ask(PoolCommand{world.job()}, "k", Digest{7, 7})->answer, "1");
  auto const again = world.ask(PoolCommand{world.job()}, "k", Digest{7, 7});
  EXPECT_TRUE(again->repeated);
  EXPECT_EQ(again->answer, "1");
  world.restart();
  EXPECT_EQ(world.ask(PoolCommand{world.job()}, "k", Digest{7, 7})->answer, "1");
  EXPECT_EQ(world.ask(PoolCommand{world.job()}, "k", Digest{8, 8}).error().field, "Idempotency-Key");
  EXPECT_EQ(world.controller->snapshot()->pool.jobs.size(), 1u);
}

TEST(Controller, AFullDiskRefusesAndChangesNothing) {
  World world;
  std::string const before = to_text(world.controller->snapshot()->pool);
  world.journal.full = true;
  EXPECT_EQ(world.ask(PoolCommand{world.job()}).error().kind, ErrorKind::StorageFull);
  EXPECT_EQ(to_text(world.controller->snapshot()->pool), before);
  world.journal.full = false;
  EXPECT_EQ(world.ask(PoolCommand{world.job()})->answer, "1");  // no number was used up
}

TEST(Controller, ANodeThatDoesNotComeBackAfterARestartIsMissedOnce) {
  World world;
  auto const missed = [&] {
    world.now = world.now + seconds(16);
    (void)world.controller->step({}, world.now);
    return std::count_if(world.journal.frames.begin(), world.journal.frames.end(),
                         [](Frame const& frame) { return frame.body.starts_with("{\"NodeUnreachable\""); });
  };
  world.restart();
  Time const gone = world.now;
  EXPECT_EQ(missed(), 1);
  EXPECT_EQ(missed(), 1);
  EXPECT_EQ(world.controller->snapshot()->pool.node(world.node)->since, gone) << "since when it is away is not forgotten";
  world.restart();
  world.journal.full = true;
  EXPECT_EQ(missed(), 1) << "nothing can be written";
  world.journal.full = false;
  EXPECT_EQ(missed(), 2) << "it is said when it can be";
}

TEST(Controller, AStepThatCannotBeWrittenSaysSo) {
  World world;
  world.journal.full = true;
  auto const outputs = world.controller->step({AskInput{99, Ask{.command = PoolCommand{world.job()}, .by = UserId{1}}}}, world.now);
  EXPECT_TRUE(std::any_of(outputs.begin(), outputs.end(), [](auto const& output) { return std::holds_alternative<JournalRefused>(output); }));
}

TEST(Controller, ASyncWithoutNewsIsHeldUntilThereIsSome) {
  World world;
  EXPECT_FALSE(world.report({}, world.generation()));
  std::uint64_t const held = world.ticket;
  world.now = world.now + milliseconds(1);
  auto const outputs = world.controller->step({AskInput{++world.ticket, Ask{.command = PoolCommand{world.job()}, .by = UserId{1}}}}, world.now);
  auto const answer = World::answer_to(held, outputs);
  ASSERT_TRUE(answer && *answer);
  EXPECT_TRUE((*answer)->spec);
}

TEST(Controller, ASyncWithoutNewsIsAnsweredAfterAWhile) {
  World world;
  EXPECT_FALSE(world.report({}, world.generation()));
  auto const answer = World::answer_to(world.ticket, world.controller->step({}, world.now + seconds(6)));
  ASSERT_TRUE(answer && *answer);
  EXPECT_FALSE((*answer)->spec);
}

TEST(Controller, ANodeIsAskedForItsStatusAfterAControllerRestartBeforeItGetsAnything) {
  World world;
  world.restart();
  EXPECT_EQ(world.controller->snapshot()->pool.node(world.node)->state, NodeState::Unreachable);
  auto const answer = world.report({}, world.generation());
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->status_hash, "");
  ASSERT_TRUE(world.ask(PoolCommand{world.job()}));
  EXPECT_EQ(world.controller->snapshot()->pool.jobs.at(1).state, JobState::Queued);
  (void)world.report(world.status());
  EXPECT_EQ(world.controller->snapshot()->pool.jobs.at(1).state, JobState::Starting);
}

TEST(Controller, ARestartableJobIsGivenUpOnlyAfterItsLeaseAndMargin) {
  World world;
  SubmitJobs submit = world.job();
  submit.request.restartable = true;
  ASSERT_TRUE(world.ask(PoolCommand{submit}));
  auto const state = [&] { return world.controller->snapshot()->pool.jobs.at(1).state; };
  (void)world.controller->step({}, world.now + seconds(60));
  EXPECT_EQ(world.controller->snapshot()->pool.node(world.node)->state, NodeState::Unreachable);
  (void)world.controller->step({}, world.now + minutes(10) + seconds(30));
  EXPECT_EQ(state(), JobState::Starting);
  (void)world.controller->step({}, world.now + minutes(11) + seconds(5));
  EXPECT_EQ(state(), JobState::Queued);
}

TEST(Controller, AJobThatMayNotBeRestartedStaysWhereItIsUntilItsNodeIsDeclaredLost) {
  World world;
  ASSERT_TRUE(world.ask(PoolCommand{world.job()}));
  (void)world.controller->step({}, world.now + hours(5));
  (void)world.controller->step({}, world.now + hours(6));
  EXPECT_EQ(world.controller->snapshot()->pool.jobs.at(1).state, JobState::Starting);
  world.now = world.now + hours(6);
  ASSERT_TRUE(world.ask(PoolCommand{DeclareNodeLost{world.node}}));
  EXPECT_EQ(world.controller->snapshot()->pool.job(JobId{1}), nullptr);
}

TEST(Controller, TheClockMayGoBackAndTimeDoesNot) {
  World world;
  ASSERT_TRUE(world.ask(PoolCommand{world.job()}));
  Time const last = world.journal.frames.back().stamp.at;
  world.now = Time{5};
  ASSERT_TRUE(world.ask(PoolCommand{world.job()}));
  EXPECT_GE(world.journal.frames.back().stamp.at, last);
}

TEST(Controller, AnAgentOfAnotherProtocolIsToldSo) {
  World world;
  auto const outputs = world.controller->step({SyncInput{99, SyncRequest{.protocol = sync_protocol + 1, .node = world.node}}}, world.now);
  auto const answer = World::answer_to(99, outputs);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->error().kind, ErrorKind::Unsupported);
}

}  // namespace
}  // namespace nav
