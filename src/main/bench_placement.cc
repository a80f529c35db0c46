// SPDX-License-Identifier: Apache-2.0
// nav bench placement: how much of what is asked for a policy can place, beside what packing anew each time could.
#include <cstdio>
#include <unistd.h>

#include "bench/loss.h"
#include "bench/mixes.h"
#include "main/bench_boards.h"
#include "main/bench_runs.h"

namespace nav {
namespace {

struct PlacementReport {
  std::string workload = "steady loss";
  std::string board;
  std::string mix;
  double rho = 0;
  std::uint32_t gpus = 0;
  std::uint64_t seed = 0;
  std::string policy;
  std::uint64_t arrivals = 0;
  std::uint64_t accepted = 0;
  double acceptance_by_count = 0;
  double acceptance_by_slices = 0;
  double ci95 = 0;
  std::uint64_t moves = 0;
  double moves_per_job = 0;
  bench::Acceptance oracle;
};
BOOST_DESCRIBE_STRUCT(PlacementReport, (),
                      (workload, board, mix, rho, gpus, seed, policy, arrivals, accepted, acceptance_by_count, acceptance_by_slices, ci95, moves, moves_per_job,
                       oracle))

Result<void> check(cli::BenchPlacementOptions const& options) {
  for (double rho : options.rho)
    if (!(rho > 0 && rho <= 10)) return fail_field("rho", "more than 0, at most 10", "a load of {} cannot be simulated", rho);
  for (auto gpus : options.gpus)
    if (gpus == 0 || gpus > 1'000'000) return fail_field("gpus", "1 to 1000000", "{} GPUs cannot be simulated", gpus);
  if (options.arrivals == 0 || options.arrivals > 1'000'000'000) return fail_field("arrivals", "1 to 1000000000", "there would be {}", options.arrivals);
  return {};
}

Result<void> run_all(cli::BenchPlacementOptions const& options, std::function<void(PlacementReport const&)> const& tell) {
  TRY_VOID(check(options));
  TRY(auto board, bench::board_named(options.board));
  TRY(auto const geometry, mig::Geometry::compile(bench::plain(std::move(board))));
  for (auto const& mix_name : options.mix) {
    TRY(auto const mix, bench::mix_named(mix_name, geometry));
    for (double rho : options.rho)
      for (auto gpus : options.gpus)
        for (auto seed : options.seed) {
          bench::LossWorld const world{&geometry, mix, rho, gpus, seed, options.arrivals};
          std::optional<bench::Acceptance> oracle;
          for (auto const& name : options.policy) {
            TRY(auto const policy, bench::policy_named(name, {&geometry, mix, rho, gpus, options.moves}));
            if (!oracle) oracle = bench::run_repack_oracle(world);
            auto const result = bench::run_loss(world, policy);
            auto const& got = result.acceptance;
            tell({.board = options.board,
                  .mix = mix_name,
                  .rho = rho,
                  .gpus = gpus,
                  .seed = seed,
                  .policy = name,
                  .arrivals = options.arrivals,
                  .accepted = got.accepted,
                  .acceptance_by_count = got.by_count,
                  .acceptance_by_slices = got.by_slices,
                  .ci95 = got.ci95,
                  .moves = result.moves,
                  .moves_per_job = result.moves_per_job,
                  .oracle = *oracle});
          }
        }
  }
  return {};
}

}  // namespace

int run_bench_placement(cli::BenchPlacementOptions const& options) {
  bool const shows_progress = isatty(STDERR_FILENO) && !options.json;
  std::uint64_t runs = 0;
  return print_runs<PlacementReport>(
      options.json,
      {{"mix"},
       number_column("rho"),
       number_column("GPUs"),
       number_column("seed"),
       {"policy"},
       number_column("by count"),
       number_column("by slices"),
       number_column("+-"),
       number_column("moves/job"),
       number_column("oracle by slices")},
      [&](auto const& tell) {
        auto done = run_all(options, tell);
        if (shows_progress) std::fputs("\r\033[K", stderr);
        return done;
      },
      [&](PlacementReport const& report) -> std::vector<cli::Cell> {
        if (shows_progress) std::fprintf(stderr, "\r\033[K%llu runs ", static_cast<unsigned long long>(++runs));
        return {report.mix,
                fmt::format("{}", report.rho),
                std::to_string(report.gpus),
                std::to_string(report.seed),
                report.policy,
                fmt::format("{:.4f}", report.acceptance_by_count),
                fmt::format("{:.4f}", report.acceptance_by_slices),
                fmt::format("{:.4f}", report.ci95),
                fmt::format("{:.4f}", report.moves_per_job),
                fmt::format("{:.4f}", report.oracle.by_slices)};
      });
}

}  // namespace nav
