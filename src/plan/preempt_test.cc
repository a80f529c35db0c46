// SPDX-License-Identifier: Apache-2.0
#include "plan/preempt.h"

#include <gtest/gtest.h>

#include "plan/site_fixture.h"

namespace nav {
namespace {

using fixture::Asking;
using fixture::Site;
namespace boards = mig::fixture;

/// research owns a GPU of the two; guests own nothing.
struct Lent : Site {
  Lent() {
    node("a", {boards::a100_40(), boards::a100_40()});
    team(1, "research", {.slices = 7}), team(2, "guests");
    project(1, "vision", 1), project(2, "visit", 2);
  }
  void settle() { share(), report_all(), share(), report_all(); }
};

TEST(Preemption, WhatWasLentIsTakenBackAndTheGuestWaitsAgainWithTheReason) {
  Lent site;
  JobId const guest = site.ask({.on = {"a100"}, .project = ProjectId{2}}, 2);
  site.settle();
  JobId const own = site.ask({.on = {"a100"}, .project = ProjectId{1}});
  site.share();
  EXPECT_EQ(site.stopped, 1u);
  EXPECT_EQ(site.last_sentence, fmt::format("preempted by job {} of project vision: team guests had borrowed what is team research's own", own.value));
  EXPECT_EQ(site.why(own).substr(0, 48), "room: others were told to make room for it on GP");
  site.settle();
  EXPECT_TRUE(site.is_seated(own));
  JobId const back = site.is_seated(guest) ? JobId{guest.value + 1} : guest;
  EXPECT_FALSE(site.is_seated(back));
  auto const reason = nav::why(site.pool, site.index, back);
  EXPECT_EQ(reason.preempted, site.last_sentence);
  EXPECT_EQ(what_is_miscounted(site.pool), "");
  EXPECT_TRUE(site.pool.claims->empty());
}

TEST(Preemption, NobodyIsStoppedWhoSaidNoOrWhoCannotBeginAnew) {
  Lent site;
  site.ask({.on = {"a100"}, .project = ProjectId{2}, .restartable = true, .no_preempt = true});
  site.ask({.on = {"a100"}, .project = ProjectId{2}, .restartable = false});
  site.settle();
  site.ask({.on = {"a100"}, .project = ProjectId{1}});
  site.settle();
  EXPECT_EQ(site.stopped, 0u);
}

TEST(Preemption, WhoIsWithinItsOwnIsNotStoppedByAnotherTeamsPriority) {
  Lent site;
  site.ask({.on = {"a100"}, .project = ProjectId{1}});
  site.ask({.on = {"a100"}, .project = ProjectId{2}, .no_preempt = true});
  site.settle();
  site.ask({.on = {"a100"}, .project = ProjectId{2}, .priority = 100});
  site.settle();
  EXPECT_EQ(site.stopped, 0u);
}

TEST(Preemption, AHigherClassStopsALowerOneOfItsOwnProject) {
  Lent site;
  JobId const low = site.ask({.on = {"a100"}, .project = ProjectId{2}, .priority = -1}, 2);
  site.settle();
  site.ask({.on = {"a100"}, .project = ProjectId{2}, .priority = 0, .no_preempt = true});
  site.settle();
  EXPECT_EQ(site.stopped, 1u);
  EXPECT_TRUE(site.last_sentence.ends_with("its priority is normal, and this one's low")) << site.last_sentence;
  EXPECT_NE(site.is_seated(low), site.is_seated(JobId{low.value + 1}));
}

TEST(Preemption, TheCheapestWindowOfOneGpuIsCleared) {
  Site site;
  site.node("a", {boards::a100_40(), boards::a100_40()});
  site.team(1, "research", {.slices = 7}), site.team(2, "guests");
  site.project(1, "vision", 1), site.project(2, "visit", 2);
  JobId const one = site.ask({.on = {"mig-4g.20gb"}, .project = ProjectId{2}}, 2);
  site.ask({.on = {"mig-3g.20gb"}, .project = ProjectId{2}, .no_preempt = true}, 2);
  site.share(), site.report_all();
  site.pass(minutes(10));
  site.ask({.on = {"mig-2g.10gb"}, .project = ProjectId{1}});
  site.share();
  EXPECT_EQ(site.stopped, 1u) << "one of the two halves that may be stopped";
  bool const first = site.pool.jobs.at(one.value).stop == StopCause::Preempted;
  bool const second = site.pool.jobs.at(one.value + 1).stop == StopCause::Preempted;
  EXPECT_NE(first, second);
}

TEST(Preemption, ItTakesBackNoMoreThanIsItsOwn) {
  Lent site;
  site.ask({.on = {"mig-1g.5gb"}, .project = ProjectId{2}, .runs = hours(9)}, 14);
  site.settle();
  site.ask({.on = {"mig-1g.5gb"}, .project = ProjectId{1}, .runs = hours(9)}, 14);
  site.pass(minutes(5));
  EXPECT_EQ(site.pool.accounts.team(TeamId{1})->used.slices, 7u);
  EXPECT_EQ(site.pool.accounts.team(TeamId{2})->used.slices, 7u);
  EXPECT_EQ(site.stopped, 7u);
}

/// W9 in small: all of a pool is lent, and its owner asks for its half at once.
TEST(Preemption, AllThatWasLentIsBackAfterTwoRounds) {
  Site site;
  for (int i = 0; i < 4; ++i) site.node(fmt::format("n{}", i), {boards::a100_40(), boards::a100_40(), boards::a100_40(), boards::a100_40()});
  site.team(1, "research", {.slices = 56}), site.team(2, "guests");
  site.project(1, "vision", 1), site.project(2, "visit", 2);
  site.ask({.on = {"mig-7g.40gb"}, .project = ProjectId{2}, .runs = hours(9)}, 16);
  site.share(), site.report_all();
  site.ask({.on = {"mig-7g.40gb"}, .project = ProjectId{1}, .runs = hours(9)}, 8);
  int rounds = 0;
  for (; rounds < 20 && site.pool.accounts.team(TeamId{1})->used.slices < 56; ++rounds) site.share(), site.report_all();
  EXPECT_LE(rounds, 2);
  EXPECT_EQ(site.stopped, 8u);
}

/// Whatever happens: counts are true, ceilings hold, only who may be stopped is, and all who can run do.
TEST(Preemption, InRandomWorldsQuotasHoldAndEverybodyGetsTheirTurn) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Random random(seed);
    Site site;
    for (char const* name : {"a", "b"}) site.node(name, {boards::a100_40(), boards::a100_40()});
    site.team(1, "research", {.slices = 14, .borrow_slices = 7}), site.team(2, "guests"), site.team(3, "part", {.slices = 7}, 1);
    site.project(1, "vision", 1), site.project(2, "visit", 2, {.slices = 2, .borrow_slices = 12}), site.project(3, "deep", 3);
    static std::vector<std::string> const templates{"mig-1g.5gb", "mig-2g.10gb", "mig-3g.20gb", "mig-7g.40gb", "a100", "a100-x2"};
    static std::vector<std::int32_t> const priorities{-5, 0, 0, 0, 3, 10};
    std::map<JobId, Asking> asked;
    for (int step = 0; step < 120; ++step) {
      if (step < 70 && random.chance(0.6)) {
        auto const length = minutes(1 + static_cast<std::int64_t>(random.below(40)));
        Asking const what{.on = {templates[random.below(templates.size())]},
                          .project = ProjectId{1 + random.below(3)},
                          .runs = length,
                          .limit = random.chance(0.5) ? length : Duration{},
                          .priority = priorities[random.below(priorities.size())],
                          .restartable = random.chance(0.6),
                          .no_preempt = random.chance(0.2)};
        asked[site.ask(what)] = what;
      }
      site.pass(minutes(3), minutes(1));
      ASSERT_EQ(what_is_miscounted(site.pool), "") << "seed " << seed << " step " << step;
      ASSERT_LE(site.pool.accounts.team(TeamId{1})->used.slices, 21u);
      ASSERT_LE(site.pool.accounts.project(ProjectId{2})->used.slices, 14u);
      for (auto const& [id, what] : *site.pool.preempted) {
        ASSERT_TRUE(asked.at(id).restartable && !asked.at(id).no_preempt) << "seed " << seed << ": job " << id.value << " was stopped";
      }
    }
    site.pass(hours(30), minutes(5));
    EXPECT_EQ(site.pool.jobs.size(), 0u) << "seed " << seed << "\n" << nav::to_text(site.pool);
    EXPECT_TRUE(site.pool.claims->empty() && site.index.reservations().empty());
  }
}

}  // namespace
}  // namespace nav
