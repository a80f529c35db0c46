// SPDX-License-Identifier: Apache-2.0
#include "plan/plan.h"

#include <gtest/gtest.h>

#include "plan/world_fixture.h"

namespace nav {
namespace {

using fixture::World;
namespace boards = mig::fixture;

TEST(Plan, SevenOfTheSmallestGoOnOneGpuAndTheEighthWaits) {
  World world;
  world.node("a", {boards::a100_40()});
  auto const first = world.submit({"mig-1g.5gb"}, 8);
  EXPECT_EQ(world.round(),
            "1 -> a/0:1g.5gb@6; 2 -> a/0:1g.5gb@4; 3 -> a/0:1g.5gb@5; 4 -> a/0:1g.5gb@0; 5 -> a/0:1g.5gb@1; 6 -> a/0:1g.5gb@2; 7 -> a/0:1g.5gb@3");
  EXPECT_EQ(world.why(JobId{first.value + 7}), "busy: all 7 places for 1g.5gb are held by 7 jobs");
}

TEST(Plan, SmallJobsFillAGpuThatIsCutAlready) {
  World world;
  world.node("a", {boards::a100_40(), boards::a100_40()});
  world.submit({"mig-3g.20gb"});
  EXPECT_EQ(world.round(), "1 -> a/0:3g.20gb@4");
  world.submit({"mig-4g.20gb"});
  world.submit({"mig-7g.40gb"});
  EXPECT_EQ(world.round(), "2 -> a/0:4g.20gb@0; 3 -> a/1:7g.40gb@0");
}

TEST(Plan, AnIdleSliceIsUsedAgain) {
  World world;
  world.node("a", {boards::a100_40()});
  auto const job = world.submit({"mig-2g.10gb"});
  auto const where = world.round();
  world.finish(job);
  world.submit({"mig-2g.10gb"});
  EXPECT_EQ(world.round(), "2" + where.substr(1));
}

TEST(Plan, AnIdleSliceInTheWayIsGivenUp) {
  World world;
  auto const a = world.node("a", {boards::a100_40()});
  world.finish((world.submit({"mig-3g.20gb"}), world.round(), JobId{1}));
  world.submit({"mig-7g.40gb"});
  EXPECT_EQ(world.round(), "2 -> a/0:7g.40gb@0");
  EXPECT_EQ(mig::to_text(boards::a100_40(), world.pool.node(a)->gpus[0].layout()), "7g.40gb@0");
}

TEST(Plan, AnIdleSliceIsLeftStandingWhereAnEquallyGoodPlaceIsFree) {
  World world;
  world.node("a", {boards::a100_40(), boards::a100_40()});
  world.submit({"mig-1g.5gb"});
  world.finish((world.round(), JobId{1}));
  world.submit({"mig-7g.40gb"});
  EXPECT_EQ(world.round(), "2 -> a/1:7g.40gb@0");
}

TEST(Plan, RungsAreTriedInOrder) {
  World world;
  world.node("a", {boards::a100_40()});
  world.node("b", {boards::v100()});
  world.node("c", {});
  world.submit({"mig-7g.40gb"});
  world.round();
  world.submit({"mig-1g.5gb", "v100", "cpu"}, 3);
  EXPECT_EQ(world.round(), "2 -> b/0; 3 -> c cpu; 4 -> c cpu");
}

TEST(Plan, ATemplateIsTakenOnlyWhereItSays) {
  World world;
  world.node("a", {boards::a100_40()});
  world.node("b", {boards::a100_40()});
  Template t = *world.pool.find_template("mig-1g.5gb");
  t.name = "there";
  t.nodes = {"b"};
  world.must(SetTemplate{t});
  world.submit({"there"}, 8);
  auto const placed = world.round();
  EXPECT_EQ(placed.find("-> a"), std::string::npos) << placed;
  EXPECT_EQ(world.why(JobId{8}), "busy: all 7 places for 1g.5gb are held by 7 jobs");
  t.labels = {{"rack", "7"}};
  world.must(SetTemplate{t, TemplateWish::Replace, Hardware::Later});
  EXPECT_EQ(world.why(JobId{8}), "never: no GPU in the pool can be cut into 1g.5gb");
}

TEST(Plan, PriorityGoesFirstThenTheOlder) {
  World world;
  world.node("a", {boards::v100()});
  world.submit({"v100"}, 2);
  world.submit({"v100"}, 1, 5);
  EXPECT_EQ(world.round(), "3 -> a/0");
  world.finish(JobId{3});
  EXPECT_EQ(world.round(), "1 -> a/0");
}

TEST(Plan, SmallerWorkGoesOnBesideWhatIsKeptForWhatDoesNotFit) {
  World world;
  world.node("a", {boards::a100_40(), boards::a100_40()});
  world.submit({"mig-4g.20gb"}, 2);
  world.round();
  world.submit({"mig-7g.40gb"}, 3);
  world.submit({"mig-3g.20gb"}, 2);
  EXPECT_EQ(world.round(), "6 -> a/1:3g.20gb@4") << "the first GPU is kept for job 3";
}

TEST(Plan, SeveralGpusComeFromTheNodeWithTheFewestLeftOver) {
  World world;
  std::vector<mig::Board> const eight(8, boards::v100()), four(4, boards::v100());
  world.node("large", eight);
  world.node("small", four);
  world.submit({"v100-x4"});
  world.submit({"v100-x4"});
  EXPECT_EQ(world.round(), "1 -> small/0,1,2,3; 2 -> large/0,1,2,3");
}

TEST(Plan, ABudgetCountsPlacings) {
  World world;
  world.node("a", {});
  world.submit({"cpu"}, 5);
  EXPECT_EQ(world.round(2), "1 -> a cpu; 2 -> a cpu; ...");
  EXPECT_EQ(world.round(), "3 -> a cpu; 4 -> a cpu; 5 -> a cpu");
}

TEST(Plan, AFixedLayoutIsUsedAndNeverChanged) {
  World world;
  auto const a = world.node("a", {boards::a100_40(), boards::a100_40()});
  world.finish((world.submit({"mig-2g.10gb"}), world.round(), JobId{1}));
  world.must(SetGpuPolicy{a, 0, GpuPolicy::Fixed});
  world.submit({"mig-2g.10gb"}, 2);
  world.submit({"mig-7g.40gb"});
  auto const placed = world.round();
  EXPECT_TRUE(placed.starts_with("2 -> a/0:2g.10gb@")) << placed;
  EXPECT_NE(placed.find("3 -> a/1:2g.10gb@"), std::string::npos) << placed;
  EXPECT_EQ(placed.find("4 ->"), std::string::npos) << placed;
}

TEST(Plan, NothingGoesToANodeThatTakesNoJobs) {
  World world;
  auto const a = world.node("a", {boards::a100_40()});
  world.must(DrainNode{a, "repair"});
  auto const job = world.submit({"mig-1g.5gb"});
  EXPECT_EQ(world.round(), "");
  EXPECT_EQ(world.why(job), "no_node: every node with mig-1g.5gb takes no jobs now: a is draining");
  world.must(ResumeNode{a});
  EXPECT_EQ(world.why(job), "turn: it fits; its turn comes in the next round");
  EXPECT_EQ(world.round(), "1 -> a/0:1g.5gb@6");
}

TEST(Why, NamesWhoHoldsWhatIsMissing) {
  World world;
  world.node("a", {boards::a100_40()});
  world.submit({"mig-4g.20gb"});
  world.submit({"mig-3g.20gb"});
  world.round();
  auto const job = world.submit({"mig-4g.20gb"});
  auto const reason = why(world.pool, world.index, job);
  EXPECT_EQ(reason.sentence, "the one place for 4g.20gb is held by 2 jobs");
  ASSERT_EQ(reason.rungs.size(), 1u);
  EXPECT_EQ(reason.rungs[0].holders, (std::vector<AttemptId>{{JobId{1}, 1}})) << "the other's end would not help";
  EXPECT_EQ(reason.rungs[0].total, 1u);
  EXPECT_EQ(reason.rungs[0].held, 1u);
}

TEST(Why, TellsFragmentsFromFull) {
  World world;
  world.node("a", {boards::a100_40(), boards::a100_40()});
  // Both halves of both GPUs are broken by one small job each.
  world.submit({"mig-1g.5gb"}, 4);
  std::uint64_t small = 0;
  for (std::uint32_t gpu : {1u, 2u})
    for (std::uint8_t start : {std::uint8_t{0}, std::uint8_t{4}})
      world.must(PlaceJob{.job = JobId{++small}, .node = NodeId{1}, .rung = 0, .gpus = gpu, .placement = mig::Placement{0, start}});
  auto const job = world.submit({"mig-3g.20gb"});
  EXPECT_EQ(world.round(), "");
  EXPECT_EQ(world.why(job), "fragments: 12 memory slices are free, but not in one piece large enough for 3g.20gb");
}

TEST(Why, TellsWhatIsBesideTheGpu) {
  World world;
  world.node("a", {boards::a100_40()}, 8, 65'536);
  auto const greedy = world.submit({"mig-1g.5gb"}, 1, 0, 7000);
  world.round();
  auto const job = world.submit({"mig-1g.5gb"}, 1, 0, 2000);
  EXPECT_EQ(world.round(), "");
  EXPECT_EQ(world.why(job), "processors: 6 places are free for mig-1g.5gb, but not with 2 processors and 8 GiB beside them");
  EXPECT_EQ(why(world.pool, world.index, job).rungs[0].holders.at(0).job, greedy);
}

TEST(Why, TellsNeverFromNotNow) {
  World world;
  world.node("a", {boards::a100_40()}, 8, 65'536);
  EXPECT_EQ(world.why(world.submit({"mig-1g.5gb"}, 1, 0, 16'000)),
            "never: it asks for 16 processors and 8 GiB; no node with mig-1g.5gb has that: the most is 8 processors and 64 GiB");
  EXPECT_EQ(world.why(world.submit({"cpu"}, 1, 0, 0, 100'000)),
            "never: it asks for 1 processor and 97.7 GiB; no node has that: the most is 8 processors and 64 GiB");
}

TEST(Why, SpeaksOfTheRungNearestToBeingHad) {
  World world;
  auto const a = world.node("a", {boards::a100_40()});
  world.node("b", {boards::v100()});
  world.submit({"v100"});
  world.round();
  world.must(DrainNode{a, ""});
  auto const job = world.submit({"mig-1g.5gb", "v100"});
  EXPECT_EQ(world.why(job), "busy: the one place for v100 is held by 1 job");
  EXPECT_EQ(why(world.pool, world.index, job).rungs[0].lack, Lack::NoNode);
}

TEST(Why, CountsWhoGoesFirst) {
  World world;
  world.node("a", {boards::v100()});
  world.submit({"v100"}, 3);
  world.submit({"v100"}, 2, 1);
  auto const last = world.submit({"cpu"});
  EXPECT_EQ(why(world.pool, world.index, last).ahead, 5u);
  EXPECT_EQ(why(world.pool, world.index, JobId{2}).ahead, 3u);
}

TEST(Why, SaysWhatWasSetAside) {
  World world;
  auto const a = world.node("a", {boards::v100()});
  auto status = world.status(a);
  status.gpus[0].problem = "it fell off the bus";
  world.must(ReportNode{status});
  auto const job = world.submit({"v100"});
  EXPECT_EQ(world.round(), "");
  EXPECT_EQ(world.why(job), "set_aside: the one place for v100 is set aside");
}

}  // namespace
}  // namespace nav
