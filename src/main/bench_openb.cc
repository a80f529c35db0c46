// SPDX-License-Identifier: Apache-2.0
// nav bench openb: Alibaba's trace of shared GPUs, placed as FGD was measured and as we do.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/openb.h"
#include "main/bench_runs.h"

namespace nav {
namespace {

struct OpenbReport {
  std::string workload = "openb";
  std::string pods;
  std::string policy;
  std::uint64_t seed = 0;
  std::uint64_t arrivals = 0;
  std::uint64_t refused = 0;
  double allocated_at_100 = 0;  ///< part of all GPUs
  double allocated_at_130 = 0;
  std::uint64_t skipped_lines = 0;
  std::optional<double> bound;
};
BOOST_DESCRIBE_STRUCT(OpenbReport, (), (workload, pods, policy, seed, arrivals, refused, allocated_at_100, allocated_at_130, skipped_lines, bound))

Result<std::string> content_of(std::string const& path, char const* option) {
  std::ifstream file(path);
  if (!file) return fail_field(option, "the path of a file that can be read", "{} cannot be read", path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Result<bench::OpenbPolicy> openb_policy_named(std::string_view name) {
  if (name == "fgd") return bench::OpenbPolicy::Fgd;
  if (name == "fgdm") return bench::OpenbPolicy::FgdM;
  if (name == "best-fit") return bench::OpenbPolicy::BestFit;
  return fail_field("policy", "one of fgdm, fgd, best-fit", "there is no policy \"{}\" here", name);
}

Result<void> run_all(cli::BenchOpenbOptions const& options, std::function<void(OpenbReport const&)> const& tell) {
  TRY(auto const nodes, content_of(options.nodes, "nodes"));
  for (auto const& path : options.pods) {
    TRY(auto const pods, content_of(path, "pods"));
    TRY(auto const trace, bench::read_openb(nodes, pods));
    for (auto const& problem : trace.skipped) std::fprintf(stderr, "nav bench openb: skipped: %s\n", problem.c_str());
    for (auto const& name : options.policy) {
      TRY(auto const policy, openb_policy_named(name));
      bool first = true;
      for (auto seed : options.seed) {
        auto const result = bench::run_openb(trace, policy, seed);
        OpenbReport report{.pods = std::filesystem::path(path).stem().string(),
                           .policy = name,
                           .seed = seed,
                           .arrivals = result.pods,
                           .refused = result.refused,
                           .allocated_at_100 = result.at_100,
                           .allocated_at_130 = result.at_130,
                           .skipped_lines = trace.skipped.size(),
                           .bound = {}};
        if (options.bound && std::exchange(first, false)) report.bound = bench::openb_bound(trace, seed);
        tell(report);
      }
    }
  }
  return {};
}

}  // namespace

int run_bench_openb(cli::BenchOpenbOptions const& options) {
  return print_runs<OpenbReport>(
      options.json,
      {{"pods"},
       {"policy"},
       number_column("seed"),
       number_column("arrivals"),
       number_column("refused"),
       number_column("at 100 %"),
       number_column("at 130 %"),
       number_column("bound")},
      [&](auto const& tell) { return run_all(options, tell); },
      [](OpenbReport const& report) -> std::vector<cli::Cell> {
        return {report.pods,
                report.policy,
                std::to_string(report.seed),
                std::to_string(report.arrivals),
                std::to_string(report.refused),
                fmt::format("{:.2f} %", 100 * report.allocated_at_100),
                fmt::format("{:.2f} %", 100 * report.allocated_at_130),
                report.bound ? fmt::format("{:.2f} %", 100 * *report.bound) : ""};
      });
}

}  // namespace nav
