// SPDX-License-Identifier: Apache-2.0
#include "mig/bucket_index.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "base/random.h"
#include "mig/boards_fixture.h"
#include "mig/churn.h"

namespace nav::mig {
namespace {

RC_GTEST_PROP(GpuSet, BehavesAsAnOrderedSet, (std::uint64_t seed)) {
  Random random(seed);
  GpuSet set;
  std::set<std::uint32_t> judge;
  auto const below = std::uint64_t{1} << random.below(20);
  for (int i = 0; i < 300; ++i) {
    auto const gpu = static_cast<std::uint32_t>(random.below(below));
    if (random.chance(0.6)) RC_ASSERT(set.insert(gpu) == judge.insert(gpu).second);
    else RC_ASSERT(set.erase(gpu) == (judge.erase(gpu) == 1));
    RC_ASSERT(set.size() == judge.size());
    RC_ASSERT(set.contains(gpu) == judge.contains(gpu));
    auto const from = static_cast<std::uint32_t>(random.below(below));
    auto const found = judge.lower_bound(from);
    RC_ASSERT(set.next(from) == (found == judge.end() ? std::nullopt : std::optional(*found)));
    RC_ASSERT(set.first() == (judge.empty() ? std::nullopt : std::optional(*judge.begin())));
  }
}

/// What the index must find: every GPU looked at.
std::optional<BucketIndex::Choice> scan(Scores const& scores, std::map<std::uint32_t, StateId> const& gpus, std::uint8_t profile) {
  for (StateId state : scores.order(profile))
    for (auto const& [gpu, at] : gpus)
      if (at == state) return BucketIndex::Choice{gpu, *scores.best(state, profile)};
  return std::nullopt;
}

RC_GTEST_PROP(BucketIndex, FindsWhatAScanFindsUnderAnyOperations, (std::uint64_t seed)) {
  Random random(seed);
  auto const boards = fixture::all();
  auto const geometry = Geometry::compile(boards[random.below(boards.size())]).value();
  Scores const even(geometry, even_mix(geometry)), alike(geometry, Mix(geometry.profiles(), 1.0));
  Scores const* scores = &even;
  BucketIndex index(geometry, even);
  std::map<std::uint32_t, StateId> judge;
  for (int i = 0; i < 200; ++i) {
    auto const gpu = static_cast<std::uint32_t>(random.below(40) * 37);
    auto const state = static_cast<StateId>(random.below(geometry.states()));
    if (!judge.contains(gpu)) index.insert(gpu, state), judge[gpu] = state;
    else if (random.chance(0.3)) index.remove(gpu), judge.erase(gpu);
    else index.move(gpu, state), judge[gpu] = state;
    if (random.chance(0.02)) index.use(*(scores = scores == &even ? &alike : &even));

    RC_ASSERT(index.size() == judge.size());
    auto const profile = static_cast<std::uint8_t>(random.below(geometry.profiles()));
    RC_ASSERT(index.best(profile) == scan(*scores, judge, profile));
    auto some = judge;
    std::erase_if(some, [](auto const& one) { return one.first % 3 == 0; });
    RC_ASSERT(index.best(profile, [](std::uint32_t id) { return id % 3 != 0; }) == scan(*scores, some, profile));
    std::uint64_t capacity = 0;
    for (auto const& [id, at] : judge) capacity += geometry.capacity(at, profile);
    RC_ASSERT(index.capacity(profile) == capacity);
  }
}

TEST(BucketIndex, ChoosesAlikeWhateverItsHistory) {
  auto const geometry = Geometry::compile(fixture::a100_40()).value();
  Scores const scores(geometry, even_mix(geometry));
  BucketIndex up(geometry, scores), down(geometry, scores);
  for (std::uint32_t gpu = 0; gpu < 100; ++gpu) up.insert(gpu, kEmptyGpu);
  for (std::uint32_t gpu = 100; gpu-- > 0;) down.insert(gpu, kEmptyGpu);
  EXPECT_EQ(up.best(0), down.best(0));
  EXPECT_EQ(up.best(0)->gpu, 0u);
}

TEST(Churn, HoldsItsLoadAndRepeats) {
  auto const geometry = Geometry::compile(fixture::a100_40()).value();
  auto const one = churn(geometry, 100, 5000, 0.8, 7), two = churn(geometry, 100, 5000, 0.8, 7);
  EXPECT_EQ(one.pairs, 5000u);
  EXPECT_EQ(one.checksum, two.checksum);
  EXPECT_NE(one.checksum, churn(geometry, 100, 5000, 0.8, 8).checksum);
}

}  // namespace
}  // namespace nav::mig
