// SPDX-License-Identifier: Apache-2.0
#include "plan/place_by_moving.h"

#include <gtest/gtest.h>

#include "plan/world_fixture.h"

namespace nav {
namespace {

namespace boards = mig::fixture;

struct MovingWorld : fixture::World {
  JobId submit_restartable(std::string const& on) {
    JobId const id{pool.next_job};
    SubmitJobs submit;
    submit.request.on = {on};
    submit.request.command = {"true"};
    submit.request.restartable = true;
    submit.count = 1;
    submit.project = ProjectId{1};
    must(submit);
    return id;
  }
  /// "1 -> a/0:3g.20gb@4, then 2 -> a/0:4g.20gb@0 for 5 s", every move costing five seconds.
  std::string moving(std::string const& on, std::uint32_t cpu_milli = 0) {
    RequestClass request;
    request.on = {on};
    request.cpu_milli = cpu_milli;
    auto const found = place_by_moving(pool, index, request, JobId{pool.next_job}, {.most = 2, .chains = true}, [](Job const&) { return seconds(5); });
    if (!found) return "nothing";
    std::string text;
    for (auto const& move : found->moves) text += to_text(move) + ", ";
    return text + fmt::format("then {} for {} s", to_text(found->place), found->price.seconds());
  }
};

TEST(PlaceByMoving, ARestartableJobMakesRoomOnItsOwnGpu) {
  MovingWorld world;
  world.node("a", {boards::a100_40(), boards::a100_40()});
  world.submit_restartable("mig-3g.20gb");
  world.submit({"mig-7g.40gb"});
  world.round();
  world.report(NodeId{1});
  EXPECT_EQ(world.moving("mig-4g.20gb"), "nothing") << "it fits beside the 3g, so nobody need move";
  world.submit({"mig-2g.10gb"});
  world.round();
  world.report(NodeId{1});
  EXPECT_EQ(world.moving("mig-7g.40gb"), "nothing");
}

TEST(PlaceByMoving, OnlyWhoSaidSoMoves) {
  for (bool const restartable : {true, false}) {
    MovingWorld world;
    world.node("a", {boards::a100_40(), boards::a100_40()});
    for (int i = 0; i < 2; ++i) {
      if (restartable) world.submit_restartable("mig-4g.20gb");
      else world.submit({"mig-4g.20gb"});
    }
    world.submit({"mig-3g.20gb"});
    world.round();
    world.finish(JobId{1});  // one GPU: 4g and 3g or one of them alone
    world.report(NodeId{1});
    auto const text = world.moving("mig-7g.40gb");
    if (restartable) EXPECT_EQ(text.substr(0, 5), "2 -> ") << text;
    else EXPECT_EQ(text, "nothing");
  }
}

TEST(PlaceByMoving, ProcessorsBesideTheNewPlaceAreHeldAgainstThePlan) {
  MovingWorld world;
  world.node("a", {boards::a100_40(), boards::a100_40()}, 64);
  world.submit_restartable("mig-4g.20gb");
  world.submit_restartable("mig-4g.20gb");
  world.submit({"mig-3g.20gb"});
  world.round();
  world.finish(JobId{1});
  world.report(NodeId{1});
  EXPECT_NE(world.moving("mig-7g.40gb"), "nothing");
  EXPECT_EQ(world.moving("mig-7g.40gb", 65'000), "nothing");
}

}  // namespace
}  // namespace nav
