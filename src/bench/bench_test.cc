// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "bench/batch.h"
#include "bench/loss.h"
#include "bench/mixes.h"
#include "bench/openb.h"
#include "bench/queueing.h"
#include "bench/simplex.h"

namespace nav::bench {
namespace {

mig::Profile profile(std::string name, std::uint32_t compute, std::uint32_t width, std::uint64_t mib, std::vector<std::uint32_t> starts) {
  auto const most = static_cast<std::uint32_t>(starts.size());
  return {.name = std::move(name),
          .id = compute * 100 + width,
          .compute_slices = compute,
          .memory_slices = width,
          .memory_mib = mib,
          .max_instances = most,
          .starts = std::move(starts)};
}

mig::Geometry const& a100() {
  static auto const geometry = mig::Geometry::compile(
                                   {.model = "A100",
                                    .memory_mib = 40960,
                                    .memory_slices = 8,
                                    .compute_slices = 7,
                                    .profiles = {profile("1g.5gb", 1, 1, 4864, {0, 1, 2, 3, 4, 5, 6}), profile("1g.10gb", 1, 2, 9856, {0, 2, 4, 6}),
                                                 profile("2g.10gb", 2, 2, 9856, {0, 2, 4}), profile("3g.20gb", 3, 4, 19968, {0, 4}),
                                                 profile("4g.20gb", 4, 4, 19968, {0}), profile("7g.40gb", 7, 8, 40192, {0})}})
                                   .value();
  return geometry;
}

mig::Geometry const& a30() {
  static auto const geometry = mig::Geometry::compile({.model = "A30",
                                                       .memory_mib = 24576,
                                                       .memory_slices = 4,
                                                       .compute_slices = 4,
                                                       .profiles = {profile("1g.6gb", 1, 1, 5952, {0, 1, 2, 3}), profile("2g.12gb", 2, 2, 11968, {0, 2}),
                                                                    profile("4g.24gb", 4, 4, 24000, {0})}})
                                   .value();
  return geometry;
}

LossWorld small_world(std::string_view mix, std::uint64_t seed = 1) {
  return {.geometry = &a100(), .mix = mix_named(mix, a100()).value(), .rho = 1, .gpus = 20, .seed = seed, .arrivals = 2'000};
}

Policy policy(std::string_view name, LossWorld const& world) { return policy_named(name, {world.geometry, world.mix, world.rho, world.gpus, {}}).value(); }

TEST(Mixes, AreStretchedToBoardsWithFewerProfiles) {
  auto const small = mix_named("skew-small", a30()).value();
  EXPECT_GT(small[0], small[1]);
  EXPECT_GT(small[1], small[2]);
  EXPECT_DOUBLE_EQ(small[0] + small[1] + small[2], 1);
  EXPECT_NEAR(mean_slices(a100(), mix_named("uniform", a100()).value()), 21. / 6, 1e-12);
  EXPECT_FALSE(mix_named("even", a100()).has_value());
}

TEST(Loss, EveryPolicyGivesTheSameAgainAndNobodyBeatsPackingAnewByMuch) {
  for (auto const& mix : mix_names()) {
    auto const world = small_world(mix);
    auto const oracle = run_repack_oracle(world);
    for (auto const& name : policy_names()) {
      auto const once = run_loss(world, policy(name, world)), again = run_loss(world, policy(name, world));
      EXPECT_EQ(once.acceptance, again.acceptance) << name;
      EXPECT_GT(once.acceptance.by_slices, 0.5) << name;
      // Refusing a large request on purpose may do better than the oracle, by noise only.
      EXPECT_LT(once.acceptance.by_slices, oracle.by_slices + 0.02) << name;
    }
  }
}

TEST(Loss, MovesCloseMostOfTheWayToTheOracle) {
  for (auto const& mix : mix_names()) {
    auto world = small_world(mix);
    world.arrivals = 10'000;
    auto const mfi = run_loss(world, policy("mfi", world)), nav = run_loss(world, policy("nav", world));
    auto const oracle = run_repack_oracle(world);
    EXPECT_GT(nav.acceptance.by_slices - mfi.acceptance.by_slices, 0.7 * (oracle.by_slices - mfi.acceptance.by_slices)) << mix;
    EXPECT_LT(nav.moves_per_job, 0.15) << mix;
  }
}

TEST(Loss, AlmostNothingIsRefusedWhereThereIsRoom) {
  auto world = small_world("uniform");
  world.rho = 0.3;
  EXPECT_GT(run_loss(world, policy("nav", world)).acceptance.by_count, 0.999);
}

QueueWorld small_queue(double rho, Discipline discipline) {
  return {.geometry = &a100(), .mix = mix_named("uniform", a100()).value(), .rho = rho, .gpus = 20, .seed = 1, .arrivals = 3'000, .discipline = discipline};
}

QueueResult queue(QueueWorld const& world, std::string_view name) {
  return run_queue(world, policy_named(name, {world.geometry, world.mix, world.rho, world.gpus, {}}).value());
}

TEST(Queueing, BackfillWaitsLessThanFifoAndTheOracleLeast) {
  auto const fifo = small_queue(0.85, Discipline::Fifo), backfill = small_queue(0.85, Discipline::Backfill);
  EXPECT_LT(queue(backfill, "mfi").mean_wait, queue(fifo, "mfi").mean_wait);
  EXPECT_LT(run_queue_oracle(backfill).mean_wait, queue(backfill, "mfi").mean_wait);
  EXPECT_LT(queue(backfill, "nav").mean_wait, queue(backfill, "mfi").mean_wait);
}

TEST(Queueing, WhoMayNotMoveDoesNotAndPricesMakeMovesRare) {
  auto world = small_queue(0.85, Discipline::Backfill);
  world.movable = 0;
  EXPECT_EQ(queue(world, "nav").moved, 0);
  world.movable = 1;
  auto const free = queue(world, "nav");
  world.prices = {.checkpoint = .1, .restart = .02, .cutting = .005};
  auto const dear = queue(world, "nav");
  EXPECT_GT(free.moved, dear.moved);
  EXPECT_EQ(free.lost, 0);
  EXPECT_GT(dear.lost, 0);
}

TEST(Simplex, SolvesAProgramWhoseAnswerIsKnown) {
  PackingProgram program;  // most of 3x + 5y with x <= 4, 2y <= 12, 3x + 2y <= 18: x = 2, y = 6
  auto const a = program.add_row(4), b = program.add_row(12), c = program.add_row(18);
  program.add_column(3, {{a, 1}, {c, 3}});
  program.add_column(5, {{b, 2}, {c, 2}});
  auto const solution = program.solve();
  EXPECT_NEAR(solution.value, 36, 1e-5);
  EXPECT_NEAR(solution.columns[0], 2, 1e-5);
  EXPECT_NEAR(solution.columns[1], 6, 1e-5);
  EXPECT_NEAR(solution.rows[1], 1.5, 1e-5);
}

RC_GTEST_PROP(Batch, IsPackedOnTheFewestGpusThereCanBe, (std::uint64_t seed)) {
  auto const mixes = mix_names();
  auto const result = pack_batch(a100(), mix_named(mixes[seed % mixes.size()], a100()).value(), 1 + seed % 300, seed);
  RC_ASSERT(result.constructed == result.optimum);
  RC_ASSERT(result.online >= result.optimum);
}

TEST(Batch, OfSeveralBoardsIsPackedCloseToTheBound) {
  std::vector<std::uint8_t> sequence;
  auto const counts = draw_batch(mix_named("uniform", a100()).value(), 1'000, 1, sequence);
  auto const result = pack_mixed({{&a100(), 300}, {&a30(), 300}}, a100().board(), counts);
  EXPECT_GE(static_cast<double>(result.packed), result.bound - 1e-3);
  EXPECT_LE(static_cast<double>(result.packed), 1.005 * std::ceil(result.bound - 1e-4));
}

TEST(Openb, LinesThatCannotBeReadAreNamed) {
  auto const trace = read_openb("sn,cpu_milli,memory_mib,gpu,model\na,64000,262144,2,P100\nb,96000,1,x,T4\n",
                                "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\np,1000,10,1,500,P100|T4\nq,1000,10,2,500,\nr,1000,,1,1000,\n")
                         .value();
  EXPECT_EQ(trace.nodes.size(), 1u);
  EXPECT_EQ(trace.pods.size(), 1u);
  EXPECT_EQ(trace.skipped,
            (std::vector<std::string>{"nodes line 3: gpu is \"x\"", "pods line 3: gpu_milli is 500 with 2 GPUs", "pods line 4: memory_mib is \"\""}));
  EXPECT_FALSE(read_openb("sn,cpu_milli\n", "").has_value());
}

TEST(Openb, SharedPodsFillAGpuBeforeTheNextIsOpened) {
  std::string pods = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n";
  for (int i = 0; i < 8; ++i) pods += "half,1000,10,1,500,\nwhole,1000,10,1,1000,\n";
  auto const trace = read_openb("sn,cpu_milli,memory_mib,gpu,model\na,64000,262144,8,G\nb,64000,262144,4,G\n", pods).value();
  for (auto const policy : {OpenbPolicy::Fgd, OpenbPolicy::FgdM, OpenbPolicy::BestFit}) {
    auto const result = run_openb(trace, policy, 1);
    EXPECT_GT(result.at_130, 0.95);
    EXPECT_LE(result.at_100, 1);
  }
  EXPECT_LE(openb_bound(trace, 1), 1.001);
  EXPECT_GT(openb_bound(trace, 1), 0.9);
}

}  // namespace
}  // namespace nav::bench
