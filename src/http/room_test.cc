// SPDX-License-Identifier: Apache-2.0
#include "http/room.h"

#include <gtest/gtest.h>

#include "http/api_fixture.h"

namespace nav::http::fixture {
namespace {

std::uint64_t free_for(Site& site, std::string const& name) {
  auto const snapshot = site.front.snapshot();
  return Room(snapshot->pool).for_template(*snapshot->pool.find_template(name));
}

TEST(Room, IsWhatCouldBeginNow) {
  Site site;  // two A100
  EXPECT_EQ(free_for(site, "mig-1g.5gb"), 14u);
  EXPECT_EQ(free_for(site, "mig-3g.20gb"), 4u);
  EXPECT_EQ(free_for(site, "a100"), 2u);
  EXPECT_EQ(free_for(site, "a100-x2"), 1u);
  JobId const job = site.submit("ada", "vision", "mig-3g.20gb");
  site.start(job, "a/0:3g.20gb@0");
  EXPECT_EQ(free_for(site, "mig-1g.5gb"), 10u);
  EXPECT_EQ(free_for(site, "mig-3g.20gb"), 3u);
  EXPECT_EQ(free_for(site, "a100"), 1u);
  EXPECT_EQ(free_for(site, "a100-x2"), 0u);
  site.end(job);
  EXPECT_EQ(free_for(site, "mig-1g.5gb"), 14u) << "the slice that stays is idle and gives way";
}

TEST(Room, ANodeThatIsDrainedHasNone) {
  Site site;
  EXPECT_EQ(site.call("POST /v1/nodes/a/drain", "oper", "{}").status, 200);
  EXPECT_EQ(free_for(site, "mig-1g.5gb"), 0u);
  EXPECT_EQ(free_for(site, "cpu"), 0u);
}

TEST(Room, TheEighthSliceBesideSevenIsStranded) {
  Site site;
  for (int at = 0; at < 7; ++at) site.start(site.submit("ada", "vision", "mig-1g.5gb"), fmt::format("a/0:1g.5gb@{}", at));
  auto const snapshot = site.front.snapshot();
  snapshot->pool.nodes.each([](Node const& node) {
    EXPECT_EQ(stranded_on(node.gpus[0]), std::vector<std::uint32_t>{7});
    EXPECT_TRUE(stranded_on(node.gpus[1]).empty()) << "what is not cut can still be cut anyhow";
  });
}

}  // namespace
}  // namespace nav::http::fixture
