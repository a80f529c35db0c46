// SPDX-License-Identifier: Apache-2.0
#include "mig/demand.h"

#include <gtest/gtest.h>

#include <numeric>

#include "mig/boards_fixture.h"

namespace nav::mig {
namespace {

TEST(Demand, BeginsEvenAndFollowsWhatIsAskedFor) {
  auto const geometry = Geometry::compile(fixture::a100_40()).value();
  Demand demand(geometry);
  auto const even = demand.mix();
  EXPECT_NEAR(std::accumulate(even.begin(), even.end(), 0.0), 1, 1e-9);
  auto const small = *geometry.profile_named("1g.5gb");
  bool moved = false;
  for (int i = 0; i < 2'000; ++i) moved = demand.saw(small) || moved;
  EXPECT_TRUE(moved);
  auto const mix = demand.mix();
  EXPECT_NEAR(std::accumulate(mix.begin(), mix.end(), 0.0), 1, 1e-9);
  EXPECT_GT(mix[small], 0.6);
  // The even part stays, however long nobody asks for the others.
  auto const large = *geometry.profile_named("7g.40gb");
  EXPECT_GE(mix[large], 0.3 * even[large]);
}

TEST(Demand, WhatStaysAsItWasIsNotWorthNewTables) {
  auto const geometry = Geometry::compile(fixture::a100_40()).value();
  Demand demand(geometry);
  auto const even = even_mix(geometry);
  for (int i = 0; i < 2'000; ++i)
    for (std::size_t p = 0; p < even.size(); ++p)
      if (even[p] > 0) { EXPECT_FALSE(demand.saw(static_cast<std::uint8_t>(p))); }
}

}  // namespace
}  // namespace nav::mig
