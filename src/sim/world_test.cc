// SPDX-License-Identifier: Apache-2.0
#include "sim/world.h"

#include <gtest/gtest.h>

namespace nav::sim {
namespace {

TEST(World, FiftyStormsBreakNoPromise) {
  std::map<std::string, std::uint64_t> happened;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    WorldReport const report = run_world({.seed = seed});
    ASSERT_EQ(report.failure, "") << "seed " << seed;
    EXPECT_GT(report.faults.size(), 5u) << "seed " << seed << " was no storm";
    for (auto const& [what, times] : report.faults) happened[what] += times;
  }
  for (auto const* what : {"gang placed", "gang tried again", "gang stopped"}) EXPECT_GT(happened[what], 100u) << what;
}

TEST(World, ASeedRepeats) { EXPECT_EQ(json_write(run_world({.seed = 7})), json_write(run_world({.seed = 7}))); }

TEST(World, WithoutAStormEveryJobDoesWhatItWouldHaveDoneAlone) {
  WorldReport const report = run_world({.seed = 3, .storm = Duration{1}});
  EXPECT_EQ(report.failure, "");
  EXPECT_EQ(report.ended.count("lost"), 0u);
}

}  // namespace
}  // namespace nav::sim
