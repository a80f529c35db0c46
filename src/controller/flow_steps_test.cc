// SPDX-License-Identifier: Apache-2.0
// Flows through the controller: jobs and the reasons for them become facts together, whatever happens in between.
#include <gtest/gtest.h>

#include "controller/flow_world_fixture.h"

namespace nav::flow_fixture {
namespace {

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

/// train -> serve (an endpoint) -> ask, which needs serve while it runs.
api::FlowDefinition served() {
  api::FlowDefinition flow{.name = "served"};
  flow.components["train"] = {.on = {"cpu"}, .command = {"t"}, .outputs = {"data"}};
  flow.components["serve"] = {.kind = api::ComponentKind::Endpoint, .on = {"cpu"}, .command = {"s"}, .inputs = {{"model", "train.data"}}, .health = "/healthz"};
  flow.components["ask"] = {.on = {"cpu"}, .command = {"a"}, .after = {"serve"}};
  return flow;
}

TEST(FlowServices, WhatNeedsAServiceBeginsWhenItAnswersAndItEndsWhenAllIsDone) {
  World world;
  world.serving.insert(JobId{2});
  world.start(served());
  world.report(), world.deliver();
  EXPECT_EQ(states(world.run()), "ask waiting, serve running, train succeeded, running");
  auto const asked = json_read<JobRequest>(world.journal.blobs.at(world.controller->snapshot()->pool.job(JobId{2})->body), Unknown::Ignore);
  ASSERT_TRUE(asked && asked->service);
  EXPECT_EQ(asked->service->health, "/healthz");
  world.report();
  EXPECT_EQ(states(world.run()), "ask running, serve serving, train succeeded, running");
  auto const client = json_read<JobRequest>(world.journal.blobs.at(world.controller->snapshot()->pool.job(JobId{3})->body), Unknown::Ignore);
  EXPECT_EQ(client->env.at("NAV_DOOR_SERVE"), "/jobs/2/");
  world.restart();
  world.report(), world.deliver();
  EXPECT_EQ(states(world.run()), "ask succeeded, serve serving, train succeeded, running") << "it is told to end";
  world.report();
  EXPECT_EQ(states(world.run()), "ask succeeded, serve succeeded, train succeeded, succeeded");
  EXPECT_EQ(world.run().components.at("serve").message, "the run is done with it");
}

TEST(FlowServices, OneThatIsKeptGoesOnWhenTheRunIsOver) {
  World world;
  world.serving.insert(JobId{2});
  auto flow = served();
  flow.components["serve"].keep = true;
  world.start(flow);
  world.report(), world.deliver();
  world.report();
  EXPECT_EQ(states(world.run()), "ask running, serve succeeded, train succeeded, running");
  ASSERT_TRUE(world.ask(FlowCommand{CancelFlow{FlowRunId{1}}}));
  world.report();
  EXPECT_EQ(states(world.run()), "ask cancelled, serve succeeded, train succeeded, cancelled");
  world.report();
  ASSERT_TRUE(world.controller->snapshot()->pool.job(JobId{2})) << "it was handed over";
  EXPECT_EQ(world.controller->snapshot()->pool.job(JobId{2})->stop, StopCause::None);
}

TEST(FlowServices, OneThatNeverAnswersFailsAndOneThatIsNeededMayNotEnd) {
  World never;
  never.failing.insert(JobId{2});
  never.start(served());
  never.report(), never.deliver();
  never.report();
  EXPECT_EQ(states(never.run()), "ask skipped, serve failed, train succeeded, failed");
  EXPECT_EQ(never.run().components.at("serve").message, "it never answered: exit code 1");

  World early;
  early.serving = {JobId{2}, JobId{3}};
  early.start(served());
  early.report(), early.deliver();
  early.report();
  early.serving.erase(JobId{2});
  early.failing.insert(JobId{2});
  early.report();
  EXPECT_EQ(early.run().components.at("serve").state, api::ComponentState::Failed);

  World left;
  left.serving = {JobId{2}, JobId{3}};
  left.start(served());
  left.report(), left.deliver();
  left.report();
  ASSERT_TRUE(left.ask(PoolCommand{CancelJob{JobId{2}}}));
  left.report();
  EXPECT_TRUE(left.run().components.at("serve").message.starts_with("it ended while ask needed it")) << left.run().components.at("serve").message;
  EXPECT_EQ(early.run().components.at("serve").message, "exit code 1");
}

TEST(FlowServices, KilledAtAnyInstantEachIsBegunOnceAndEnded) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    World world;
    world.serving.insert(JobId{2});
    world.journal.random = Random(seed);
    world.journal.risky = true;
    for (int i = 0; i < 50 && world.controller->snapshot()->flows->next_run == 1; ++i) world.start(served());
    for (int i = 0; i < 200 && world.run().state == api::FlowRunState::Running; ++i) world.report(), world.deliver();
    EXPECT_EQ(states(world.run()), "ask succeeded, serve succeeded, train succeeded, succeeded") << "seed " << seed;
    EXPECT_EQ(world.controller->snapshot()->pool.next_job, 4u) << "seed " << seed;
    std::map<std::string, int> happened;
    for (auto const& frame : world.journal.frames) ++happened[frame.body.substr(2, frame.body.find('"', 2) - 2)];
    EXPECT_EQ(happened["TrialReady"], 1) << "seed " << seed;
    EXPECT_EQ(happened["TrialStopped"], 1) << "seed " << seed;
  }
}

TEST(FlowServices, ACancelledRunEndsThemAndARerunBeginsThemAnew) {
  World world;
  world.serving = {JobId{2}, JobId{3}};
  world.start(served());
  world.report(), world.deliver();
  world.report();
  ASSERT_TRUE(world.ask(FlowCommand{CancelFlow{FlowRunId{1}}}));
  world.report();
  EXPECT_EQ(states(world.run()), "ask cancelled, serve cancelled, train succeeded, cancelled");

  World over;
  over.serving = {JobId{2}, JobId{4}};
  over.start(served());
  for (int i = 0; i < 4; ++i) over.report(), over.deliver();
  EXPECT_EQ(over.run().state, api::FlowRunState::Succeeded);
  ASSERT_TRUE(over.ask(FlowCommand{RerunFlow{FlowRunId{1}, {"ask"}}}));
  EXPECT_EQ(states(over.run(2)), "ask waiting, serve running, train succeeded, running") << "it is not there any more";
}

TEST(FlowSteps, WhatSomebodyHasToApproveWaitsForTheirWord) {
  World world;
  auto flow = world.flow();
  flow.components["train"].approval = "Is the data sound?";
  flow.components["serve"].approval = "Is the model?";
  auto const answer = [&](std::string component, bool approve) {
    return world.ask(FlowCommand{AnswerApproval{.run = FlowRunId{1}, .component = std::move(component), .approve = approve, .note = "I looked"}});
  };
  world.start(flow);
  EXPECT_EQ(answer("train", true).error().message, "train does not wait for approval: it is waiting");
  for (int i = 0; i < 3; ++i) world.report(), world.deliver();
  EXPECT_EQ(states(world.run()), "prepare succeeded, serve waiting, train awaiting_approval, running");
  world.restart();
  EXPECT_EQ(answer("trainn", true).error().hint, "did you mean train?");
  ASSERT_TRUE(answer("train", true));
  EXPECT_EQ(answer("train", false).error().message, "train was approved already");
  EXPECT_EQ(states(world.run()), "prepare succeeded, serve waiting, train running, running");
  for (int i = 0; i < 5; ++i) world.report(), world.deliver();
  ASSERT_TRUE(answer("serve", false));
  EXPECT_EQ(states(world.run()), "prepare succeeded, serve skipped, train succeeded, succeeded");
  EXPECT_EQ(world.run().components.at("serve").message, "it was rejected: I looked");
  EXPECT_FALSE(answer("serve", true)) << "the run is over";
  ASSERT_TRUE(world.ask(FlowCommand{RerunFlow{FlowRunId{1}, {}}}));
  EXPECT_EQ(states(world.run(2)), "prepare succeeded, serve awaiting_approval, train succeeded, running") << "it is asked again";
  ASSERT_TRUE(world.ask(FlowCommand{CancelFlow{FlowRunId{2}}}));
  EXPECT_EQ(world.run(2).state, api::FlowRunState::Cancelled);
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

/// How many jobs there have ever been.
std::uint64_t jobs_of(World& world) { return world.controller->snapshot()->pool.next_job - 1; }

void finish(World& world, std::uint64_t run) {
  for (int i = 0; i < 8 && world.run(run).state == api::FlowRunState::Running; ++i) world.report(), world.deliver();
  EXPECT_EQ(world.run(run).state, api::FlowRunState::Succeeded) << states(world.run(run));
}

TEST(FlowSteps, WhatHasNotChangedIsNotRunAgain) {
  World world;
  auto flow = world.flow();
  flow.cache = true;
  world.start(flow), finish(world, 1);
  ASSERT_EQ(jobs_of(world), 8u);
  auto const first = world.run(1).components.at("train");
  world.start(flow);
  EXPECT_EQ(states(world.run(2)), "prepare succeeded, serve succeeded, train succeeded, succeeded");  // at once, and without a job
  EXPECT_EQ(jobs_of(world), 8u);
  auto const& again = world.run(2).components.at("train");
  EXPECT_EQ(again.best, first.best);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(again.trials[i].reused_from, FlowRunId{1});
    EXPECT_EQ(again.trials[i].job, first.trials[i].job);
    EXPECT_EQ(again.trials[i].metrics, first.trials[i].metrics);
    EXPECT_EQ(again.trials[i].outputs, first.trials[i].outputs);
  }
  // Of a sweep, the trial that is new runs, wherever it stands; and what needs the same file as before does not.
  flow.components["train"].grid["rate"] = {"0", "1", "2", "3", "4", "5", "6"};
  world.restart();
  world.start(flow), finish(world, 3);
  EXPECT_EQ(jobs_of(world), 9u);
  EXPECT_FALSE(world.run(3).components.at("train").trials[0].reused_from);
  EXPECT_EQ(world.run(3).components.at("train").trials[1].reused_from, FlowRunId{1});  // where the job ran, not who handed it on last
  EXPECT_EQ(world.run(3).components.at("serve").trials[0].reused_from, FlowRunId{1});
}

TEST(FlowSteps, WhatHasChangedOrShallRunAgainDoes) {
  World world;
  auto flow = world.flow();
  flow.components.erase("train"), flow.components.erase("serve");
  flow.parameters = {{"rows", "1"}};
  flow.components["prepare"].cache = true;
  std::uint64_t runs = 0;
  auto const jobs_for = [&](StartFlow start) {
    auto const before = jobs_of(world);
    EXPECT_TRUE(world.ask(FlowCommand{std::move(start)}));
    finish(world, ++runs);
    return jobs_of(world) - before;
  };
  StartFlow const start{.project = ProjectId{1}, .project_name = "default", .definition = flow, .flow = {}, .parameters = {}};
  auto const with = [&](auto change) {
    StartFlow other = start;
    change(other);
    return other;
  };
  EXPECT_EQ(jobs_for(start), 1u);
  EXPECT_EQ(jobs_for(start), 0u);
  EXPECT_EQ(jobs_for(with([](StartFlow& one) { one.cache = false; })), 1u);
  EXPECT_EQ(jobs_for(start), 0u);
  EXPECT_EQ(world.run(4).components.at("prepare").trials[0].reused_from, FlowRunId{3});  // what ran last is handed on
  EXPECT_EQ(jobs_for(with([](StartFlow& one) { one.parameters["rows"] = "2"; })), 1u);
  EXPECT_EQ(jobs_for(with([](StartFlow& one) { one.definition->components["prepare"].command = {"q"}; })), 1u);
  EXPECT_EQ(jobs_for(with([](StartFlow& one) { one.definition->components["prepare"].env = {{"A", "1"}}; })), 1u);
  EXPECT_EQ(jobs_for(with([](StartFlow& one) { one.definition->components["prepare"].inputs = {{"in", "sha256:" + std::string(64, 'b')}}; })), 1u);
  EXPECT_EQ(jobs_for(with([](StartFlow& one) { one.definition->components["prepare"].cache = false; })), 1u);
  EXPECT_EQ(jobs_for(with([](StartFlow& one) { one.definition->components["prepare"].cpus = "2"; })), 0u);  // where it runs changes no result
  ASSERT_TRUE(world.ask(AccessCommand{MakeProject{"other", TeamId{1}}}));
  EXPECT_EQ(jobs_for(with([](StartFlow& one) { one.project = ProjectId{2}, one.project_name = "other"; })), 1u);
  auto const before = jobs_of(world);
  ASSERT_TRUE(world.ask(FlowCommand{RerunFlow{FlowRunId{1}, {"prepare"}}}));  // who names it wants it to run
  finish(world, ++runs);
  EXPECT_EQ(jobs_of(world), before + 1);
}

TEST(FlowSteps, WhatFailedIsNotHandedOn) {
  World world;
  auto flow = world.flow();
  flow.cache = true;
  world.failing.insert(JobId{1});
  world.start(flow);
  world.report();
  EXPECT_EQ(world.run(1).state, api::FlowRunState::Failed);
  world.start(flow), finish(world, 2);
  EXPECT_FALSE(world.run(2).components.at("prepare").trials[0].reused_from);
}

TEST(FlowSteps, AResultIsKnownAsLongAsARunIsKeptThatHasIt) {
  World world;
  auto flow = world.flow();
  flow.components.erase("train"), flow.components.erase("serve");
  flow.cache = true;
  world.start(flow), finish(world, 1);
  for (std::size_t i = 0; i < most_ended_runs; ++i) world.start(flow);
  EXPECT_EQ(world.controller->snapshot()->flows->run(FlowRunId{1}), nullptr);
  EXPECT_EQ(jobs_of(world), 1u);
  auto const loaded = load_flows(save_flows(*world.controller->snapshot()->flows));
  EXPECT_EQ(*loaded->known_results, *world.controller->snapshot()->flows->known_results);
  EXPECT_EQ(world.run(most_ended_runs + 1).components.at("prepare").trials[0].reused_from, FlowRunId{1});
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
}  // namespace nav::flow_fixture
