// SPDX-License-Identifier: Apache-2.0
#include "mig/transition.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "base/text.h"
#include "mig/boards_fixture.h"

namespace nav::mig {
namespace {

class A100Room : public ::testing::Test {
 protected:
  Geometry geometry = Geometry::compile(fixture::a100_40()).value();
  Scores scores{geometry, even_mix(geometry)};

  /// "1g.5gb@0! 3g.20gb@4": a ! marks the busy ones.
  std::vector<Instance> instances(std::string_view text) {
    std::vector<Instance> made;
    for (auto word : split(text, ' ')) {
      if (word.empty()) continue;
      auto const use = word.ends_with('!') ? Use::Busy : Use::Idle;
      if (use == Use::Busy) word.remove_suffix(1);
      made.push_back({parse_placement(geometry.board(), word).value(), use});
    }
    return made;
  }
  std::string room(std::string_view standing, std::string_view profile) {
    auto const found = make_room(geometry, &scores, instances(standing), find_profile(geometry.board(), profile).value());
    if (!found) return "none";
    auto text = to_text(geometry.board(), found->placement);
    if (found->reuse) text += " reused";
    if (!found->destroy.empty()) text += " after " + to_text(geometry.board(), Layout{found->destroy});
    return text;
  }
};

TEST_F(A100Room, AnIdleInstanceOfTheProfileIsReused) {
  EXPECT_EQ(room("1g.5gb@2 3g.20gb@4!", "1g.5gb"), "1g.5gb@2 reused");
  EXPECT_EQ(room("1g.5gb@2! 3g.20gb@4!", "1g.5gb"), "1g.5gb@3");
}

TEST_F(A100Room, FreeSlicesAreTakenBeforeIdleInstancesAreDestroyed) {
  EXPECT_EQ(room("3g.20gb@4", "4g.20gb"), "4g.20gb@0");
  EXPECT_EQ(room("3g.20gb@4!", "2g.10gb"), "2g.10gb@0");
}

TEST_F(A100Room, TheFewestIdleInstancesGo) {
  EXPECT_EQ(room("1g.5gb@0 1g.5gb@1 2g.10gb@2 1g.5gb@4! 1g.5gb@5", "3g.20gb"), "3g.20gb@0 after 1g.5gb@0 1g.5gb@1 2g.10gb@2");
  EXPECT_EQ(room("1g.5gb@0 1g.5gb@1 1g.5gb@4 2g.10gb@2", "3g.20gb"), "3g.20gb@4 after 1g.5gb@4");
  EXPECT_EQ(room("2g.10gb@0 1g.5gb@4", "7g.40gb"), "7g.40gb@0 after 2g.10gb@0 1g.5gb@4");
}

TEST_F(A100Room, BusyInstancesAreNeverTouched) {
  EXPECT_EQ(room("1g.5gb@0! 1g.5gb@4!", "3g.20gb"), "none");
  EXPECT_EQ(room("1g.5gb@0!", "7g.40gb"), "none");
}

TEST_F(A100Room, AnIdleInstanceThatHoldsTheMediaEnginesGoesToo) {
  EXPECT_EQ(room("1g.5gb+me@0! 3g.20gb@4", "1g.5gb+me"), "none");
  auto const at = make_room_at(geometry, instances("1g.5gb+me@0 1g.5gb@1"), parse_placement(geometry.board(), "1g.5gb+me@6").value());
  ASSERT_TRUE(at);
  EXPECT_EQ(to_text(geometry.board(), Layout{at->destroy}), "1g.5gb+me@0");
}

TEST_F(A100Room, StepsLeaveAloneWhatStays) {
  auto const to = parse_layout(geometry.board(), "1g.5gb@0 2g.10gb@2 3g.20gb@4").value();
  auto const steps = steps_between(geometry, instances("1g.5gb@0! 1g.5gb@2 1g.5gb@5"), to).value();
  std::string text;
  for (auto const& step : steps) text += (step.kind == StepKind::Destroy ? " -" : " +") + to_text(geometry.board(), step.placement);
  EXPECT_EQ(text, " -1g.5gb@2 -1g.5gb@5 +2g.10gb@2 +3g.20gb@4");
}

TEST_F(A100Room, StepsRefuseToDestroyABusyInstanceOrToReachAnIllegalLayout) {
  EXPECT_EQ(steps_between(geometry, instances("1g.5gb@0!"), Layout{}).error().message, "1g.5gb@0 is busy and not in the layout wanted");
  EXPECT_EQ(steps_between(geometry, {}, parse_layout(geometry.board(), "7g.40gb@0 1g.5gb@0").value()).error().kind, ErrorKind::Conflict);
}

Layout random_layout(Geometry const& geometry, Random& random) {
  Layout layout;
  StateId state = kEmptyGpu;
  for (auto tries = random.below(20); tries > 0; --tries) {
    auto const placement = geometry.placements()[random.below(geometry.placements().size())];
    auto const next = geometry.after(state, placement);
    if (!next) continue;
    state = *next;
    layout.add(placement);
  }
  return layout;
}

RC_GTEST_PROP(Transition, EveryLayoutOnTheWayIsLegal, (std::uint64_t seed)) {
  Random random(seed);
  auto const boards = fixture::all();
  auto const geometry = Geometry::compile(boards[random.below(boards.size())]).value();
  auto const from = random_layout(geometry, random), to = random_layout(geometry, random);
  std::vector<Instance> instances;
  bool possible = true;
  for (auto placement : from.placements) {
    auto const use = random.chance(0.2) ? Use::Busy : Use::Idle;
    instances.push_back({placement, use});
    possible = possible && (use == Use::Idle || to.contains(placement));
  }
  auto const steps = steps_between(geometry, instances, to);
  RC_ASSERT(steps.has_value() == possible);
  if (!possible) return;
  auto standing = from;
  for (auto const& step : *steps) {
    if (step.kind == StepKind::Destroy) RC_ASSERT(standing.remove(step.placement));
    else standing.add(step.placement);
    RC_ASSERT(geometry.state_of(standing).has_value());
  }
  RC_ASSERT(standing == to);
}

RC_GTEST_PROP(Transition, RoomIsMadeWithTheFewestDestroyedAndOnlyWhenThereIsAny, (std::uint64_t seed)) {
  Random random(seed);
  auto const boards = fixture::all();
  auto const geometry = Geometry::compile(boards[random.below(boards.size())]).value();
  Scores const scores(geometry, even_mix(geometry));
  auto const layout = random_layout(geometry, random);
  std::vector<Instance> instances;
  for (auto placement : layout.placements) instances.push_back({placement, random.chance(0.4) ? Use::Busy : Use::Idle});
  auto const profile = static_cast<std::uint8_t>(random.below(geometry.profiles()));
  auto const room = make_room(geometry, &scores, instances, profile);

  // Every set of idle instances to destroy, judged by itself.
  std::optional<std::size_t> fewest;
  bool reusable = false;
  for (auto const& one : instances) reusable = reusable || (one.use == Use::Idle && one.placement.profile == profile);
  for (std::uint32_t chosen = 0; chosen < 1u << instances.size(); ++chosen) {
    Layout rest;
    bool busy = false;
    for (std::size_t i = 0; i < instances.size(); ++i) {
      if (!(chosen >> i & 1)) rest.add(instances[i].placement);
      else busy = busy || instances[i].use == Use::Busy;
    }
    if (busy || !geometry.fits(*geometry.state_of(rest), profile)) continue;
    auto const count = static_cast<std::size_t>(std::popcount(chosen));
    if (!fewest || count < *fewest) fewest = count;
  }
  RC_ASSERT(room.has_value() == (reusable || fewest.has_value()));
  if (!room) return;
  RC_ASSERT(room->reuse == reusable);
  if (room->reuse) {
    RC_ASSERT(room->destroy.empty() && layout.contains(room->placement));
    return;
  }
  RC_ASSERT(room->destroy.size() == *fewest);
  auto after = layout;
  for (auto gone : room->destroy) RC_ASSERT(after.remove(gone));
  after.add(room->placement);
  RC_ASSERT(geometry.state_of(after).has_value());
}

}  // namespace
}  // namespace nav::mig
