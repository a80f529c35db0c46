// SPDX-License-Identifier: Apache-2.0
#include "plan/place_by_moving.h"

#include <gtest/gtest.h>

#include <set>

#include "core/moving.h"
#include "plan/site_fixture.h"

namespace nav {
namespace {

using fixture::Asking;
using fixture::Site;
namespace boards = mig::fixture;

struct Moving : Site {
  Moving() { project(1, "vision", 0); }

  void settle() { share(), report_all(), share(), report_all(); }

  /// Two GPUs, on each of which a slice is free and no half: "3g.20gb" stays on the first, and on the second there is a "4g.20gb" that stays; what
  /// is asked for is movable where `movable`.
  std::string where(JobId id) const {
    Job const* job = pool.job(id);
    if (!job) return "over";
    if (job->state == JobState::Queued) return "waits";
    return place_text(pool, job->seat.node, job->seat.gpus, job->seat.placement);
  }
  std::string plan_for(JobId id) {
    Job const& job = pool.jobs.at(id.value);
    auto const found = place_by_moving(pool, index, pool.queues.at(job.queue).request, job);
    if (!found) return "nobody moves";
    std::string text;
    for (auto const& move : found->plan.moves) text += fmt::format("{} to {}, ", move.job.value, place_text(pool, move.node, move.gpus, move.placement));
    auto const& place = *found->plan.place;
    return text + fmt::format("then {} on {}", place.job.value, place_text(pool, place.node, place.gpus, place.placement));
  }

  /// Two GPUs, a pair of 3g.20gb on each; then one of each pair ends, so that half of each GPU is idle. Answers with the two that go on.
  std::pair<JobId, JobId> two_halves(Asking halves = {}) {
    halves.on = {"mig-3g.20gb"};
    JobId const first = ask(halves, 4);
    settle();
    JobId kept, other;
    for (std::uint64_t i = 0; i < 4; ++i) {
      JobId const id{first.value + i};
      auto const gpu = pool.jobs.at(id.value).seat.gpus;
      JobId& keeps = gpu == 1 ? kept : other;
      if (!keeps) keeps = id;
      else finish(id);
    }
    return {kept, other};
  }
};

TEST(PlaceByMoving, TwoHalvesMakeAWholeWhenOneOfThemMoves) {
  Moving site;
  site.node("a", {boards::a100_40(), boards::a100_40()});
  auto const [one, other] = site.two_halves();
  JobId const whole = site.ask({.on = {"mig-7g.40gb"}});
  auto const plan = site.plan_for(whole);
  EXPECT_TRUE(plan.starts_with(fmt::format("{} to gpu", one.value)) || plan.starts_with(fmt::format("{} to gpu", other.value))) << plan;
  EXPECT_TRUE(plan.find("then " + to_text(whole)) != plan.npos) << plan;
  site.share();
  EXPECT_EQ(site.stopped, 1u);
  EXPECT_TRUE(site.last_sentence.starts_with(fmt::format("moved to make room for job {}, to gpu", whole.value))) << site.last_sentence;
  EXPECT_EQ(site.why(whole).substr(0, 5), "room:") << site.why(whole);
  site.settle();
  EXPECT_TRUE(site.is_seated(whole)) << to_text(site.pool);
  EXPECT_TRUE(site.is_seated(one) && site.is_seated(other)) << "who moved goes on at once";
  EXPECT_EQ(site.pool.jobs.at(one.value).attempt + site.pool.jobs.at(other.value).attempt, 3u);
  EXPECT_TRUE(site.pool.claims->empty() && site.pool.preempted->empty());
  EXPECT_EQ(what_is_miscounted(site.pool), "");
}

TEST(PlaceByMoving, AWholeGpuIsClearedToo) {
  Moving site;
  site.node("a", {boards::a100_40(), boards::a100_40()});
  auto const [one, other] = site.two_halves();
  JobId const whole = site.ask({.on = {"a100"}});
  site.settle(), site.settle();
  EXPECT_TRUE(site.is_seated(whole)) << to_text(site.pool);
  EXPECT_TRUE(site.is_seated(one) && site.is_seated(other));
}

TEST(PlaceByMoving, AJobOnAWholeGpuLeavesANodeForOneThatNeedsAllOfIt) {
  Moving site;
  site.node("a", {boards::v100(), boards::v100()});
  site.node("b", {boards::v100(), boards::v100()});
  JobId const first = site.ask({.on = {"v100"}}, 3);
  site.settle();
  std::map<NodeId, std::vector<JobId>> on;
  for (std::uint64_t i = 0; i < 3; ++i) on[site.pool.jobs.at(first.value + i).seat.node].push_back(JobId{first.value + i});
  for (auto const& [node, jobs] : on)
    if (jobs.size() == 2) site.finish(jobs[0]);
  JobId const pair = site.ask({.on = {"v100-x2"}});
  site.settle(), site.settle();
  EXPECT_TRUE(site.is_seated(pair)) << to_text(site.pool);
  EXPECT_EQ(site.stopped, 1u);
}

TEST(PlaceByMoving, NobodyMovesWhoDidNotSaySoOrSaidNo) {
  for (Asking const& halves : {Asking{.restartable = false}, Asking{.no_preempt = true}}) {
    Moving site;
    site.node("a", {boards::a100_40(), boards::a100_40()});
    site.two_halves(halves);
    JobId const whole = site.ask({.on = {"mig-7g.40gb"}});
    EXPECT_EQ(site.plan_for(whole), "nobody moves");
    site.settle();
    EXPECT_EQ(site.stopped, 0u);
  }
}

TEST(PlaceByMoving, AHigherClassDoesNotMoveForALowerOne) {
  Moving site;
  site.node("a", {boards::a100_40(), boards::a100_40()});
  site.two_halves({.priority = 10});
  EXPECT_EQ(site.plan_for(site.ask({.on = {"mig-7g.40gb"}})), "nobody moves");
  EXPECT_NE(site.plan_for(site.ask({.on = {"mig-7g.40gb"}, .priority = 10})), "nobody moves");
}

TEST(PlaceByMoving, ItIsWorthItOnlyWhereLessIsLostThanIsSaved) {
  for (bool const long_ago : {false, true}) {
    Moving site;
    site.node("a", {boards::a100_40(), boards::a100_40()});
    // Of both it is known when they end: after five minutes in one world, and after another five hours' work is lost in the other.
    site.two_halves({.runs = hours(6), .limit = hours(6)});
    if (long_ago) site.clock_us += (hours(5) + minutes(55)).us, site.report_all();
    site.ask({.on = {"mig-7g.40gb"}});
    site.settle();
    EXPECT_EQ(site.stopped, long_ago ? 0u : 1u);
  }
}

TEST(PlaceByMoving, WhoWasMovedIsLeftAloneForAWhile) {
  Moving site;
  site.node("a", {boards::a100_40(), boards::a100_40()});
  auto const [one, other] = site.two_halves();
  JobId const whole = site.ask({.on = {"mig-7g.40gb"}, .runs = minutes(2)});
  site.settle(), site.settle();
  ASSERT_TRUE(site.is_seated(whole));
  JobId const moved = site.pool.jobs.at(one.value).attempt == 2 ? one : other;
  EXPECT_FALSE(may_be_moved(site.pool, site.pool.jobs.at(moved.value), {}, site.now()));
  site.clock_us += rest_after_move.us;
  EXPECT_TRUE(may_be_moved(site.pool, site.pool.jobs.at(moved.value), {}, site.now()));
}

TEST(PlaceByMoving, WhatIsPromisedIsGivenToNobodyElse) {
  Moving site;
  site.node("a", {boards::a100_40(), boards::a100_40()});
  site.two_halves();
  JobId const whole = site.ask({.on = {"mig-7g.40gb"}});
  site.share();
  ASSERT_EQ(site.pool.claims->size(), 2u);
  // An urgent one comes while the mover stops: it fits beside, in the half that is promised.
  JobId const urgent = site.ask({.on = {"mig-2g.10gb"}, .priority = 100});
  site.share();
  EXPECT_FALSE(site.is_seated(urgent));
  for (auto const& [id, claim] : *site.pool.claims)
    EXPECT_FALSE(decide(site.pool, PlaceJob{.job = urgent, .node = claim.node, .rung = 0, .gpus = claim.gpus, .placement = mig::Placement{3, 4}},
                        Asked{UserId{1}, site.now()}));
  site.settle();
  EXPECT_TRUE(site.is_seated(whole));
}

TEST(PlaceByMoving, AMoveSurvivesAControllerThatBeginsAnewInTheMiddle) {
  Moving site;
  site.node("a", {boards::a100_40(), boards::a100_40()});
  auto const [one, other] = site.two_halves();
  JobId const whole = site.ask({.on = {"mig-7g.40gb"}});
  site.share();
  ASSERT_EQ(site.pool.claims->size(), 2u);
  apply(site.pool, ControllerStarted{"test"}, {++site.sequence, 2, site.now(), {}});
  site.index = PlanIndex();
  site.index.rebuild(site.pool);
  site.share();
  EXPECT_EQ(site.pool.claims->size(), 2u) << "nobody has been heard of yet";
  site.settle();
  EXPECT_TRUE(site.is_seated(whole) && site.is_seated(one) && site.is_seated(other)) << to_text(site.pool);
}

/// In any world: every plan is taken by decide, promised places are had by whom they were promised to, and only who may be moved is.
TEST(PlaceByMoving, InRandomWorldsEveryPromiseIsKept) {
  static std::vector<std::string> const templates{"mig-1g.5gb", "mig-2g.10gb", "mig-3g.20gb", "mig-4g.20gb", "mig-7g.40gb", "a100", "a100-x2"};
  std::uint64_t moves = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Random random(seed);
    Site site;
    std::uint32_t const cpus = random.chance(0.5) ? 256 : 28;  // or so few that they bind
    for (char const* name : {"a", "b", "c"}) site.node(name, {boards::a100_40(), boards::a100_40()}, cpus);
    site.team(1, "research", {.slices = 21, .borrow_slices = 14}), site.project(1, "vision", 1), site.project(2, "visit", 0);
    std::map<JobId, Asking> asked;
    std::map<JobId, Claim> promised;
    for (int step = 0; step < 150; ++step) {
      if (step < 100 && random.chance(0.7)) {
        auto const length = minutes(1 + static_cast<std::int64_t>(random.below(60)));
        Asking const what{.on = {templates[random.below(templates.size())]},
                          .project = ProjectId{1 + random.below(2)},
                          .runs = length,
                          .limit = random.chance(0.5) ? length : Duration{},
                          .priority = random.chance(0.8) ? 0 : 10,
                          .restartable = random.chance(0.7),
                          .no_preempt = random.chance(0.1)};
        asked[site.ask(what)] = what;
      }
      site.clock_us += minutes(1).us;
      site.report_all();
      site.share();
      for (auto const& [id, claim] : *site.pool.claims) {
        if (!claim.by_moving) continue;
        promised[id] = claim;
        if (claim.is_counted()) continue;
        ++moves;
        ASSERT_TRUE(asked.at(id).restartable && !asked.at(id).no_preempt) << "seed " << seed;
        ASSERT_LE(class_of(asked.at(id).priority), class_of(asked.at(claim.for_job).priority)) << "seed " << seed;
      }
      // Who moved stops, and all of them are where they were promised to be within the same minute.
      for (int i = 0; i < 3 && !promised.empty(); ++i) site.report_all(), site.share();
      for (auto const& [id, claim] : promised) {
        Job const* job = site.pool.job(id);
        if (!job) continue;
        auto const stopped = site.pool.preempted->find(id);
        if (stopped != site.pool.preempted->end() && stopped->second.sentence.starts_with("preempted")) continue;  // by a better right, once it was there
        ASSERT_NE(job->state, JobState::Queued) << (stopped != site.pool.preempted->end() ? stopped->second.sentence : "") << " seed " << seed << " step "
                                                << step << ": job " << id.value << "\n"
                                                << nav::to_text(site.pool);
        ASSERT_TRUE(job->seat.node == claim.node && job->seat.gpus == claim.gpus && job->seat.placement == claim.placement) << "seed " << seed;
      }
      promised.clear();
      ASSERT_EQ(what_is_miscounted(site.pool), "") << "seed " << seed << " step " << step;
      ASSERT_LE(site.pool.accounts.team(TeamId{1})->used.slices, 35u);
    }
    site.pass(hours(30), minutes(5));
    EXPECT_EQ(site.pool.jobs.size(), 0u) << "seed " << seed << "\n" << nav::to_text(site.pool);
    EXPECT_TRUE(site.pool.claims->empty() && site.pool.moved->empty());
  }
  EXPECT_GT(moves, 20u) << "worlds in which nothing moves show nothing";
}

}  // namespace
}  // namespace nav
