// SPDX-License-Identifier: Apache-2.0
#include "adapters/notices.h"

#include <gtest/gtest.h>

#include "core/world_fixture.h"

namespace nav {
namespace {

using fixture::a100;
using fixture::job;
using fixture::node;
using fixture::pool_of;
using fixture::World;

/// The sentences of all that is news in the world's history.
std::string news_of(World const& world, NoticeReader reader = NoticeReader("site")) {
  std::string text;
  for (auto const& [event, stamp] : world.history)
    if (auto const notice = reader.read({stamp, "pool", json_write(event)}, world.pool)) text += notice->text + "\n";
  return text;
}

TEST(Notices, ANodesSilenceIsNewsOnceAndSoIsItsReturn) {
  World world = pool_of(node("a", a100()));
  world.tell(MissNode{NodeId{1}});
  world.restart_controller();
  world.tell(MissNode{NodeId{1}});
  world.sync("a");
  world.restart_controller();
  world.sync("a");
  EXPECT_EQ(news_of(world), "a does not answer\na answers again\n") << "that a controller was restarted is no news of its nodes";
}

TEST(Notices, ANodeThatWentWhileNoControllerLookedIsMissed) {
  World world = pool_of(node("a", a100()));
  world.restart_controller();
  world.tell(MissNode{NodeId{1}});
  EXPECT_EQ(news_of(world), "a does not answer\n");
  world.tell(DeclareNodeLost{NodeId{1}});
  EXPECT_EQ(news_of(world), "a does not answer\na was declared lost\n");
}

TEST(Notices, WhatIsSetAsideIsNamedWithItsReasonAndItsJob) {
  World world = pool_of(node("a", a100()));
  world.submit(job("train", "mig-1g.5gb"));
  ASSERT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "");
  world.sync("a");
  auto& seen = world.real_of("a");
  seen.xids.push_back({.number = 1, .gpu = "GPU-a-0", .placement = "1g.5gb@0", .xid = 94, .at = Time{5'000'000}});
  ASSERT_TRUE(world.report(NodeId{1}));
  NoticeReader reader("site");
  std::optional<api::Notice> aside;
  for (auto const& [event, stamp] : world.history)
    if (auto const notice = reader.read({stamp, "pool", json_write(event)}, world.pool)) aside = notice;
  ASSERT_TRUE(aside);
  EXPECT_EQ(aside->text, "1g.5gb@0 on GPU 0 of a is set aside: XID 94 at 1970-01-01T00:00:05.000000Z");
  EXPECT_EQ(aside->kind, api::NoticeKind::SetAside);
  EXPECT_EQ(aside->job, JobId{1});
  EXPECT_EQ(aside->placement, "1g.5gb@0");
  EXPECT_TRUE(aside->id.starts_with("site-"));
  world.end(JobId{1}, Outcome::Exited, 1);
  world.tell(TakeBack{NodeId{1}, 0, "1g.5gb@0"});
  EXPECT_NE(news_of(world).find("1g.5gb@0 on GPU 0 of a is in use again\n"), std::string::npos) << news_of(world);
}

TEST(Notices, OfJobsOnlyTheLostOnesAre) {
  World world = pool_of(node("a", a100()));
  world.submit(job("train", "cpu"), 3);
  for (std::uint64_t i : {1, 2, 3}) ASSERT_EQ(world.place(JobId{i}, "a"), "");
  world.sync("a");
  world.end(JobId{1}, Outcome::Exited);
  world.end(JobId{2}, Outcome::Exited, 7);
  world.end(JobId{3}, Outcome::Lost, 0, "its supervisor died");
  EXPECT_EQ(news_of(world), "job 3 is lost: its supervisor died\n");
}

TEST(Notices, WhatIsNoEventOfThePoolIsPassedOver) {
  NoticeReader reader("site");
  for (char const* body : {"", "{", "{}", "[]", "{\"NodeLost\"", "{\"NodeLost\":7}", "{\"NodeLost\":{\"node\":\"what\"}}"})
    EXPECT_FALSE(reader.read({{}, "pool", body}, {})) << body;
  EXPECT_FALSE(reader.read({{}, "access", R"({"NodeLost":{"node":"node-1"}})"}, {}));
}

}  // namespace
}  // namespace nav
