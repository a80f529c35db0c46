// SPDX-License-Identifier: Apache-2.0
// nav bench packing: on how few GPUs a batch is packed, beside the fewest there can be.
#include <cmath>
#include <cstdio>

#include "bench/batch.h"
#include "bench/mixes.h"
#include "main/bench_boards.h"
#include "main/bench_runs.h"

namespace nav {
namespace {

struct PackingReport {
  std::string workload = "offline batch";
  std::string pool;
  std::string mix;
  std::uint64_t requests = 0;
  std::uint64_t seed = 0;
  double bound = 0;  ///< GPUs; the exact optimum on one board, of a linear program on several
  std::uint64_t packed = 0;
  double above_bound = 0;               ///< part
  std::optional<std::uint64_t> online;  ///< what ships, requests one by one
  std::optional<std::uint64_t> first_fit;
};
BOOST_DESCRIBE_STRUCT(PackingReport, (), (workload, pool, mix, requests, seed, bound, packed, above_bound, online, first_fit))

Result<PackingReport> on_one_board(mig::Geometry const& geometry, mig::Mix const& mix, std::uint64_t requests, std::uint64_t seed) {
  auto const result = bench::pack_batch(geometry, mix, requests, seed);
  PackingReport report;
  report.bound = static_cast<double>(result.optimum);
  report.packed = result.constructed;
  report.online = result.online;
  report.first_fit = result.first_fit;
  return report;
}

/// A third of the requests' slices on each of A100, H100 and A30, so that all of them are needed.
Result<PackingReport> on_several(mig::Geometry const& asked, mig::Mix const& mix, std::uint64_t requests, std::uint64_t seed) {
  std::vector<mig::Geometry> geometries;
  for (auto const* name : {"a100-40gb", "h100-80gb", "a30"}) {
    TRY(auto board, bench::board_named(name));
    TRY(auto geometry, mig::Geometry::compile(bench::plain(std::move(board))));
    geometries.push_back(std::move(geometry));
  }
  std::vector<std::uint8_t> sequence;
  auto const counts = bench::draw_batch(mix, requests, seed, sequence);
  double const gpus = static_cast<double>(requests) * bench::mean_slices(asked, mix) / 8;
  std::vector<bench::PoolPart> const pool{{&geometries[0], static_cast<std::uint64_t>(std::ceil(gpus * 0.4))},
                                          {&geometries[1], static_cast<std::uint64_t>(std::ceil(gpus * 0.5))},
                                          {&geometries[2], static_cast<std::uint64_t>(std::ceil(gpus * 0.6))}};
  auto const result = bench::pack_mixed(pool, asked.board(), counts);
  PackingReport report;
  report.bound = result.bound;
  report.packed = result.packed;
  return report;
}

Result<void> run_all(cli::BenchPackingOptions const& options, std::function<void(PackingReport const&)> const& tell) {
  if (options.requests == 0 || options.requests > 1'000'000) return fail_field("requests", "1 to 1000000", "{} cannot be packed", options.requests);
  TRY(auto board, bench::board_named(options.mixed ? "a100-40gb" : options.board));
  TRY(auto const geometry, mig::Geometry::compile(bench::plain(std::move(board))));
  for (auto const& mix_name : options.mix) {
    TRY(auto const mix, bench::mix_named(mix_name, geometry));
    for (auto seed : options.seed) {
      TRY(auto report, options.mixed ? on_several(geometry, mix, options.requests, seed) : on_one_board(geometry, mix, options.requests, seed));
      report.pool = options.mixed ? "a100-40gb, h100-80gb, a30" : options.board;
      report.mix = mix_name;
      report.requests = options.requests;
      report.seed = seed;
      // Nobody can use a part of a GPU, so the bound is the next whole one.
      double const whole = std::ceil(report.bound - 1e-4);
      report.above_bound = (static_cast<double>(report.packed) - whole) / whole;
      tell(report);
    }
  }
  return {};
}

}  // namespace

int run_bench_packing(cli::BenchPackingOptions const& options) {
  return print_runs<PackingReport>(
      options.json,
      {{"pool"},
       {"mix"},
       number_column("requests"),
       number_column("seed"),
       number_column("bound"),
       number_column("packed"),
       number_column("above"),
       number_column("one by one"),
       number_column("first fit")},
      [&](auto const& tell) { return run_all(options, tell); },
      [](PackingReport const& report) -> std::vector<cli::Cell> {
        auto const optional = [](std::optional<std::uint64_t> value) { return value ? std::to_string(*value) : ""; };
        return {report.pool,
                report.mix,
                std::to_string(report.requests),
                std::to_string(report.seed),
                fmt::format("{:.2f}", report.bound),
                std::to_string(report.packed),
                fmt::format("{:.2f} %", 100 * report.above_bound),
                optional(report.online),
                optional(report.first_fit)};
      });
}

}  // namespace nav
