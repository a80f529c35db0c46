// SPDX-License-Identifier: Apache-2.0
#include "mig/packing.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/random.h"
#include "mig/boards_fixture.h"

namespace nav::mig {
namespace {

/// Counts near what so many GPUs hold, where a wrong bound shows.
Counts random_counts(Geometry const& geometry, Random& random, std::uint64_t gpus) {
  Counts counts(geometry.profiles(), 0);
  auto slices = static_cast<std::int64_t>(gpus * geometry.board().memory_slices) - static_cast<std::int64_t>(random.below(4));
  while (true) {
    auto const p = random.below(counts.size());
    slices -= geometry.board().profiles[p].memory_slices;
    if (slices < -1) return counts;
    ++counts[p];
  }
}

TEST(Packer, KnowsTheConfigurationsOfAnA100) {
  auto const geometry = Geometry::compile(fixture::plain(fixture::a100_40())).value();
  EXPECT_EQ(configurations(geometry).size(), 28u);
}

RC_GTEST_PROP(Packer, IsExactOnAnA100, (std::uint64_t seed)) {
  static auto const geometry = Geometry::compile(fixture::plain(fixture::a100_40())).value();
  static auto const all = configurations(geometry);
  static Packer const packer(geometry);
  Random random(seed);
  auto const gpus = 1 + random.below(3);
  auto const counts = random_counts(geometry, random, gpus);
  RC_ASSERT(packer.packable(counts, gpus) == (packable_by_search(all, counts, gpus) ? Packing::Possible : Packing::Impossible));
}

RC_GTEST_PROP(Packer, IsExactOnAlignedBoardsWithoutMediaProfiles, (std::uint64_t seed)) {
  static auto const a30 = Geometry::compile(fixture::plain(fixture::a30())).value();
  static auto const rtx = Geometry::compile(fixture::plain(fixture::rtx_pro_6000())).value();
  Random random(seed);
  auto const& geometry = random.chance(0.5) ? a30 : rtx;
  auto const gpus = 1 + random.below(4);
  auto const counts = random_counts(geometry, random, gpus);
  auto const exact = packable_by_search(configurations(geometry), counts, gpus);
  RC_ASSERT(Packer(geometry).packable(counts, gpus) == (exact ? Packing::Possible : Packing::Impossible));
}

RC_GTEST_PROP(Packer, IsNeverWrongWithMediaProfiles, (std::uint64_t seed)) {
  Random random(seed);
  static auto const boards = std::vector{fixture::a100_40(), fixture::a30(), fixture::rtx_pro_6000()};
  static auto const geometries = [] {
    std::vector<Geometry> made;
    for (auto const& board : boards) made.push_back(Geometry::compile(board).value());
    return made;
  }();
  static auto const all = [] {
    std::vector<std::vector<Counts>> made;
    for (auto const& geometry : geometries) made.push_back(configurations(geometry));
    return made;
  }();
  auto const which = random.below(boards.size());
  auto const gpus = 1 + random.below(2);
  auto const counts = random_counts(geometries[which], random, gpus);
  auto const said = Packer(geometries[which]).packable(counts, gpus);
  if (said == Packing::Unproven) return;
  RC_ASSERT((said == Packing::Possible) == packable_by_search(all[which], counts, gpus));
}

TEST(Packer, AnswersForAWholeDataCentreAtOnce) {
  auto const geometry = Geometry::compile(fixture::a100_40()).value();
  Packer const packer(geometry);
  // 1g.5gb, 1g.5gb+me, 1g.10gb, 2g.10gb, 3g.20gb, 4g.20gb, 7g.40gb
  EXPECT_EQ(packer.packable({700'000, 0, 0, 0, 0, 0, 0}, 100'000), Packing::Possible);
  EXPECT_EQ(packer.packable({700'001, 0, 0, 0, 0, 0, 0}, 100'000), Packing::Impossible);
  EXPECT_EQ(packer.packable({0, 0, 0, 0, 100'000, 100'000, 0}, 100'000), Packing::Possible);
  EXPECT_EQ(packer.packable({600'000, 100'000, 0, 0, 0, 0, 0}, 100'000), Packing::Possible);
  EXPECT_EQ(packer.packable({0, 100'001, 0, 0, 0, 0, 0}, 100'000), Packing::Impossible);
  EXPECT_EQ(packer.packable({~0ull, 0, 0, 0, 0, 0, 0}, ~0ull), Packing::Impossible) << "nothing overflows";
  EXPECT_EQ(packer.gpus_needed({18, 0, 0, 0, 0, 0, 0}, 100), 3u) << "eighteen experiments on 1g.5gb";
  EXPECT_EQ(packer.gpus_needed({0, 0, 0, 0, 0, 0, 101}, 100), std::nullopt);
  EXPECT_EQ(packer.gpus_needed({0, 0, 0, 0, 0, 0, 0}, 100), 0u);
}

}  // namespace
}  // namespace nav::mig
