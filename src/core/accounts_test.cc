// SPDX-License-Identifier: Apache-2.0
#include "core/accounts.h"

#include <gtest/gtest.h>

#include "core/image.h"
#include "core/random_world.h"
#include "core/recount.h"

namespace nav {
namespace {

using fixture::a100;
using fixture::job;
using fixture::node;
using fixture::pool_of;
using fixture::RandomWorld;
using fixture::v100;
using fixture::World;

constexpr Time start{};

/// research (quota) over vision and speech; project 1 is vision's, project 2 speech's.
void grow_tree(Accounts& accounts, Quota const& research, Quota const& vision = {}, Quota const& speech = {}) {
  set_team(accounts, TeamId{1}, "research", {}, research, start);
  set_team(accounts, TeamId{2}, "vision", TeamId{1}, vision, start);
  set_team(accounts, TeamId{3}, "speech", TeamId{1}, speech, start);
  set_project(accounts, ProjectId{1}, "detect", TeamId{2}, {}, start);
  set_project(accounts, ProjectId{2}, "voices", TeamId{3}, {}, start);
}

World two_a100() { return pool_of(node("a", a100(), a100())); }

JobId submit(World& world, std::string on, ProjectId project, UserId user = UserId{1}, std::int32_t priority = 0) {
  JobId const id{world.pool.next_job};
  world.by = user;
  auto request = job("j", std::move(on));
  request.priority = priority;
  EXPECT_TRUE(world.ask(SubmitJobs{request, 1, {}, project}));
  return id;
}

std::string refusal(World& world, PoolCommand const& command) {
  auto const done = world.ask(command);
  return done ? "" : done.error().message;
}

mig::Placement slice(World const& world, std::string const& text) { return *mig::parse_placement(world.pool.nodes.at(1).gpus[0].geometry->board(), text); }

TEST(Accounts, AWholeGpuCountsAsItsSlicesAndASliceAsItsProfileSays) {
  World world = pool_of(node("a", a100(), v100()));
  Node const& a = world.pool.nodes.at(1);
  EXPECT_EQ(cost_of(a, 1, {}), (Amount{7, a.gpus[0].memory_mib}));
  EXPECT_EQ(cost_of(a, 3, {}).slices, 14u);
  EXPECT_EQ(cost_of(a, 1, slice(world, "3g.20gb@4")).slices, 3u);
  EXPECT_EQ(cost_of(a, 0, {}), Amount{});
  EXPECT_EQ(world.pool.accounts.capacity.slices, 14u);
}

TEST(Accounts, WhatIsPlacedCountsForItsProjectAndForEveryTeamAbove) {
  World world = two_a100();
  grow_tree(world.pool.accounts, {});
  JobId const one = submit(world, "mig-3g.20gb", ProjectId{1});
  JobId const other = submit(world, "a100", ProjectId{2});
  ASSERT_TRUE(world.ask(PlaceJob{one, NodeId{1}, 0, 1, slice(world, "3g.20gb@4")}));
  ASSERT_TRUE(world.ask(PlaceJob{other, NodeId{1}, 0, 2, {}}));
  auto const& accounts = world.pool.accounts;
  EXPECT_EQ(accounts.project(ProjectId{1})->used.slices, 3u);
  EXPECT_EQ(accounts.team(TeamId{2})->used.slices, 3u);
  EXPECT_EQ(accounts.team(TeamId{3})->used.slices, 7u);
  EXPECT_EQ(accounts.team(TeamId{1})->used.slices, 10u);
  EXPECT_EQ(what_is_miscounted(world.pool), "");
}

TEST(Accounts, WhoeverMovesTakesWhatIsInUseAlong) {
  World world = two_a100();
  grow_tree(world.pool.accounts, {});
  JobId const one = submit(world, "a100", ProjectId{1});
  ASSERT_TRUE(world.ask(PlaceJob{one, NodeId{1}, 0, 2, {}}));
  set_project(world.pool.accounts, ProjectId{1}, "detect", TeamId{3}, {}, world.now);
  EXPECT_EQ(world.pool.accounts.team(TeamId{2})->used.slices, 0u);
  EXPECT_EQ(world.pool.accounts.team(TeamId{3})->used.slices, 7u);
  EXPECT_EQ(world.pool.accounts.team(TeamId{1})->used.slices, 7u);
  set_team(world.pool.accounts, TeamId{3}, "speech", {}, {}, world.now);
  EXPECT_EQ(world.pool.accounts.team(TeamId{1})->used.slices, 0u);
  EXPECT_EQ(what_is_miscounted(world.pool), "");
}

TEST(Accounts, APlacingBeyondTheQuotaIsRefusedWithItsNumbers) {
  World world = two_a100();
  grow_tree(world.pool.accounts, {}, {.slices = 5, .borrow_slices = 2});
  JobId const one = submit(world, "mig-4g.20gb", ProjectId{1});
  JobId const two = submit(world, "mig-4g.20gb", ProjectId{1});
  ASSERT_TRUE(world.ask(PlaceJob{one, NodeId{1}, 0, 1, slice(world, "4g.20gb@0")}));
  EXPECT_EQ(refusal(world, PlaceJob{two, NodeId{1}, 0, 2, slice(world, "4g.20gb@0")}), "team vision may use 7 slices at once: 4 are in use and it asks for 4");
  set_team(world.pool.accounts, TeamId{2}, "vision", TeamId{1}, {.slices = 5}, world.now);
  EXPECT_TRUE(world.ask(PlaceJob{two, NodeId{1}, 0, 2, slice(world, "4g.20gb@0")})) << "without a limit it borrows what is idle";
  EXPECT_EQ(world.pool.accounts.team(TeamId{2})->borrowed(), 3u);
}

TEST(Accounts, MemoryHasAQuotaOfItsOwn) {
  World world = two_a100();
  grow_tree(world.pool.accounts, {.memory_mib = 8'000, .borrow_memory_mib = 2'000});
  JobId const one = submit(world, "mig-1g.10gb", ProjectId{1});
  JobId const two = submit(world, "mig-1g.5gb", ProjectId{1});
  ASSERT_TRUE(world.ask(PlaceJob{one, NodeId{1}, 0, 1, slice(world, "1g.10gb@0")}));
  EXPECT_TRUE(refusal(world, PlaceJob{two, NodeId{1}, 0, 1, slice(world, "1g.5gb@4")}).starts_with("team research may use 9.8 GiB of GPU memory at once"))
      << refusal(world, PlaceJob{two, NodeId{1}, 0, 1, slice(world, "1g.5gb@4")});
}

TEST(Accounts, WhatIsNotLentStaysIdleForItsOwner) {
  World world = two_a100();
  set_team(world.pool.accounts, TeamId{1}, "owner", {}, {.slices = 10, .lend_slices = 3}, start);
  set_team(world.pool.accounts, TeamId{2}, "guest", {}, {}, start);
  set_project(world.pool.accounts, ProjectId{1}, "own", TeamId{1}, {}, start);
  set_project(world.pool.accounts, ProjectId{2}, "other", TeamId{2}, {}, start);
  JobId const whole = submit(world, "a100", ProjectId{2});
  JobId const more = submit(world, "mig-1g.5gb", ProjectId{2});
  JobId const own = submit(world, "a100", ProjectId{1});
  ASSERT_TRUE(world.ask(PlaceJob{whole, NodeId{1}, 0, 2, {}})) << "14 slices, 7 held back: 7 may be had";
  EXPECT_EQ(refusal(world, PlaceJob{more, NodeId{1}, 0, 1, slice(world, "1g.5gb@0")}),
            "what is idle is held back for its owners: 0 of 7 slices may be lent now and it asks for 1");
  EXPECT_TRUE(world.ask(PlaceJob{own, NodeId{1}, 0, 1, {}}));
  EXPECT_EQ(what_is_miscounted(world.pool), "");
}

TEST(Accounts, AUserHasLimitsOverAllProjects) {
  World world = two_a100();
  set_user(world.pool.accounts, UserId{2}, "ada", {.slices = 4, .running = 2, .queued = 3});
  for (int i = 0; i < 3; ++i) submit(world, "mig-2g.10gb", ProjectId{1 + static_cast<std::uint64_t>(i) % 2}, UserId{2});
  auto const fourth = world.ask(SubmitJobs{job("j", "cpu"), 1, {}, ProjectId{1}});
  ASSERT_FALSE(fourth);
  EXPECT_EQ(to_text(fourth.error()), "user ada may have 3 jobs waiting: 3 wait already (submit 0 at most, or wait until some have started)");
  ASSERT_TRUE(world.ask(PlaceJob{JobId{1}, NodeId{1}, 0, 1, slice(world, "2g.10gb@0")}));
  ASSERT_TRUE(world.ask(PlaceJob{JobId{2}, NodeId{1}, 0, 1, slice(world, "2g.10gb@2")}));
  EXPECT_EQ(refusal(world, PlaceJob{JobId{3}, NodeId{1}, 0, 1, slice(world, "2g.10gb@4")}), "user ada may run 2 jobs at once, and that many run");
  set_user(world.pool.accounts, UserId{2}, "ada", {.slices = 4});
  EXPECT_EQ(refusal(world, PlaceJob{JobId{3}, NodeId{1}, 0, 1, slice(world, "2g.10gb@4")}),
            "user ada may use 4 slices at once: 4 are in use and it asks for 2");
}

TEST(Accounts, APriorityAboveTheCeilingIsRefusedWithTheField) {
  World world = two_a100();
  grow_tree(world.pool.accounts, {.priority_ceiling = 9});
  auto request = job("j", "cpu");
  request.priority = 10;
  auto const refused = world.ask(SubmitJobs{request, 1, {}, ProjectId{1}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "priority");
  EXPECT_EQ(refused.error().message, "team research goes up to priority 9, and it asks for 10");
}

TEST(Accounts, WhatWasSpentIsWorthHalfAfterEveryHalfLife) {
  Account account{.used = {7, 0}};
  Duration const half = hours(1);
  double const first = spent_at(account, Time{} + seconds(1), half);
  EXPECT_NEAR(first, 7, 0.01);
  double const for_ever = spent_at(account, Time{} + hours(100), half);
  EXPECT_NEAR(for_ever, 7 * 3600 / std::log(2.0), 0.01) << "what is held all the time comes to a steady amount";
  Account idle{.spent = 1000, .as_of = Time{}};
  EXPECT_NEAR(spent_at(idle, Time{} + hours(1), half), 500, 1e-9);
  EXPECT_NEAR(spent_at(idle, Time{} + hours(3), half), 125, 1e-9);
}

/// Over any sequence of events the counts are those of a recount, also after the way through an image, and no ceiling is passed.
TEST(Accounts, InAnyStormTheCountsAreThoseOfARecountAndNoCeilingIsPassed) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    RandomWorld random(seed);
    Access access;
    Stamp const at{0, 0, Time{1}, {}};
    auto const know = [&](AccessEvent const& event) {
      apply(access, event);
      tell(random.world.pool.accounts, event, at.at);
    };
    know(TeamSet{{TeamId{1}, "all", {}, {.slices = 14, .borrow_slices = 4}}});
    know(TeamSet{{TeamId{2}, "part", TeamId{1}, {.slices = 6, .lend_slices = seed % 3}}});
    know(ProjectSet{{ProjectId{1}, "one", TeamId{2}, {}, {.slices = 5, .borrow_slices = seed % 4}}});
    know(ProjectSet{{ProjectId{2}, "two", TeamId{1}, {}, {}}});
    for (int step = 0; step < 400; ++step) {
      random.run(1);
      Pool const& pool = random.world.pool;
      ASSERT_EQ(what_is_miscounted(pool), "") << "seed " << seed << " step " << step;
      ASSERT_LE(pool.accounts.team(TeamId{1})->used.slices, 18u);
      ASSERT_LE(pool.accounts.project(ProjectId{1})->used.slices, 5 + seed % 4);
      if (step % 50 != 49) continue;
      auto const image = load_image(save_image(pool, access, ""));
      ASSERT_TRUE(image);
      ASSERT_EQ(what_is_miscounted(image->pool), "");
      ASSERT_EQ(save_image(image->pool, access, ""), save_image(pool, access, ""));
      auto const& again = image->pool.accounts;
      EXPECT_EQ(again.team(TeamId{1})->used, pool.accounts.team(TeamId{1})->used);
      EXPECT_EQ(again.held_back, pool.accounts.held_back);
    }
  }
}

}  // namespace
}  // namespace nav
