// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/world_fixture.h"

// Submitting, cancelling and placing: what is let in, what is refused, and with which words.
namespace nav {
namespace {

using fixture::a100;
using fixture::job;
using fixture::node;
using fixture::pool_of;
using fixture::v100;
using fixture::World;

Error error_of(World& world, PoolCommand const& command) {
  auto const done = world.ask(command);
  EXPECT_FALSE(done);
  return done ? Error{} : done.error();
}

Error refusal_of(World& world, JobRequest const& request, std::uint32_t count = 1) { return error_of(world, SubmitJobs{request, count, {}, ProjectId{1}}); }

TEST(Submit, JobsAlikeWaitInOneQueueInTheOrderTheyCame) {
  World world = pool_of(node("a", a100()));
  world.submit(job("train", "mig-1g.5gb"), 3);
  world.submit(job("other", "mig-2g.10gb"));
  world.submit(job("train", "mig-1g.5gb"));
  ASSERT_EQ(world.pool.queues.size(), 2u);
  ClassQueue const& queue = world.pool.queues.at(world.pool.job(JobId{1})->queue);
  EXPECT_EQ(queue.waiting, 4u);
  EXPECT_EQ(queue.head, JobId{1});
  EXPECT_EQ(queue.tail, JobId{5});
  EXPECT_EQ(world.pool.waiting, 5u);
}

TEST(Submit, AnUnknownTemplateIsRefusedWithTheNearestNames) {
  World world = pool_of(node("a", a100()));
  Error const error = refusal_of(world, job("train", std::vector<std::string>{"cpu", "mig-1g.5g"}));
  EXPECT_EQ(error.field, "on[1]");
  EXPECT_EQ(error.message, "there is no template \"mig-1g.5g\"");
  EXPECT_NE(error.hint.find("did you mean mig-1g.5gb"), std::string::npos) << error.hint;
}

TEST(Submit, AnImpossibleProfileIsRefusedWithThePossibleOnes) {
  World world = pool_of(node("a", a100()));
  EXPECT_EQ(refusal_of(world, job("train", "mig-99g.1234gb")).hint,
            "profiles in this pool: mig-1g.10gb, mig-1g.5gb, mig-1g.5gb.me, mig-2g.10gb, mig-3g.20gb, mig-4g.20gb, mig-7g.40gb");
}

TEST(Submit, BeforeAnyNodeHasJoinedThatIsTheReason) {
  World world = pool_of();
  EXPECT_EQ(refusal_of(world, job("train", "cpu")).hint, "no node has joined yet, so there are no templates: see nav nodes");
}

TEST(Submit, EveryWrongFieldIsNamed) {
  World world = pool_of(node("a", a100()));
  JobRequest request = job("train", "cpu");
  request.command.clear();
  EXPECT_EQ(refusal_of(world, request).field, "command");
  request = job("train", std::vector<std::string>{});
  EXPECT_EQ(refusal_of(world, request).field, "on");
  request.on.assign(33, "cpu");
  EXPECT_EQ(refusal_of(world, request).field, "on");
  request = job("train", "cpu");
  request.time_limit = seconds(-1);
  EXPECT_EQ(refusal_of(world, request).field, "time_limit");
  EXPECT_EQ(refusal_of(world, job("train", "cpu"), 0).field, "count");
  EXPECT_EQ(refusal_of(world, job("train", "cpu"), most_jobs_at_once + 1).field, "count");
  EXPECT_EQ(world.pool.next_job, 1u);
}

TEST(Cancel, AWaitingJobIsOverAtOnceAndARunningOneIsStopped) {
  World world = pool_of(node("a", a100()));
  world.submit(job("train", "mig-1g.5gb"), 2);
  ASSERT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "");
  EXPECT_EQ(world.tell(CancelJob{JobId{2}}), "JobEnded");
  EXPECT_EQ(world.tell(CancelJob{JobId{1}}), "JobStopRequested");
  EXPECT_EQ(world.tell(CancelJob{JobId{1}}), "") << "twice is once";
  world.sync("a");
  EXPECT_EQ(world.pool.job(JobId{1}), nullptr);
  EXPECT_EQ(world.tell(CancelJob{JobId{1}}), "refused: job 1 is over");
  EXPECT_EQ(world.tell(CancelJob{JobId{9}}), "refused: there is no job 9");
}

TEST(Cancel, AJobThatEndedWellMeanwhileHasSucceeded) {
  World world = pool_of(node("a", a100()));
  world.submit(job("train", "cpu"));
  ASSERT_EQ(world.place(JobId{1}, "a"), "");
  world.sync("a");
  world.tell(CancelJob{JobId{1}});
  world.end(JobId{1}, Outcome::Exited, 0);
  EXPECT_EQ(std::get<JobEnded>(world.history.back().first).end, JobEnd::Succeeded);
}

TEST(Place, SevenOfTheSmallestFitAndTheEighthDoesNot) {
  World world = pool_of(node("a", a100()));
  world.submit(job("train", "mig-1g.5gb"), 8);
  for (std::uint64_t i = 0; i < 7; ++i) ASSERT_EQ(world.place(JobId{i + 1}, fmt::format("a/0:1g.5gb@{}", i)), "");
  EXPECT_EQ(world.place(JobId{8}, "a/0:1g.5gb@3"), "1g.5gb@3 is not free");
  EXPECT_EQ(world.text(),
            "a ready\n"
            "  gpu0 a100 mig 1g.5gb@0=1.1 1g.5gb@1=2.1 1g.5gb@2=3.1 1g.5gb@3=4.1 1g.5gb@4=5.1 1g.5gb@5=6.1 1g.5gb@6=7.1\n"
            "job 1 starting attempt 1\njob 2 starting attempt 1\njob 3 starting attempt 1\njob 4 starting attempt 1\n"
            "job 5 starting attempt 1\njob 6 starting attempt 1\njob 7 starting attempt 1\njob 8 queued\n");
}

TEST(Place, IdleSlicesInTheWayAreGivenUpAndHeldOnesAreNot) {
  World world = pool_of(node("a", a100({"1g.5gb@0", "1g.5gb@1", "3g.20gb@4"})));
  world.submit(job("small", "mig-1g.5gb"));
  world.submit(job("large", "mig-4g.20gb"));
  world.submit(job("half", "mig-3g.20gb"));
  ASSERT_EQ(world.place(JobId{1}, "a/0:1g.5gb@1"), "");
  EXPECT_EQ(world.place(JobId{2}, "a/0:4g.20gb@0"), "4g.20gb@0 is not free");
  EXPECT_EQ(world.place(JobId{3}, "a/0:3g.20gb@4"), "") << "an idle slice is used as it stands";
  EXPECT_TRUE(std::get<JobPlaced>(world.history.back().first).removed.empty());
  world.end(JobId{1}, Outcome::Exited);
  EXPECT_EQ(world.place(JobId{2}, "a/0:4g.20gb@0"), "");
  EXPECT_EQ(std::get<JobPlaced>(world.history.back().first).removed, (std::vector<std::string>{"1g.5gb@0", "1g.5gb@1"}));
}

TEST(Place, AWholeGpuNeedsAllOfItAndGivesItsIdleSlicesUp) {
  World world = pool_of(node("a", a100("3g.20gb@4"), a100(), v100()));
  world.submit(job("two", "a100-x2"));
  world.submit(job("one", "a100"));
  world.submit(job("small", "mig-1g.5gb"));
  ASSERT_EQ(world.place(JobId{3}, "a/1:1g.5gb@6"), "");
  EXPECT_EQ(world.place(JobId{1}, "a/0,1"), "GPU GPU-a-1 is not free");
  EXPECT_EQ(world.place(JobId{2}, "a/2"), "GPU GPU-a-2 is not free") << "of another family";
  EXPECT_EQ(world.place(JobId{2}, "a/0,1"), "the place is not what a100 means");
  EXPECT_EQ(world.place(JobId{2}, "a/0"), "");
  EXPECT_EQ(world.node("a").gpus[0].mode, GpuMode::Whole);
  EXPECT_TRUE(world.node("a").gpus[0].slices.empty());
}

TEST(Place, ProcessorsAndMemoryAreCounted) {
  World world = pool_of(fixture::NodeOf{"a", {a100()}, 4, 8'192});
  JobRequest request = job("fat", "cpu");
  request.cpu_milli = 3'000;
  request.memory_mib = 1'000;
  world.submit(request, 2);
  ASSERT_EQ(world.place(JobId{1}, "a"), "");
  EXPECT_EQ(world.place(JobId{2}, "a"), "a has not enough processors or memory left");
  world.end(JobId{1}, Outcome::Exited);
  EXPECT_EQ(world.node("a").cpu_milli_used, 0u);
  EXPECT_EQ(world.place(JobId{2}, "a"), "");
}

TEST(Place, NothingIsPlacedOnANodeThatHasNotAnsweredSinceTheControllerStarted) {
  World world = pool_of(node("a", a100()));
  world.submit(job("train", "cpu"));
  world.restart_controller();
  EXPECT_EQ(world.place(JobId{1}, "a"), "a takes no jobs now");
  world.sync("a");
  EXPECT_EQ(world.place(JobId{1}, "a"), "");
}

TEST(Place, ADrainedNodeTakesNothingButLetsItsJobsEnd) {
  World world = pool_of(node("a", a100()));
  world.submit(job("train", "mig-1g.5gb"), 2);
  ASSERT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "");
  EXPECT_EQ(world.tell(DrainNode{NodeId{1}, "new disk"}), "NodeDrained");
  EXPECT_EQ(world.place(JobId{2}, "a/0:1g.5gb@1"), "a takes no jobs now");
  world.sync("a");
  EXPECT_EQ(world.pool.job(JobId{1})->state, JobState::Running);
  EXPECT_EQ(world.tell(ResumeNode{NodeId{1}}), "NodeResumed");
  EXPECT_EQ(world.tell(ResumeNode{NodeId{1}}), "");
  EXPECT_EQ(world.place(JobId{2}, "a/0:1g.5gb@1"), "");
}

TEST(Place, AProposalThatIsOutOfDateIsRefusedAndChangesNothing) {
  World world = pool_of(node("a", a100()));
  world.submit(job("train", "mig-1g.5gb"), 2);
  PlaceJob const twice = world.place_of(JobId{1}, "a/0:1g.5gb@0");
  ASSERT_TRUE(world.ask(twice));
  std::string const before = world.text();
  EXPECT_EQ(error_of(world, twice).message, "job 1 does not wait");
  PlaceJob other = twice;
  other.job = JobId{2};
  other.rung = 3;
  EXPECT_EQ(error_of(world, other).message, "job 2 has no rung 3");
  other.rung = 0;
  other.gpus = 1u << 7;
  EXPECT_EQ(error_of(world, other).message, "a has no GPU 7");
  other.node = NodeId{9};
  EXPECT_EQ(error_of(world, other).kind, ErrorKind::NotFound);
  EXPECT_EQ(world.text(), before);
}

TEST(GpuPolicy, AFixedLayoutIsUsedAsItStandsAndAWholeGpuIsNeverCut) {
  World world = pool_of(node("a", a100("3g.20gb@4"), a100()));
  ASSERT_EQ(world.tell(SetGpuPolicy{NodeId{1}, 0, GpuPolicy::Fixed}), "GpuPolicySet");
  ASSERT_EQ(world.tell(SetGpuPolicy{NodeId{1}, 1, GpuPolicy::Whole}), "GpuPolicySet");
  world.submit(job("half", "mig-3g.20gb"), 2);
  EXPECT_EQ(world.place(JobId{1}, "a/0:3g.20gb@0"), "GPU GPU-a-0 has a fixed layout");
  EXPECT_EQ(world.place(JobId{1}, "a/0:3g.20gb@4"), "");
  EXPECT_EQ(world.place(JobId{2}, "a/1:3g.20gb@4"), "GPU GPU-a-1 does not give slices of 3g.20gb");
  EXPECT_EQ(world.tell(SetGpuPolicy{NodeId{1}, 0, GpuPolicy::Whole}), "refused: GPU GPU-a-0 is cut and in use: wait for its jobs to end, or cancel them");
  EXPECT_EQ(error_of(world, SetGpuPolicy{NodeId{1}, 5, GpuPolicy::Whole}).field, "gpu");
}

TEST(Join, ANameIsFreeAgainOnceItsNodeIsDeclaredLost) {
  World world = pool_of(node("a", a100()));
  EXPECT_EQ(error_of(world, JoinNode{"a", "here", {}}).field, "name");
  EXPECT_EQ(world.tell(DeclareNodeLost{NodeId{1}}), "refused: a answers, so it is not lost");
  world.tell(MissNode{NodeId{1}});
  EXPECT_EQ(world.tell(DeclareNodeLost{NodeId{1}}), "NodeLost");
  EXPECT_EQ(world.tell(DeclareNodeLost{NodeId{1}}), "");
  EXPECT_EQ(world.join(node("a", a100())), NodeId{2});
  EXPECT_EQ(error_of(world, ReportNode{world.real.at(NodeId{1})}).message, "a was declared lost");
}

TEST(Spec, ItSaysAllThatShouldBeOnTheNodeAndItsGenerationRisesWithEveryChange) {
  World world = pool_of(node("a", a100("3g.20gb@4"), v100()));
  world.submit(job("train", "mig-1g.5gb"));
  NodeSpec const before = spec_of(world.pool, "x", NodeId{1});
  ASSERT_EQ(world.place(JobId{1}, "a/0:1g.5gb@2"), "");
  NodeSpec const spec = spec_of(world.pool, "x", NodeId{1});
  EXPECT_GT(spec.generation, before.generation);
  EXPECT_EQ(spec.gpus[0].layout, (std::vector<std::string>{"1g.5gb@2", "3g.20gb@4"}));
  ASSERT_EQ(spec.attempts.size(), 1u);
  EXPECT_EQ(spec.attempts[0].placement, "1g.5gb@2");
  EXPECT_EQ(spec.attempts[0].gpus, (std::vector<std::string>{"GPU-a-0"}));
  EXPECT_EQ(spec.attempts[0].body, to_text(Digest{7, 1}));
  world.report(NodeId{1});
  EXPECT_EQ(spec_of(world.pool, "x", NodeId{1}).generation, spec.generation) << "a report alone changes no spec";
  world.restart_controller();
  EXPECT_GT(spec_of(world.pool, "x", NodeId{1}).generation, spec.generation);
}

}  // namespace
}  // namespace nav
