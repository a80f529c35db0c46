// SPDX-License-Identifier: Apache-2.0
#include "core/gang.h"

#include <gtest/gtest.h>

#include "core/image.h"
#include "core/world_fixture.h"

namespace nav {
namespace {

using namespace fixture;

JobRequest gang(std::uint32_t members, std::string on = "a100") {
  JobRequest request = job("training", std::move(on));
  request.members = members;
  return request;
}

/// Two nodes of two GPUs, and a gang of three that has not started.
struct TwoNodes : testing::Test {
  World world = pool_of(node("a", a100(), a100()), node("b", a100(), a100()));

  JobState state(std::uint64_t id) const { return world.pool.jobs.at(id).state; }
  StopCause stop(std::uint64_t id) const { return world.pool.jobs.at(id).stop; }
  JobId begun(JobRequest const& request) {
    JobId const first = world.submit(request);
    EXPECT_EQ(world.place_gang(first, {"a/0", "b/0", "b/1"}), "");
    world.sync("a");
    world.sync("b");
    return first;
  }
};

TEST_F(TwoNodes, AGangGetsAllItsPlacesOrNone) {
  JobId const first = world.submit(gang(3));
  EXPECT_EQ(world.place_gang(first, {"a/0", "b/0", "b/0"}), "GPU GPU-b-0 is not free") << "the second member has it";
  EXPECT_EQ(world.pool.waiting, 3u);
  EXPECT_TRUE(world.node("a").attempts.empty());
  EXPECT_EQ(world.place_gang(first, {"a/0", "b/0"}), "gang 1 has 3 members and gets 2 places");
  EXPECT_EQ(world.place({2}, "a/0"), "job 2 is a member of a gang and placed with all of it");
  EXPECT_EQ(world.place_gang(first, {"a/0", "b/0", "b/1"}), "");
  EXPECT_EQ(world.pool.waiting, 0u);
}

TEST_F(TwoNodes, EachMemberIsToldItsRankWhereAllAreAndWhereRankZeroIsMet) {
  JobId const first = begun(gang(3));
  NodeSpec const on_b = spec_of(world.pool, "test", world.id_of("b"));
  ASSERT_EQ(on_b.attempts.size(), 2u);
  MemberSpec const& last = *on_b.attempts[1].member;
  EXPECT_EQ(last.rank, 2u);
  EXPECT_EQ(last.hosts, (std::vector<std::string>{"a", "b", "b"}));
  EXPECT_EQ(last.port, world.pool.gangs.at(first.value).port);
  EXPECT_GE(last.port, first_port);
  EXPECT_EQ(spec_of(world.pool, "test", world.id_of("a")).attempts[0].member->port, last.port);
}

TEST_F(TwoNodes, TwoGangsThatMeetAtOneAddressHaveTwoPorts) {
  JobRequest const pair = gang(2, "mig-1g.5gb");
  for (int i = 0; i < 2; ++i) world.submit(pair);
  ASSERT_EQ(world.place_gang({1}, {"a/0:1g.5gb@0", "a/0:1g.5gb@1"}), "");
  ASSERT_EQ(world.place_gang({3}, {"a/0:1g.5gb@2", "b/0:1g.5gb@1"}), "");
  EXPECT_NE(world.pool.gangs.at(1).port, world.pool.gangs.at(3).port);
}

TEST_F(TwoNodes, ItSucceedsWhenTheLastMemberHas) {
  JobId const first = begun(gang(3));
  world.end({2}, Outcome::Exited, 0);
  EXPECT_EQ(state(2), JobState::Finishing);
  EXPECT_EQ(stop(1), StopCause::None) << "who has done its part stops nobody";
  EXPECT_TRUE(world.node("b").gpus[0].is_unused()) << "what it held is free";
  world.end({3}, Outcome::Exited, 0);
  world.end({1}, Outcome::Exited, 0);
  EXPECT_EQ(world.pool.job(first), nullptr);
  EXPECT_EQ(world.pool.gangs.size(), 0u);
  EXPECT_EQ(std::get<JobEnded>(world.history.back().first).end, JobEnd::Succeeded);
}

TEST_F(TwoNodes, WhenOneFailsAllAreStoppedAndTheGangFailsAsAWhole) {
  JobId const first = begun(gang(3));
  world.end({2}, Outcome::Exited, 7);
  EXPECT_EQ(stop(1), StopCause::Gang);
  EXPECT_EQ(stop(3), StopCause::Gang);
  EXPECT_EQ(spec_of(world.pool, "test", world.id_of("a")).attempts[0].stop, StopCause::Drained) << "what every agent knows";
  world.sync("b");
  EXPECT_NE(world.pool.job(first), nullptr) << "one member has not ended";
  world.sync("a");
  EXPECT_EQ(world.pool.jobs.size(), 0u);
  auto const& ended = std::get<JobEnded>(world.history.back().first);
  EXPECT_EQ(ended.end, JobEnd::Failed);
  EXPECT_EQ(ended.message, "member 1: exit code 7");
}

TEST_F(TwoNodes, ItIsTriedAgainAsAWholeAndTakesOneRetry) {
  JobRequest request = gang(3);
  request.retries = 1;
  JobId const first = begun(request);
  auto const port = world.pool.gangs.at(first.value).port;
  world.end({3}, Outcome::Exited, 0);
  world.end({1}, Outcome::Signalled);
  world.sync("b");
  for (std::uint64_t id = 1; id <= 3; ++id) {
    EXPECT_EQ(state(id), JobState::Queued) << "the one that had done its part too";
    EXPECT_EQ(world.pool.jobs.at(id).retries_left, 0u);
  }
  ASSERT_EQ(world.place_gang(first, {"b/0", "b/1", "a/1"}), "");
  EXPECT_EQ(world.pool.jobs.at(3).attempt_id(), (AttemptId{{3}, 2}));
  EXPECT_NE(world.pool.gangs.at(first.value).port, port) << "its old one may not be free yet";
}

TEST_F(TwoNodes, CancellingAnyMemberCancelsTheGang) {
  begun(gang(3));
  EXPECT_EQ(world.tell(CancelJob{{2}}), "GangBroken JobStopRequested JobStopRequested JobStopRequested");
  EXPECT_EQ(world.tell(CancelJob{{1}}), "") << "it is under way";
  world.sync("a");
  world.sync("b");
  EXPECT_EQ(world.pool.jobs.size(), 0u);
  EXPECT_EQ(std::get<JobEnded>(world.history.back().first).end, JobEnd::Cancelled);
  JobId const waiting = world.submit(gang(2));
  EXPECT_EQ(world.tell(CancelJob{waiting}), "JobEnded JobEnded");
}

TEST_F(TwoNodes, OneThatIsCancelledWhileItIsStoppedForARetryIsNotTriedAgain) {
  JobRequest request = gang(3);
  request.retries = 3;
  begun(request);
  world.end({1}, Outcome::Exited, 1);
  EXPECT_EQ(world.tell(CancelJob{{1}}), "GangBroken");
  world.sync("b");
  EXPECT_EQ(world.pool.jobs.size(), 0u);
}

TEST_F(TwoNodes, WhenANodeIsLostTheMembersElsewhereAreToldAndTheRestartableBeginAnew) {
  JobRequest request = gang(3);
  request.restartable = true;
  JobId const first = begun(request);
  ASSERT_TRUE(world.ask(MissNode{world.id_of("b")}));
  EXPECT_EQ(stop(1), StopCause::None) << "it may come back";
  ASSERT_TRUE(world.ask(ExpireLeases{world.id_of("b")}));
  EXPECT_EQ(stop(1), StopCause::Gang);
  EXPECT_EQ(world.place_gang(first, {"a/1", "a/0", "a/0"}), "not all members of gang 1 wait") << "one has not ended";
  world.sync("a");
  EXPECT_EQ(state(1), JobState::Queued);
  EXPECT_EQ(world.pool.waiting, 3u);
}

TEST_F(TwoNodes, WhoMakesRoomMakesItWithAllOfItsMembers) {
  JobRequest request = gang(3);
  request.restartable = true;
  begun(request);
  world.end({1}, Outcome::Exited, 0);
  JobRequest urgent = job("urgent", "a100");
  urgent.priority = 200;
  JobId const asks = world.submit(urgent);
  EXPECT_EQ(world.tell(MakeRoom{world.place_of(asks, "b/0")}), "PlaceClaimed JobStopRequested GangBroken JobStopRequested");
  EXPECT_EQ(stop(3), StopCause::Preempted);
  world.sync("b");
  EXPECT_EQ(state(1), JobState::Queued);
  EXPECT_EQ(world.pool.jobs.at(1).retries_left, 0u);
}

TEST_F(TwoNodes, TwoGangsThatMakeRoomAtOnceAreBothToldAsAWhole) {
  JobRequest request = gang(2);
  request.restartable = true;
  world.submit(request, 2);
  ASSERT_EQ(world.place_gang({1}, {"a/0", "b/0"}), "");
  ASSERT_EQ(world.place_gang({3}, {"a/1", "b/1"}), "");
  world.sync("a");
  world.sync("b");
  JobRequest urgent = job("urgent", "a100-x2");
  urgent.priority = 200;
  JobId const asks = world.submit(urgent);
  EXPECT_EQ(world.tell(MakeRoom{world.place_of(asks, "a/0,1")}),
            "PlaceClaimed JobStopRequested JobStopRequested GangBroken JobStopRequested GangBroken JobStopRequested");
  for (std::uint64_t id = 1; id <= 4; ++id) EXPECT_EQ(stop(id), StopCause::Preempted) << id;
  EXPECT_EQ(world.pool.gangs.at(3).broken->for_job, asks);
}

TEST_F(TwoNodes, AGangLargerThanThePoolIsRefusedWithWhatThereIs) {
  auto const refused = world.ask(SubmitJobs{gang(5), 1, {}, ProjectId{1}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "members");
  EXPECT_EQ(refused.error().message, "a gang of 5 members is larger than the pool");
  EXPECT_EQ(refused.error().hint, "the pool gives a100 4 times, on 2 nodes");
  EXPECT_EQ(world.ask(SubmitJobs{gang(29, "mig-1g.5gb"), 1, {}, ProjectId{1}}).error().hint, "the pool gives mig-1g.5gb 28 times, on 2 nodes");
  JobRequest wide = gang(2);
  wide.cpu_milli = 40'000;
  EXPECT_TRUE(world.ask(SubmitJobs{wide, 1, {}, ProjectId{1}}));
  wide.members = 3;
  EXPECT_EQ(world.ask(SubmitJobs{wide, 1, {}, ProjectId{1}}).error().hint, "the pool gives a100 2 times, on 2 nodes") << "a node has 64 processors";
  EXPECT_EQ(world.ask(SubmitJobs{gang(2'000), 1, {}, ProjectId{1}}).error().hint, "1 to 1024");
}

TEST_F(TwoNodes, SeveralGangsAtOnceAreSeveralGangs) {
  JobId const first = world.submit(gang(2), 2);
  EXPECT_EQ(world.pool.gangs.size(), 2u);
  EXPECT_EQ(world.pool.jobs.at(first.value + 3).gang, JobId{first.value + 2});
  EXPECT_EQ(world.pool.jobs.at(first.value + 3).rank(), 1u);
}

TEST_F(TwoNodes, AnImageKeepsWhatIsKnownOfAGang) {
  JobId const first = begun(gang(3));
  world.end({1}, Outcome::Exited, 0);
  world.end({2}, Outcome::Exited, 7);
  auto const image = load_image(save_image(world.pool, {}, ""));
  ASSERT_TRUE(image) << image.error().message;
  Pool const& again = image->pool;
  Gang const& gang = again.gangs.at(first.value);
  EXPECT_EQ(gang.nodes, world.pool.gangs.at(first.value).nodes);
  EXPECT_EQ(gang.port, world.pool.gangs.at(first.value).port);
  EXPECT_EQ(gang.well, 1u);
  EXPECT_EQ(gang.broken, world.pool.gangs.at(first.value).broken);
  EXPECT_EQ(again.jobs.at(2).state, JobState::Finishing);
  EXPECT_EQ(again.jobs.at(3).gang, first);
  EXPECT_EQ(to_text(again), to_text(world.pool));
}

}  // namespace
}  // namespace nav
