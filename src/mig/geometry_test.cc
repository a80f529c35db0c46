// SPDX-License-Identifier: Apache-2.0
#include "mig/geometry.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/random.h"
#include "mig/boards_fixture.h"

namespace nav::mig {
namespace {

/// The rules once more, in the plainest way, as the judge of the tables.
bool is_legal(Board const& board, std::vector<Placement> const& layout) {
  std::set<std::uint32_t> taken;
  std::map<std::uint8_t, std::uint32_t> instances;
  std::uint32_t compute = 0, extended = 0, all_media = 0, some_media = 0;
  for (auto placement : layout) {
    auto const& profile = board.profiles[placement.profile];
    for (std::uint32_t slice = 0; slice < profile.memory_slices; ++slice)
      if (!taken.insert(placement.start + slice).second) return false;
    if (++instances[placement.profile] > profile.max_instances) return false;
    compute += profile.compute_slices;
    if (profile.media == Media::Extensions) ++extended;
    if (profile.media == Media::All) ++all_media;
    else if (profile.media != Media::Without) ++some_media;
  }
  return compute <= board.compute_slices && extended <= 1 && all_media <= 1 && (all_media == 0 || some_media == 0);
}

/// All legal layouts by trying to add every placement to every legal layout.
std::set<std::vector<Placement>> enumerate(Board const& board) {
  std::vector<Placement> all;
  for (std::size_t p = 0; p < board.profiles.size(); ++p)
    for (auto start : board.profiles[p].starts) all.push_back({static_cast<std::uint8_t>(p), static_cast<std::uint8_t>(start)});
  std::set<std::vector<Placement>> found{{}};
  std::vector<std::vector<Placement>> open{{}};
  while (!open.empty()) {
    auto const layout = open.back();
    open.pop_back();
    for (auto placement : all) {
      auto longer = layout;
      longer.insert(std::upper_bound(longer.begin(), longer.end(), placement), placement);
      if (is_legal(board, longer) && found.insert(longer).second) open.push_back(longer);
    }
  }
  return found;
}

/// A board no driver has: any widths, starts and limits.
Board any_board(Random& random) {
  auto between = [&](std::uint32_t low, std::uint32_t high) { return low + static_cast<std::uint32_t>(random.below(high - low + 1)); };
  Board board{"Imaginary", 1000, between(1, 8), between(1, 8), {}};
  auto small = [&](std::uint32_t most) { return std::min(between(1, most), between(1, most)); };
  for (std::uint32_t p = 0, count = between(1, 4); p < count; ++p) {
    auto const width = std::min(small(board.memory_slices), small(board.memory_slices));
    std::vector<std::uint32_t> starts;
    for (std::uint32_t start = 0; start + width <= board.memory_slices; ++start)
      if (random.chance(0.8)) starts.push_back(start);
    if (starts.empty()) starts = {0};
    auto made = fixture::profile(fmt::format("p{}", p), p, small(std::min(board.compute_slices, 3u)), width, between(0, 6), starts, {});
    made.media = std::array{Media::Plain, Media::Plain, Media::Extensions, Media::All, Media::Without}[random.below(5)];
    board.profiles.push_back(made);
  }
  return board;
}

void expect_equals_enumeration(Board const& board) {
  auto const geometry = Geometry::compile(board).value();
  auto const layouts = enumerate(board);
  std::size_t visited = 0;
  std::set<StateId> states{kEmptyGpu};
  for_each_layout(geometry, [&](Layout const& layout, StateId state) {
    ++visited;
    states.insert(state);
    ASSERT_TRUE(layouts.contains(layout.placements)) << to_text(board, layout);
    ASSERT_EQ(geometry.state_of(layout).value(), state);
  });
  EXPECT_EQ(visited + 1, layouts.size()) << board.model;
  EXPECT_EQ(states.size(), geometry.states()) << "every state is reached";

  for (auto const& placements : layouts) {
    auto const state = geometry.state_of({placements}).value();
    std::vector<std::uint32_t> capacity(geometry.profiles(), 0);
    for (auto placement : geometry.placements()) {
      auto longer = placements;
      longer.push_back(placement);
      std::sort(longer.begin(), longer.end());
      ASSERT_EQ(geometry.fits(state, placement), layouts.contains(longer)) << to_text(board, Layout{longer});
      if (auto const next = geometry.after(state, placement)) {
        ASSERT_EQ(*next, geometry.state_of({longer}).value());
        ASSERT_EQ(geometry.without(*next, placement), state);
        capacity[placement.profile] = 1;
      }
    }
    bool maximal = true;
    for (std::uint8_t p = 0; p < geometry.profiles(); ++p) {
      ASSERT_EQ(geometry.fits(state, p), capacity[p] > 0);
      ASSERT_EQ(geometry.obstacle(state, p) == Obstacle::None, capacity[p] > 0);
      maximal = maximal && capacity[p] == 0;
    }
    ASSERT_EQ(geometry.is_maximal(state), maximal);
  }
}

TEST(Geometry, EqualsPlainEnumerationOnEveryBoard) {
  for (auto const& board : fixture::all()) expect_equals_enumeration(board);
}

RC_GTEST_PROP(Geometry, EqualsPlainEnumerationOnBoardsNobodyBuilt, (std::uint64_t seed)) {
  Random random(seed);
  auto const board = any_board(random);
  expect_equals_enumeration(board);
  RC_ASSERT(!::testing::Test::HasFailure());
}

RC_GTEST_PROP(Geometry, CapacityIsTheMostThatCanBeAdded, (std::uint64_t seed)) {
  Random random(seed);
  auto const geometry = Geometry::compile(any_board(random)).value();
  auto const state = static_cast<StateId>(random.below(geometry.states()));
  auto const profile = static_cast<std::uint8_t>(random.below(geometry.profiles()));
  std::uint32_t most = 0;
  auto add = [&](auto& self, StateId here, std::uint32_t added) -> void {
    most = std::max(most, added);
    for (auto placement : geometry.placements(profile))
      if (auto const next = geometry.after(here, placement)) self(self, *next, added + 1);
  };
  add(add, state, 0);
  RC_ASSERT(geometry.capacity(state, profile) == most);
}

struct Count {
  std::size_t layouts = 0, maximal = 0, multisets = 0, maximal_multisets = 0, states = 0;
  bool operator==(Count const&) const = default;
  friend std::ostream& operator<<(std::ostream& out, Count const& c) {
    return out << c.layouts << " layouts, " << c.maximal << " maximal, " << c.multisets << " multisets, " << c.maximal_multisets << " of them maximal, "
               << c.states << " states";
  }
};

Count count(Board const& board) {
  auto const geometry = Geometry::compile(board).value();
  Count count{.states = geometry.states()};
  std::set<std::vector<std::uint32_t>> multisets, maximal;
  for_each_layout(geometry, [&](Layout const& layout, StateId state) {
    std::vector<std::uint32_t> counts(geometry.profiles(), 0);
    for (auto placement : layout.placements) ++counts[placement.profile];
    ++count.layouts;
    multisets.insert(counts);
    if (!geometry.is_maximal(state)) return;
    ++count.maximal;
    maximal.insert(counts);
  });
  count.multisets = multisets.size();
  count.maximal_multisets = maximal.size();
  return count;
}

TEST(Geometry, CountsWhatNvidiaCountsOnAnA100) {
  auto const classic = fixture::only(fixture::a100_40(), {"1g.5gb", "2g.10gb", "3g.20gb", "4g.20gb", "7g.40gb"});
  auto const counted = count(classic);
  EXPECT_EQ(counted.layouts, 297u);
  EXPECT_EQ(counted.maximal, 19u);
  EXPECT_EQ(counted.multisets, 37u);
  EXPECT_EQ(counted.maximal_multisets, 14u);

  EXPECT_EQ(count(fixture::plain(fixture::a100_40())), (Count{722, 78, 77, 38, 192})) << "with 1g.10gb";
  auto const full = count(fixture::a100_40());
  EXPECT_EQ(full.layouts, 2318u);
  EXPECT_EQ(full.maximal, 239u);
  EXPECT_EQ(full.multisets, 127u);
  EXPECT_EQ(full.maximal_multisets, 64u);
}

TEST(Geometry, CountsOnBoardsOfFourParts) {
  for (auto const& board : {fixture::a30(), fixture::rtx_pro_6000()}) {
    auto const counted = count(fixture::plain(board));
    EXPECT_EQ(counted.layouts, 25u) << board.model;
    EXPECT_EQ(counted.maximal, 5u) << board.model;
    EXPECT_EQ(counted.multisets, 9u) << board.model;
    EXPECT_EQ(counted.maximal_multisets, 4u) << board.model;
  }
  auto const with_media = count(fixture::a30());
  EXPECT_EQ(with_media.layouts, 75u);
  EXPECT_EQ(with_media.maximal, 17u);
  EXPECT_EQ(with_media.multisets, 19u);
  EXPECT_EQ(with_media.maximal_multisets, 8u);
}

TEST(Geometry, OnAnA100TheSlicesDecideAlone) {
  EXPECT_TRUE(Geometry::compile(fixture::plain(fixture::a100_40()))->slices_decide());
  EXPECT_FALSE(Geometry::compile(fixture::a100_40())->slices_decide()) << "one +me a GPU";
}

class A100 : public ::testing::Test {
 protected:
  Geometry geometry = Geometry::compile(fixture::a100_40()).value();
  StateId state(std::string_view layout) { return geometry.state_of(parse_layout(geometry.board(), layout).value()).value(); }
  std::uint8_t profile(std::string_view name) { return find_profile(geometry.board(), name).value(); }
  std::string refusal(std::string_view layout) { return geometry.state_of(parse_layout(geometry.board(), layout).value()).error().message; }
};

TEST_F(A100, HoldsSevenOfTheSmallestAndRefusesTheEighth) {
  auto const seven = state("1g.5gb@0 1g.5gb@1 1g.5gb@2 1g.5gb@3 1g.5gb@4 1g.5gb@5 1g.5gb@6");
  EXPECT_EQ(geometry.capacity(kEmptyGpu, profile("1g.5gb")), 7u);
  EXPECT_EQ(geometry.capacity(seven, profile("1g.5gb")), 0u);
  EXPECT_EQ(geometry.obstacle(seven, profile("1g.5gb")), Obstacle::Fragments) << "slice 7 is free and nothing starts there";
  EXPECT_EQ(geometry.obstacle(seven, profile("2g.10gb")), Obstacle::Slices);
}

TEST_F(A100, SaysWhyAProfileDoesNotFit) {
  auto const scattered = state("1g.5gb@0 1g.5gb@4");
  EXPECT_EQ(geometry.obstacle(scattered, profile("3g.20gb")), Obstacle::Fragments);
  EXPECT_EQ(geometry.obstacle(scattered, profile("7g.40gb")), Obstacle::Slices);
  EXPECT_EQ(geometry.obstacle(scattered, profile("2g.10gb")), Obstacle::None);
  EXPECT_EQ(geometry.obstacle(state("1g.5gb+me@0"), profile("1g.5gb+me")), Obstacle::Media);
  EXPECT_EQ(geometry.obstacle(state("1g.5gb+me@0"), profile("1g.5gb")), Obstacle::None);
}

TEST_F(A100, NamesTheClashInALayout) {
  EXPECT_EQ(refusal("3g.20gb@0 1g.5gb@2"), "3g.20gb@0 and 1g.5gb@2 share memory slices");
  EXPECT_EQ(refusal("1g.5gb+me@0 1g.5gb+me@2"), "1g.5gb+me@2 needs media engines that the others hold");
  EXPECT_EQ(geometry.state_of({{Placement{3, 6}}}).error().kind, ErrorKind::InvalidArgument);
}

TEST(Geometry, AllMediaEnginesStandOnlyBesideInstancesWithout) {
  auto const geometry = Geometry::compile(fixture::rtx_pro_6000()).value();
  auto legal = [&](std::string_view text) { return geometry.state_of(parse_layout(geometry.board(), text).value()).has_value(); };
  EXPECT_TRUE(legal("1g.24gb+me.all@0 1g.24gb-me@3 2g.48gb-me@6"));
  EXPECT_FALSE(legal("1g.24gb+me.all@0 1g.24gb@3"));
  EXPECT_FALSE(legal("1g.24gb+me.all@0 1g.24gb+me@3"));
  EXPECT_FALSE(legal("1g.24gb+me.all@0 2g.48gb+me.all@6"));
  EXPECT_TRUE(legal("1g.24gb+me@0 1g.24gb+gfx@3 2g.48gb@6"));
}

TEST(Geometry, LimitsThatBindAreKept) {
  // Four single slices, but two units of compute: the third must be refused although its slice is free.
  Board board{"Imaginary", 1000, 4, 2, {fixture::profile("1g.1gb", 1, 1, 1, 4, {0, 1, 2, 3}, {})}};
  auto const narrow = Geometry::compile(board).value();
  EXPECT_EQ(narrow.capacity(kEmptyGpu, 0), 2u);
  EXPECT_EQ(narrow.obstacle(narrow.state_of({{{0, 0}, {0, 1}}}).value(), 0), Obstacle::Compute);
  board.compute_slices = 4;
  board.profiles[0].max_instances = 3;
  auto const few = Geometry::compile(board).value();
  EXPECT_EQ(few.capacity(kEmptyGpu, 0), 3u);
  EXPECT_EQ(few.obstacle(few.state_of({{{0, 0}, {0, 1}, {0, 3}}}).value(), 0), Obstacle::Instances);
}

TEST(Geometry, ABoardTooRichToTableIsRefused) {
  Board board{"Imaginary", 1000, 16, 16, {}};
  std::vector<std::uint32_t> starts(16);
  for (std::uint32_t i = 0; i < 16; ++i) starts[i] = i;
  for (std::uint32_t p = 0; p < 8; ++p) board.profiles.push_back(fixture::profile(fmt::format("p{}", p), p, 1, 1, 15, starts, {}));
  EXPECT_EQ(Geometry::compile(board).error().kind, ErrorKind::Unsupported);
  EXPECT_EQ(Geometry::compile(fixture::v100()).error().kind, ErrorKind::Unsupported);
}

}  // namespace
}  // namespace nav::mig
