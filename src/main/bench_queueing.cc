// SPDX-License-Identifier: Apache-2.0
// nav bench queue: how long requests wait under a policy, and what its moves cost.
#include <cstdio>
#include <unistd.h>

#include "bench/mixes.h"
#include "bench/queueing.h"
#include "main/bench_boards.h"
#include "main/bench_runs.h"

namespace nav {
namespace {

struct QueueReport {
  std::string workload = "queueing";
  std::string board;
  std::string mix;
  double rho = 0;
  std::uint32_t gpus = 0;
  std::uint64_t seed = 0;
  std::string policy;
  std::string discipline;
  std::string price;
  double kappa = 0;
  double movable = 0;
  std::uint64_t arrivals = 0;
  bench::QueueResult result;
  bench::QueueResult oracle;
};
BOOST_DESCRIBE_STRUCT(QueueReport, (), (workload, board, mix, rho, gpus, seed, policy, discipline, price, kappa, movable, arrivals, result, oracle))

/// Of scheduling by priced moves: what moves cost, and how eagerly they are made at that price.
struct Priced {
  char const* name;
  bench::Prices prices;
  double kappa;
};
constexpr Priced priced[] = {{"free", {0, 0, 0}, 1}, {"P1", {0, .005, .002}, .5}, {"P2", {.02, .01, .002}, 1.5}, {"P3", {.1, .02, .005}, 2.5}};

/// Of one plan, unless told otherwise: where everybody gets in sooner or later, a third move is not worth its price.
constexpr std::uint32_t most_moves = 2;

Result<Priced> price_named(std::string_view name) {
  for (auto const& one : priced)
    if (one.name == name) return one;
  return fail_field("price", "one of free, P1, P2, P3", "there are no prices \"{}\"", name);
}

Result<bench::Discipline> discipline_named(std::string_view name) {
  if (name == "fifo") return bench::Discipline::Fifo;
  if (name == "backfill") return bench::Discipline::Backfill;
  return fail_field("discipline", "fifo or backfill", "there is no discipline \"{}\"", name);
}

Result<void> check(cli::BenchQueueOptions const& options) {
  for (double rho : options.rho)
    if (!(rho > 0 && rho < 1)) return fail_field("rho", "more than 0, less than 1: else the queue grows without end", "a load of {} cannot be queued", rho);
  for (double part : options.movable)
    if (!(part >= 0 && part <= 1)) return fail_field("movable", "0 to 1", "{} is no part", part);
  for (auto gpus : options.gpus)
    if (gpus == 0 || gpus > 1'000'000) return fail_field("gpus", "1 to 1000000", "{} GPUs cannot be simulated", gpus);
  if (options.arrivals == 0 || options.arrivals > 1'000'000'000) return fail_field("arrivals", "1 to 1000000000", "there would be {}", options.arrivals);
  return {};
}

Result<void> run_all(cli::BenchQueueOptions const& options, std::function<void(QueueReport const&)> const& tell) {
  TRY_VOID(check(options));
  TRY(auto board, bench::board_named(options.board));
  TRY(auto const geometry, mig::Geometry::compile(bench::plain(std::move(board))));
  for (auto const& mix_name : options.mix) {
    TRY(auto const mix, bench::mix_named(mix_name, geometry));
    for (double rho : options.rho)
      for (auto gpus : options.gpus)
        for (auto seed : options.seed)
          for (auto const& discipline_name : options.discipline) {
            TRY(auto const discipline, discipline_named(discipline_name));
            bench::QueueWorld world{
                .geometry = &geometry, .mix = mix, .rho = rho, .gpus = gpus, .seed = seed, .arrivals = options.arrivals, .discipline = discipline};
            std::optional<bench::QueueResult> oracle;
            for (auto const& name : options.policy) {
              TRY(auto policy, bench::policy_named(name, {&geometry, mix, rho, gpus, options.moves}));
              if (!options.moves) policy.moves.most = std::min(policy.moves.most, most_moves);
              for (auto const& price_name : options.price) {
                TRY(auto const price, price_named(price_name));
                for (double movable : options.movable) {
                  if (!oracle) oracle = bench::run_queue_oracle(world);
                  world.prices = price.prices;
                  world.kappa = options.kappa.value_or(price.kappa);
                  world.movable = movable;
                  tell({.board = options.board,
                        .mix = mix_name,
                        .rho = rho,
                        .gpus = gpus,
                        .seed = seed,
                        .policy = name,
                        .discipline = discipline_name,
                        .price = price_name,
                        .kappa = world.kappa,
                        .movable = movable,
                        .arrivals = options.arrivals,
                        .result = bench::run_queue(world, policy),
                        .oracle = *oracle});
                }
              }
            }
          }
  }
  return {};
}

}  // namespace

int run_bench_queue(cli::BenchQueueOptions const& options) {
  return print_runs<QueueReport>(
      options.json,
      {{"mix"},
       number_column("rho"),
       number_column("GPUs"),
       number_column("seed"),
       {"policy"},
       {"discipline"},
       {"price"},
       number_column("movable"),
       number_column("mean wait"),
       number_column("+-"),
       number_column("oracle"),
       number_column("ratio"),
       number_column("moved"),
       number_column("lost")},
      [&](auto const& tell) { return run_all(options, tell); },
      [](QueueReport const& report) -> std::vector<cli::Cell> {
        auto const& got = report.result;
        return {report.mix,
                fmt::format("{}", report.rho),
                std::to_string(report.gpus),
                std::to_string(report.seed),
                report.policy,
                report.discipline,
                report.price,
                fmt::format("{}", report.movable),
                fmt::format("{:.4f}", got.mean_wait),
                fmt::format("{:.4f}", got.ci95),
                fmt::format("{:.4f}", report.oracle.mean_wait),
                report.oracle.mean_wait > 0 ? fmt::format("{:.2f}", got.mean_wait / report.oracle.mean_wait) : "",
                fmt::format("{:.2f} %", 100 * got.moved),
                fmt::format("{:.3f} %", 100 * got.lost)};
      });
}

}  // namespace nav
