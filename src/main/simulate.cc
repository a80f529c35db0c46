// SPDX-License-Identifier: Apache-2.0
// nav simulate faults: storms over the real controller and agents, each from a seed.
#include <cstdio>
#include <unistd.h>

#include "main/commands.h"
#include "sim/world.h"

namespace nav {

namespace {

std::string by_kind(std::map<std::string, std::uint64_t> const& counts) {
  std::string text;
  for (auto const& [kind, count] : counts) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, kind);
  return text.empty() ? "none" : text;
}

}  // namespace

int run_simulate_faults(cli::SimulateFaultsOptions const& options) {
  if (options.seeds == 0) return told(Error{ErrorKind::InvalidArgument, "no world is asked for", "1 or more", "seeds"});
  std::uint64_t broken = 0, events = 0, jobs = 0;
  std::map<std::string, std::uint64_t> faults, ended;
  bool const shows_progress = isatty(STDERR_FILENO) && !options.json && !options.trace;
  for (std::uint64_t seed = options.seed; seed < options.seed + options.seeds; ++seed) {
    sim::WorldOptions world{.seed = seed, .trace = options.trace};
    if (options.steps != 0) world.jobs = options.steps;
    sim::WorldReport const report = run_world(world);
    if (options.json) std::puts(json_write(report).c_str());
    if (!report.failure.empty()) {
      ++broken;
      std::fprintf(stderr, "seed %llu: %s\n", static_cast<unsigned long long>(seed), report.failure.c_str());
    }
    events += report.events;
    jobs += report.acknowledged;
    for (auto const& [kind, count] : report.faults) faults[kind] += count;
    for (auto const& [kind, count] : report.ended) ended[kind] += count;
    if (shows_progress)
      std::fprintf(stderr, "\r%llu of %llu storms, %llu broke a promise ", static_cast<unsigned long long>(seed - options.seed + 1),
                   static_cast<unsigned long long>(options.seeds), static_cast<unsigned long long>(broken));
  }
  if (shows_progress) std::fputc('\n', stderr);
  if (!options.json) {
    std::printf("%llu storms: %llu jobs, %llu events\n", static_cast<unsigned long long>(options.seeds), static_cast<unsigned long long>(jobs),
                static_cast<unsigned long long>(events));
    std::printf("faults: %s\njobs ended: %s\n", by_kind(faults).c_str(), by_kind(ended).c_str());
    std::printf("%llu broke a promise\n", static_cast<unsigned long long>(broken));
  }
  return broken == 0 ? 0 : 1;
}

}  // namespace nav
