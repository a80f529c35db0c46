// SPDX-License-Identifier: Apache-2.0
// How fast places are found: the bare loop over the geometry, and the planner on a pool as the controller runs it.
#include "base/random.h"
#include "core/decide_report.h"
#include "main/bench.h"
#include "main/bench_pool.h"
#include "mig/churn.h"
#include "sim/boards.h"

namespace nav::bench {

namespace {

constexpr double load = 0.8;  // of all memory slices

Result<Figure> bare(std::uint32_t gpus, std::string name, double seconds) {
  TRY(auto const geometry, mig::Geometry::compile(sim::a100()));
  auto const timed = [&](std::uint64_t pairs) {
    double const before = now_s();
    auto const done = mig::churn(geometry, gpus, pairs, load, 1);
    return std::pair{now_s() - before, done.pairs};
  };
  constexpr std::uint64_t pairs = 2'000'000;
  timed(pairs / 10);
  std::vector<double> windows;
  for (Budget budget(seconds); budget.is_left();) {
    double const fill = timed(0).first;
    auto const [all, placed] = timed(pairs);
    if (all > fill) windows.push_back(static_cast<double>(placed) / (all - fill));
  }
  if (windows.empty()) return fail(ErrorKind::Internal, "the clock stood still");
  Figure figure = rate_of(std::move(name), "pairs/s", std::move(windows));
  if (gpus >= 100'000) figure.goal = "S1: 5,000,000 with quotas, shares, gangs and reasons";
  figure.note = fmt::format("place + release, geometry alone, {} A100-40GB at 80 % load, six profiles, one thread; {} pairs a window, filling not counted",
                            gpus, pairs);
  return figure;
}

/// A pool kept at its load: before every round random attempts end and as many jobs come, neither of which is timed.
Result<Figure> planned(std::uint32_t gpus, std::string name, double seconds) {
  BenchPool world;
  TRY_VOID(world.add_nodes(gpus / 8));
  std::size_t const a_round = std::min<std::size_t>(2'000, gpus / 4);
  static std::string const profiles[] = {"mig-1g.5gb", "mig-1g.10gb", "mig-2g.10gb", "mig-3g.20gb", "mig-4g.20gb", "mig-7g.40gb"};
  Random random(1);
  std::vector<AttemptId> living;
  std::uint64_t slices = 0;
  std::uint64_t const target = static_cast<std::uint64_t>(load * 8 * gpus);
  static std::uint64_t const sizes[] = {1, 2, 2, 4, 4, 8};
  std::map<AttemptId, std::uint64_t> size_of;

  auto const submit = [&]() -> Result<std::size_t> {
    std::size_t count = 0;
    for (std::uint64_t sum = slices; sum < target && count < a_round; ++count) {
      auto const which = random.below(std::size(profiles));
      TRY_VOID(world.command(SubmitJobs{.request = {.on = {profiles[which]}, .command = {"true"}}, .count = 1, .body = {}, .project = ProjectId{1}}));
      sum += sizes[which];
    }
    return count;
  };
  auto const plan = [&] {
    Pool const before = world.pool;  // the controller's way back, which makes the tables copy on write
    return plan_round(world.pool, world.index, a_round,
                      [&](PlaceJob const& place) {
                        bool const placed = world.command(place).has_value();
                        world.index.refresh(world.pool, place.node);
                        return placed;
                      })
        .places;
  };
  auto const note_places = [&](std::vector<PlaceJob> const& places) {
    for (auto const& place : places) {
      Node const& node = *world.pool.node(place.node);
      auto const width = node.gpus[0].geometry->profile(place.placement->profile).memory_slices;
      AttemptId const attempt = world.pool.job(place.job)->attempt_id();
      living.push_back(attempt);
      size_of[attempt] = width;
      slices += width;
    }
  };
  auto const end_some = [&](std::size_t count) {
    for (std::size_t i = 0; i < count && !living.empty(); ++i) {
      auto& slot = living[random.below(living.size())];
      AttemptId const gone = std::exchange(slot, living.back());
      living.pop_back();
      slices -= size_of.extract(gone).mapped();
      world.finish(gone);
    }
  };
  while (slices < target) {
    TRY(auto const asked, submit());
    auto const places = plan();
    note_places(places);
    if (asked == 0 || places.empty()) break;
  }
  std::vector<double> windows;
  std::uint64_t placed = 0;
  bool warm = false;
  for (Budget budget(seconds); budget.is_left() || windows.empty();) {
    end_some(a_round);
    TRY(auto const asked, submit());
    double const before = now_s();
    auto const places = plan();
    double const took = now_s() - before;
    if (places.empty()) return fail(ErrorKind::Internal, "no place was found for any of {} jobs", asked);
    note_places(places);
    if (std::exchange(warm, true)) windows.push_back(static_cast<double>(places.size()) / took), placed += places.size();
  }
  Figure figure = rate_of(std::move(name), "jobs/s", std::move(windows));
  figure.goal = gpus >= 100'000 ? "S1: 5,000,000 pairs/s, all policies on" : "";
  figure.note = fmt::format(
      "whole rounds of the planner: choose, decide, apply, index; {} GPUs on {} nodes at 80 % load, rounds of up to {}, "
      "{} placed in all; without journal",
      gpus, gpus / 8, a_round, placed);
  return figure;
}

}  // namespace

Figures placements_bare(Bench& bench) {
  TRY(auto few, bare(1'000, "placements-bare-1k", bench.seconds() / 2));
  TRY(auto many, bare(100'000, "placements-bare-100k", bench.seconds()));
  return std::vector{std::move(few), std::move(many)};
}

Figures placements_planned(Bench& bench) {
  TRY(auto few, planned(1'000, "placements-planned-1k", bench.seconds() / 2));
  TRY(auto many, planned(100'000, "placements-planned-100k", bench.seconds()));
  return std::vector{std::move(few), std::move(many)};
}

}  // namespace nav::bench
