// SPDX-License-Identifier: Apache-2.0
#include "telemetry/advice.h"

#include <gtest/gtest.h>

namespace nav::telemetry {
namespace {

Piece const small{"1g.5gb", 1, 1, 4864}, wide{"1g.10gb", 1, 2, 9856}, two{"2g.10gb", 2, 2, 9856}, three{"3g.20gb", 3, 4, 19968}, whole{"", 7, 8, 40960};
std::vector<Piece> const possible{small, wide, two, three};

std::string advised(Piece const& held, Taken const& taken) {
  auto const piece = smaller_piece(possible, held, taken);
  return piece ? piece->profile : "none";
}

TEST(Advice, NamesTheSmallestPieceWithSomeToSpare) {
  EXPECT_EQ(advised(three, {4000, 0.2}), "1g.5gb");
  EXPECT_EQ(advised(three, {4500, 0.2}), "1g.10gb") << "4500 MiB and a tenth are more than 4864";
  EXPECT_EQ(advised(three, {4000, 0.5}), "2g.10gb") << "half of three slices, and a tenth of it";
  EXPECT_EQ(advised(whole, {9000, 0.3}), "3g.20gb");
}

TEST(Advice, SaysNothingWhereNothingSmallerWouldDo) {
  EXPECT_EQ(advised(three, {18000, 0.1}), "none");
  EXPECT_EQ(advised(small, {10, 0.0}), "none");
  EXPECT_EQ(advised(two, {10, 0.9}), "none") << "1g.10gb takes as many memory slices";
  EXPECT_EQ(advised(whole, {4000, 1.0}), "none");
}

TEST(Advice, KeepsTheComputeWhoseUseNobodyKnows) {
  EXPECT_EQ(advised(three, {4000, std::nullopt}), "none");
  EXPECT_EQ(advised({"1g.10gb", 1, 2, 9856}, {4000, std::nullopt}), "1g.5gb");
}

}  // namespace
}  // namespace nav::telemetry
