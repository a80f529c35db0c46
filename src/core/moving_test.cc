// SPDX-License-Identifier: Apache-2.0
#include "core/moving.h"

#include "core/image.h"
#include "core/recount.h"
#include "core/world_fixture.h"

namespace nav {
namespace {

using fixture::a100;
using fixture::node;
using fixture::pool_of;
using fixture::World;

JobRequest movable(std::string name, std::string on) {
  JobRequest request = fixture::job(std::move(name), std::move(on));
  request.restartable = true;
  return request;
}

/// Half of each of two GPUs is held, and one waits for a whole one.
struct Halves {
  World world = pool_of(node("a", a100(), a100()));
  JobId first, second, whole;

  explicit Halves(JobRequest const& request = movable("half", "mig-3g.20gb")) {
    first = world.submit(request), second = world.submit(request);
    EXPECT_EQ(world.place(first, "a/0:3g.20gb@4"), "");
    EXPECT_EQ(world.place(second, "a/1:3g.20gb@4"), "");
    world.sync("a");
    whole = world.submit(fixture::job("whole", "mig-7g.40gb"));
  }
  MoveJobs plan() const { return {world.place_of(whole, "a/0:7g.40gb@0"), {world.place_of(first, "a/1:3g.20gb@0")}}; }
};

TEST(Moving, BothPlacesAreClaimedInTheCommitThatStopsWhoMoves) {
  Halves halves;
  World& world = halves.world;
  EXPECT_EQ(world.tell(halves.plan()), "PlaceClaimed PlaceClaimed JobStopRequested");
  EXPECT_EQ(world.pool.job(halves.first)->stop, StopCause::Moved);
  EXPECT_EQ(world.pool.preempted->at(halves.first).sentence, "moved to make room for job 3, to gpu1 3g.20gb@0 of a");
  ASSERT_EQ(moves_for(world.pool, halves.whole).size(), 1u);
  EXPECT_EQ(moves_under_way(world.pool), 1u);
  world.sync("a"), world.sync("a");
  EXPECT_EQ(world.pool.job(halves.first)->state, JobState::Queued);
  EXPECT_EQ(world.place(halves.first, "a/1:3g.20gb@0"), "");
  EXPECT_EQ(world.place(halves.whole, "a/0:7g.40gb@0"), "");
  EXPECT_TRUE(world.pool.claims->empty() && world.pool.preempted->empty());
  EXPECT_EQ(world.pool.job(halves.first)->retries_left, 0u) << "and it had none to lose";
  EXPECT_EQ(what_is_miscounted(world.pool), "");
}

TEST(Moving, WhatIsPromisedIsRefusedToAnybodyElse) {
  Halves halves;
  World& world = halves.world;
  EXPECT_TRUE(world.ask(halves.plan()));
  JobId const small = world.submit(fixture::job("small", "mig-1g.5gb"));
  EXPECT_EQ(world.place(small, "a/1:1g.5gb@0"), "what is free there is promised to job 1, which moves there");
  EXPECT_EQ(world.tell(MakeRoom{world.place_of(small, "a/1:1g.5gb@0")}), "refused: what is free there is promised to job 1, which moves there");
}

TEST(Moving, WhoMayNotMoveIsNotMoved) {
  JobRequest stays = fixture::job("half", "mig-3g.20gb");
  {
    Halves halves(stays);
    EXPECT_EQ(halves.world.tell(halves.plan()), "refused: job 1 cannot begin anew elsewhere: it did not say it is restartable");
  }
  stays.restartable = stays.no_preempt = true;
  {
    Halves halves(stays);
    EXPECT_EQ(halves.world.tell(halves.plan()), "refused: job 1 said it must not be preempted");
  }
  stays.no_preempt = false;
  stays.priority = 10;
  {
    Halves halves(stays);
    EXPECT_EQ(halves.world.tell(halves.plan()), "refused: job 1 is of class high and does not move for one of normal");
  }
}

TEST(Moving, APlanThatDoesNotFitIsRefused) {
  Halves halves;
  World& world = halves.world;
  auto const refused = [&](MoveJobs const& plan) { return world.tell(plan).substr(0, 8); };
  MoveJobs plan = halves.plan();
  plan.moves[0] = world.place_of(halves.first, "a/1:3g.20gb@4");
  EXPECT_EQ(refused(plan), "refused:") << "the other one sits there";
  plan.moves[0] = world.place_of(halves.first, "a/0:3g.20gb@0");
  EXPECT_EQ(refused(plan), "refused:") << "it would sit on the whole GPU's";
  plan.moves[0] = world.place_of(halves.first, "a/0:3g.20gb@4");
  EXPECT_EQ(refused(plan), "refused:") << "it is there already";
  EXPECT_EQ(refused({halves.plan().place, {}}), "refused:");
  plan = halves.plan();
  plan.moves.push_back(plan.moves[0]);
  EXPECT_EQ(refused(plan), "refused:") << "twice the same";
  plan = halves.plan();
  plan.place->job = halves.second;
  EXPECT_EQ(refused(plan), "refused:") << "it does not wait";
}

TEST(Moving, ProcessorsGoWithTheMove) {
  JobRequest wide = movable("half", "mig-3g.20gb");
  wide.cpu_milli = 30'000;
  Halves halves(wide);
  World& world = halves.world;
  JobRequest whole = fixture::job("whole", "mig-7g.40gb");
  whole.cpu_milli = 5'000;
  JobId const other = world.submit(whole);
  MoveJobs plan{world.place_of(other, "a/0:7g.40gb@0"), {world.place_of(halves.first, "a/1:3g.20gb@0")}};
  EXPECT_TRUE(world.tell(plan).starts_with("refused: a has not enough processors")) << "64 for 30, 30 and 5";
}

TEST(Moving, AMoveIsAsItWasAfterTheImageIsRead) {
  Halves halves;
  World& world = halves.world;
  EXPECT_TRUE(world.ask(halves.plan()));
  auto const image = load_image(save_image(world.pool, {}, ""));
  ASSERT_TRUE(image) << image.error().message;
  Pool const& again = image->pool;
  ASSERT_EQ(again.claims->size(), 2u);
  EXPECT_TRUE(again.claims->at(halves.first).by_moving);
  EXPECT_EQ(again.claims->at(halves.first).for_job, halves.whole);
  EXPECT_EQ(again.job(halves.first)->stop, StopCause::Moved);
  EXPECT_EQ(*again.moved, *world.pool.moved);
}

}  // namespace
}  // namespace nav
