// SPDX-License-Identifier: Apache-2.0
#include "mig/scores.h"

#include <gtest/gtest.h>

#include "mig/boards_fixture.h"

namespace nav::mig {
namespace {

class ScoresOfA100 : public ::testing::Test {
 protected:
  Geometry geometry = Geometry::compile(fixture::plain(fixture::a100_40())).value();
  Scores scores{geometry, even_mix(geometry)};
  StateId state(std::string_view layout) { return geometry.state_of(parse_layout(geometry.board(), layout).value()).value(); }
  std::string best(std::string_view layout, std::string_view profile) {
    auto const found = scores.best(state(layout), find_profile(geometry.board(), profile).value());
    return found ? to_text(geometry.board(), *found) : "nowhere";
  }
};

TEST_F(ScoresOfA100, SmallInstancesGoWhereNothingElseWould) {
  EXPECT_EQ(best("", "1g.5gb"), "1g.5gb@6") << "the last pair lacks the compute slice for a 2g";
  EXPECT_EQ(best("1g.5gb@0", "1g.5gb"), "1g.5gb@1") << "the pair that is broken already";
  EXPECT_EQ(best("", "3g.20gb"), "3g.20gb@4") << "the left half is kept for a 4g";
  EXPECT_EQ(best("", "1g.10gb"), "1g.10gb@6");
  EXPECT_EQ(best("3g.20gb@0", "4g.20gb"), "nowhere");
}

TEST_F(ScoresOfA100, FullGpusAreWorthNothingAndEmptyOnesMost) {
  EXPECT_EQ(scores.value(state("7g.40gb@0")), 0);
  for (std::size_t s = 1; s < geometry.states(); ++s) EXPECT_LT(scores.value(static_cast<StateId>(s)), scores.value(kEmptyGpu));
}

TEST_F(ScoresOfA100, AnEmptyGpuIsCutLast) {
  auto const profile = find_profile(geometry.board(), "1g.5gb").value();
  auto const order = scores.order(profile);
  EXPECT_NE(order.front(), kEmptyGpu);
  EXPECT_GT(scores.cost(kEmptyGpu, profile), scores.cost(order.front(), profile));
}

TEST(Scores, TheTablesAgreeWithTheGeometryOnEveryBoardAndMix) {
  for (auto const& board : fixture::all()) {
    auto const geometry = Geometry::compile(board).value();
    auto lopsided = Mix(geometry.profiles(), 0.0);
    lopsided.back() = 3.5;
    for (auto const& mix : {even_mix(geometry), Mix(geometry.profiles(), 1.0), lopsided}) {
      Scores const scores(geometry, mix);
      for (std::uint8_t p = 0; p < geometry.profiles(); ++p) {
        std::size_t fitting = 0;
        for (std::size_t s = 0; s < geometry.states(); ++s) {
          auto const state = static_cast<StateId>(s);
          auto const best = scores.best(state, p);
          ASSERT_EQ(best.has_value(), geometry.fits(state, p));
          if (!best) continue;
          ++fitting;
          auto const cost = scores.value(state) - scores.value(*geometry.after(state, *best));
          ASSERT_EQ(scores.cost(state, p), cost);
          for (auto other : geometry.placements(p)) {
            auto const next = geometry.after(state, other);
            ASSERT_TRUE(!next || scores.value(state) - scores.value(*next) >= cost);
          }
        }
        ASSERT_EQ(scores.order(p).size(), fitting);
        for (std::size_t i = 1; i < fitting; ++i) ASSERT_LE(scores.cost(scores.order(p)[i - 1], p), scores.cost(scores.order(p)[i], p));
      }
    }
  }
}

}  // namespace
}  // namespace nav::mig
