// SPDX-License-Identifier: Apache-2.0
#include "mig/placement.h"

#include <gtest/gtest.h>

#include "mig/boards_fixture.h"
#include "mig/geometry.h"

namespace nav::mig {
namespace {

TEST(Placement, IsReadAndWrittenAsProfileAtStart) {
  auto const board = fixture::a100_40();
  auto const placement = parse_placement(board, "3g.20gb@4").value();
  EXPECT_EQ(placement, (Placement{4, 4}));
  EXPECT_EQ(to_text(board, placement), "3g.20gb@4");
}

TEST(Placement, AWrongOneIsAnsweredWithWhatIsPossible) {
  auto const board = fixture::a100_40();
  auto error = [&](std::string_view text) { return to_text(parse_placement(board, text).error()); };
  EXPECT_EQ(error("2g.10gb@6"), "2g.10gb cannot start at \"6\" (one of 0, 2, 4)");
  EXPECT_EQ(error("2g.10gb@"), "2g.10gb cannot start at \"\" (one of 0, 2, 4)");
  EXPECT_EQ(error("2g.10gb@4294967296"), "2g.10gb cannot start at \"4294967296\" (one of 0, 2, 4)");
  EXPECT_EQ(error("2g.10gb"), "\"2g.10gb\" is not a placement (a profile and its first memory slice, as in 1g.5gb@4)");
  EXPECT_EQ(error("9g@0"), "NVIDIA A100-SXM4-40GB has no profile \"9g\" (one of 1g.5gb, 1g.5gb+me, 1g.10gb, 2g.10gb, 3g.20gb, 4g.20gb, 7g.40gb)");
}

TEST(Layout, IsKeptAlongTheGpu) {
  auto const board = fixture::a100_40();
  auto layout = parse_layout(board, " 3g.20gb@4  1g.5gb@0 2g.10gb@2").value();
  EXPECT_EQ(to_text(board, layout), "1g.5gb@0 2g.10gb@2 3g.20gb@4");
  EXPECT_TRUE(layout.remove(parse_placement(board, "2g.10gb@2").value()));
  EXPECT_FALSE(layout.remove(parse_placement(board, "2g.10gb@2").value()));
  EXPECT_EQ(to_text(board, layout), "1g.5gb@0 3g.20gb@4");
  EXPECT_EQ(parse_layout(board, "").value(), Layout{});
}

TEST(Layout, EveryLegalOneReadsBackAsItself) {
  for (auto const& board : fixture::all()) {
    auto const geometry = Geometry::compile(board).value();
    for_each_layout(geometry, [&](Layout const& layout, StateId) { EXPECT_EQ(parse_layout(board, to_text(board, layout)).value(), layout); });
  }
}

}  // namespace
}  // namespace nav::mig
