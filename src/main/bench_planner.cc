// SPDX-License-Identifier: Apache-2.0
// How fast the planner's parts are by themselves: a place found and its index kept, a way found for others to move, a cut planned.
#include <algorithm>
#include <bit>
#include <utility>

#include "base/random.h"
#include "bench/fleet.h"
#include "main/bench.h"
#include "main/bench_pool.h"
#include "mig/transition.h"
#include "sim/boards.h"

namespace nav::bench {

namespace {

constexpr double planner_load = 0.8;

/// place() and refresh() of the planner on a pool that is changed by hand: neither decide, apply nor copies for readers are in it.
Result<Figure> indexed(std::uint32_t gpus, std::string name, double seconds) {
  BenchPool world;
  TRY_VOID(world.add_nodes(gpus / 8));
  RequestClass requests[6];
  char const* const names[] = {"mig-1g.5gb", "mig-1g.10gb", "mig-2g.10gb", "mig-3g.20gb", "mig-4g.20gb", "mig-7g.40gb"};
  for (std::size_t i = 0; i < 6; ++i) requests[i].on = {names[i]};
  struct Seat {
    NodeId node;
    std::uint32_t gpu;
    mig::Placement at;
  };
  Random random(1);
  std::vector<Seat> living;
  std::uint64_t slices = 0, number = 0;
  auto const target = static_cast<std::uint64_t>(planner_load * 8 * gpus);
  mig::Geometry const& geometry = *(*world.pool.geometries)[0];
  auto const place_one = [&] {
    auto const found = nav::place(world.pool, world.index, requests[random.below(6)], JobId{++number});
    if (!found) return false;
    auto const index = static_cast<std::uint32_t>(std::countr_zero(found->gpus));
    Gpu& gpu = world.pool.nodes.edit(found->node.value).gpus[index];
    // Idle slices in the way go, as LayoutChosen would have it.
    auto const window = geometry.window(*found->placement);
    std::erase_if(gpu.slices, [&](Slice const& slice) { return (geometry.window(slice.at) & window) != 0; });
    gpu.slices.push_back({*found->placement, AttemptId{JobId{number}, 1}, {}});
    gpu.mode = GpuMode::Mig;
    world.index.refresh(world.pool, found->node);
    living.push_back({found->node, index, *found->placement});
    slices += geometry.profile(found->placement->profile).memory_slices;
    return true;
  };
  auto const release_one = [&] {
    auto& slot = living[random.below(living.size())];
    Seat const gone = std::exchange(slot, living.back());
    living.pop_back();
    for (auto& slice : world.pool.nodes.edit(gone.node.value).gpus[gone.gpu].slices)
      if (slice.at == gone.at) slice.holder = {};
    world.index.refresh(world.pool, gone.node);
    slices -= geometry.profile(gone.at.profile).memory_slices;
  };
  while (slices < target && place_one()) {}
  std::vector<double> windows;
  bool warm = false;
  for (Budget budget(seconds); budget.is_left() || windows.empty();) {
    constexpr std::uint64_t pairs = 20'000;
    std::uint64_t placed = 0;
    double const before = now_s();
    while (placed < pairs) {
      release_one();
      while (slices < target && placed < pairs && place_one()) ++placed;
    }
    double const took = now_s() - before;
    if (std::exchange(warm, true)) windows.push_back(static_cast<double>(placed) / took);
  }
  Figure figure = rate_of(std::move(name), "pairs/s", std::move(windows));
  if (gpus >= 100'000) figure.goal = "S1: 5,000,000, all policies on";
  figure.note = fmt::format(
      "place() and PlanIndex::refresh() after it and after a release, {} GPUs on {} nodes at 80 % load, idle slices left standing; without decide, apply and "
      "journal",
      gpus, gpus / 8);
  return figure;
}

/// Searches for moves, each for a request that fits nowhere in a full, cut-up fleet that changes a little in between.
Result<Figure> moves(std::uint32_t gpus, std::string name, double seconds) {
  TRY(auto const geometry, mig::Geometry::compile(sim::a100()));
  mig::Scores const scores(geometry, mig::even_mix(geometry));
  Fleet fleet(geometry, scores, gpus);
  Random random(1);
  std::vector<Fleet::Who> living;
  Fleet::Who next = 0;
  // Full with small and large alike; then some leave and others come, so that it is cut up as it would be after a while.
  for (std::uint32_t refused = 0; refused < 40;) {
    auto const at = fleet.free().best(static_cast<std::uint8_t>(random.below(geometry.profiles())));
    if (!at) {
      ++refused;
      continue;
    }
    fleet.seat(next, *at, random.chance(0.9) ? mig::Hold::Movable : mig::Hold::Pinned);
    living.push_back(next++);
  }
  auto const leave_one = [&] {
    auto& slot = living[random.below(living.size())];
    fleet.leave(std::exchange(slot, living.back()));
    living.pop_back();
  };
  for (std::size_t i = living.size() / 50; i > 0; --i) leave_one();
  std::vector<double> samples;
  std::uint64_t found = 0;
  Budget budget(seconds);
  for (std::uint64_t tries = 0; tries < 2'000'000 && samples.size() < 20'000 && (budget.is_left() || samples.size() < 10); ++tries) {
    auto const profile = static_cast<std::uint8_t>(random.below(geometry.profiles()));
    if (auto const at = fleet.free().best(profile)) {
      fleet.seat(next, *at, random.chance(0.9) ? mig::Hold::Movable : mig::Hold::Pinned);
      living.push_back(next++);
      continue;
    }
    double const before = now_s();
    auto const plan = mig::find_moves(geometry, scores, fleet.free(), fleet.tenants(), profile, {.most = 3, .chains = true});
    samples.push_back((now_s() - before) * 1e6);
    found += plan.has_value();
    for (int i = 0; i < 3; ++i) leave_one();
  }
  if (samples.empty()) return fail(ErrorKind::Internal, "everything fitted");
  auto const count = samples.size();
  Figure figure = figure_of(std::move(name), "us", std::move(samples));
  figure.note = fmt::format("one search for at most three moves with chains, without prices, {} A100-40GB that are nearly full; {} of {} searches found a plan",
                            gpus, found, count);
  return figure;
}

}  // namespace

Figures planner_index(Bench& bench) {
  std::vector<Figure> figures;
  for (auto const& [gpus, name] : {std::pair{1'000u, "planner-index-1k"}, std::pair{10'000u, "planner-index-10k"}, std::pair{100'000u, "planner-index-100k"}}) {
    TRY(auto figure, indexed(gpus, name, bench.seconds() / 3));
    figures.push_back(std::move(figure));
  }
  return figures;
}

Figures planner_moves(Bench& bench) {
  std::vector<Figure> figures;
  for (auto const& [gpus, name] : {std::pair{100u, "planner-moves-100"}, std::pair{10'000u, "planner-moves-10k"}, std::pair{100'000u, "planner-moves-100k"}}) {
    TRY(auto figure, moves(gpus, name, bench.seconds() / 3));
    figures.push_back(std::move(figure));
  }
  return figures;
}

Figures planner_cut(Bench& bench) {
  TRY(auto const geometry, mig::Geometry::compile(sim::a100()));
  mig::Scores const scores(geometry, mig::even_mix(geometry));
  Random random(1);
  std::vector<double> samples;
  for (Budget budget(bench.seconds() / 3); budget.is_left() && samples.size() < 100'000;) {
    // A GPU as it may stand: random instances, some of them idle.
    std::vector<mig::Instance> standing;
    mig::StateId state = mig::kEmptyGpu;
    for (int i = 0; i < 8; ++i) {
      auto const all = geometry.placements();
      auto const at = all[random.below(all.size())];
      auto const next = geometry.after(state, at);
      if (!next) continue;
      state = *next;
      standing.push_back({at, random.chance(0.6) ? mig::Use::Idle : mig::Use::Busy});
    }
    std::sort(standing.begin(), standing.end(), [](auto const& a, auto const& b) { return a.placement < b.placement; });
    auto const profile = static_cast<std::uint8_t>(random.below(geometry.profiles()));
    double const before = now_s();
    auto const room = mig::make_room(geometry, &scores, standing, profile);
    if (!room) continue;
    mig::Layout to;
    for (auto const& instance : standing)
      if (std::find(room->destroy.begin(), room->destroy.end(), instance.placement) == room->destroy.end()) to.add(instance.placement);
    if (!room->reuse) to.add(room->placement);
    auto const steps = mig::steps_between(geometry, standing, to);
    samples.push_back((now_s() - before) * 1e6);
    if (!steps) return fail(ErrorKind::Internal, "a cut that was planned is not legal: {}", steps.error().message);
  }
  Figure figure = figure_of("planner-cut", "us", std::move(samples));
  figure.goal = "S5: 10 us";
  figure.note = "which idle slices of a GPU make room for a profile, and the steps there: make_room() and steps_between(); A100-40GB, random layouts";
  return std::vector{std::move(figure)};
}

}  // namespace nav::bench
