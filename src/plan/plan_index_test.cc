// SPDX-License-Identifier: Apache-2.0
#include "plan/plan_index.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/random.h"
#include "plan/world_fixture.h"

namespace nav {
namespace {

namespace boards = mig::fixture;

/// Days in the life of a pool, one thing after another at random.
struct Life {
  explicit Life(std::uint64_t seed) : random(seed) {
    world.node("a", {boards::a100_40(), boards::a100_40()}, 64, 262'144);
    world.node("b", {boards::a30(), boards::v100(), boards::v100()}, 16, 65'536);
    world.node("c", {}, 8, 16'384);
  }

  void step() {
    auto const nodes = world.pool.next_node - 1;
    auto const node = NodeId{1 + random.below(nodes)};
    Node const& chosen = world.pool.nodes.at(node.value);
    switch (random.below(10)) {
      case 0:
      case 1:
      case 2: submit(); break;
      case 3:
      case 4:
      case 5: {
        if (chosen.attempts.empty() || chosen.state != NodeState::Ready) break;
        auto attempt = chosen.attempts.begin();
        std::advance(attempt, static_cast<std::ptrdiff_t>(random.below(chosen.attempts.size())));
        world.finish(attempt->job);
        break;
      }
      case 6: (void)world.command(chosen.draining ? PoolCommand{ResumeNode{node}} : PoolCommand{DrainNode{node, ""}}); break;
      case 7: chosen.state == NodeState::Ready ? (void)world.command(MissNode{node}) : world.report(node); break;
      case 8:
        if (!chosen.gpus.empty())
          (void)world.command(SetGpuPolicy{node, static_cast<std::uint32_t>(random.below(chosen.gpus.size())), static_cast<GpuPolicy>(random.below(3))});
        break;
      case 9: {
        auto status = world.status(node);
        if (status.gpus.empty() || chosen.state != NodeState::Ready) break;
        if (random.chance(0.5)) status.gpus[random.below(status.gpus.size())].problem = "unwell";
        (void)world.command(ReportNode{status});
        break;
      }
    }
    world.round(random.below(8));
  }

  void submit() {
    std::vector<std::string> on;
    auto name = world.pool.templates->begin();
    std::advance(name, static_cast<std::ptrdiff_t>(random.below(world.pool.templates->size())));
    on.push_back(name->first);
    if (random.chance(0.3)) on.push_back("cpu");
    world.submit(on, 1 + static_cast<std::uint32_t>(random.below(4)), static_cast<std::int32_t>(random.below(3)));
    world.index.saw(world.pool, on.front(), random.below(60));
  }

  Random random;
  fixture::World world;
};

RC_GTEST_PROP(PlanIndex, KeptByEventsEqualsBuiltAnew, (std::uint64_t seed)) {
  Life life(seed);
  for (int i = 0; i < 40; ++i) {
    life.step();
    if (i % 5 != 0) continue;
    PlanIndex fresh;
    fresh.rebuild(life.world.pool);
    fresh.learn_from(life.world.pool, life.world.index);
    RC_ASSERT(life.world.index == fresh);
  }
  RC_ASSERT(!::testing::Test::HasFailure());
}

RC_GTEST_PROP(PlanIndex, WhatCanBePlacedIsNeverCalledLackingAndTheOtherWayRound, (std::uint64_t seed)) {
  Life life(seed);
  for (int i = 0; i < 40; ++i) {
    life.step();
    if (i % 5 != 0) continue;
    auto const& pool = life.world.pool;
    pool.queues.each([&](ClassQueue const& queue) {
      if (!queue.head) return;
      auto const reason = why(pool, life.world.index, queue.head);
      bool const fits = reason.lack == Lack::Turn || reason.lack == Lack::Reserved;  // kept for another, it fits all the same
      RC_ASSERT(fits == place(pool, life.world.index, queue.request, queue.head).has_value());
      RC_ASSERT(!reason.sentence.empty());
    });
  }
  RC_ASSERT(!::testing::Test::HasFailure());
}

TEST(PlanIndex, ValuesGpusByWhatIsAskedFor) {
  fixture::World world;
  world.node("a", {boards::a100_40(), boards::a100_40(), boards::a100_40()});
  for (auto const* name : {"mig-1g.5gb", "mig-2g.10gb", "mig-3g.20gb"}) world.submit({name}, 2);
  world.round(6);
  world.finish(JobId{1});  // its slice stands idle, and using it again has a price
  PlanIndex even, learned;
  even.rebuild(world.pool);
  learned.rebuild(world.pool);
  EXPECT_EQ(even, learned);
  learned.saw(world.pool, "mig-7g.40gb", 3'000);
  EXPECT_EQ(even, learned);  // nothing changes between rounds
  learned.learn(world.pool);
  EXPECT_NE(even, learned);
  even.learn_from(world.pool, learned);
  EXPECT_EQ(even, learned);

  PlanIndex anew;
  anew.rebuild(world.pool);
  EXPECT_NE(anew, learned);
  learned.rebuild(world.pool);
  EXPECT_EQ(even, learned);  // it knows what it learned
}

TEST(PlanIndex, LearnsNothingFromWhatIsNoSlice) {
  fixture::World world;
  world.node("a", {boards::a100_40()});
  PlanIndex even, other;
  even.rebuild(world.pool);
  other.rebuild(world.pool);
  for (auto const* name : {"cpu", "no-such-template"}) other.saw(world.pool, name, 4'000);
  other.learn(world.pool);
  EXPECT_EQ(even, other);
}

}  // namespace
}  // namespace nav
