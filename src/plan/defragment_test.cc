// SPDX-License-Identifier: Apache-2.0
#include "plan/defragment.h"

#include <gtest/gtest.h>

#include "plan/site_fixture.h"

namespace nav {
namespace {

using fixture::Asking;
using fixture::Site;
namespace boards = mig::fixture;

/// GPUs that were full of small jobs, of which most have ended.
struct Crumbs : Site {
  explicit Crumbs(std::uint64_t seed, double movable) {
    Random random(seed);
    project(1, "vision", 0);
    for (char const* name : {"a", "b", "c"}) node(name, {boards::a100_40(), boards::a100_40()});
    static std::vector<std::string> const templates{"mig-1g.5gb", "mig-2g.10gb", "mig-3g.20gb"};
    std::vector<JobId> seated;
    for (int i = 0; i < 60; ++i)
      seated.push_back(ask({.on = {templates[random.below(templates.size())]}, .runs = hours(9), .restartable = random.chance(movable)}));
    share(), report_all();
    for (JobId id : seated)
      if (is_seated(id) && random.chance(0.6)) finish(id);
    std::vector<JobId> waiting;
    pool.jobs.each([&](Job const& job) {
      if (job.state == JobState::Queued) waiting.push_back(job.id);
    });
    for (JobId id : waiting) must(CancelJob{id});
  }
  std::uint64_t empty_gpus() const {
    std::uint64_t empty = 0;
    pool.nodes.each([&](Node const& node) {
      for (auto const& gpu : node.gpus) empty += gpu.is_unused();
    });
    return empty;
  }
};

TEST(Defragment, WhatIsPromisedIsWhatBecomesOfIt) {
  std::uint32_t emptied = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Crumbs site(seed, 0.9);
    auto const found = defragment(site.pool, 16, site.now());
    EXPECT_LE(found.plan.moves.size(), 16u);
    EXPECT_EQ(found.emptied == 0, found.plan.moves.empty());
    if (found.plan.moves.empty()) continue;
    emptied += found.emptied;
    auto const before = site.empty_gpus();
    site.must(found.plan);
    for (int i = 0; i < 3; ++i) site.report_all(), site.share();
    EXPECT_EQ(site.empty_gpus(), before + found.emptied) << "seed " << seed << "\n" << nav::to_text(site.pool);
    for (auto const& move : found.plan.moves) EXPECT_TRUE(site.is_seated(move.job)) << "seed " << seed;
    EXPECT_TRUE(site.pool.claims->empty());
    EXPECT_EQ(what_is_miscounted(site.pool), "");
    // With the pool as it has become, room for as many as was said.
    if (found.places.empty()) continue;
    auto const& room = found.places[seed % found.places.size()];
    auto const first = site.ask({.on = {room.on}}, 60);
    (void)site.round();
    std::uint64_t seated = 0;
    for (std::uint64_t i = 0; i < 60; ++i) seated += site.is_seated(JobId{first.value + i});
    EXPECT_EQ(seated, room.after) << "seed " << seed << ": " << room.on;
  }
  EXPECT_GT(emptied, 20u) << "worlds in which there is nothing to gain show nothing";
}

TEST(Defragment, NobodyMovesWhoMayNotAndNothingHappensWhereNothingIsGained) {
  Crumbs pinned(1, 0);
  EXPECT_TRUE(defragment(pinned.pool, 16, pinned.now()).plan.moves.empty());
  Site nothing;
  nothing.node("a", {boards::a100_40()});
  auto const found = defragment(nothing.pool, 16, nothing.now());
  EXPECT_TRUE(found.plan.moves.empty() && found.places.empty());
}

TEST(Defragment, NoMoreThanWasAsked) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Crumbs site(seed, 1);
    EXPECT_LE(defragment(site.pool, 2, site.now()).plan.moves.size(), 2u);
  }
}

}  // namespace
}  // namespace nav
