// SPDX-License-Identifier: Apache-2.0
// nav simulate trace: recorded work on pools that need not exist.
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <set>

#include "adapters/sqlite_journal.h"
#include "base/text.h"
#include "main/bench_runs.h"
#include "main/data_folder.h"
#include "main/machine_inventory.h"
#include "main/simulate_trace_text.h"
#include "replay/journal.h"
#include "replay/picture.h"
#include "replay/want.h"

namespace nav {

namespace {

using replay::Past;
using replay::PoolPlan;
using replay::RunReport;
using replay::Trace;

constexpr std::uint32_t most_nodes_looked_at = 4'096;
constexpr std::size_t broken_lines_told = 5;

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// A line on the terminal that is written over again and again.
class Progress {
 public:
  explicit Progress(bool shows) : shows_(shows) {}
  ~Progress() { clear(); }
  Progress(Progress const&) = delete;

  void tell(std::string const& text) {
    if (!shows_) return;
    double const now = now_s();
    if (now - told_ < 0.1) return;
    told_ = now;
    std::fprintf(stderr, "\r%s\033[K", text.c_str());
  }
  void clear() {
    if (shows_ && told_ > 0) std::fputs("\r\033[K", stderr);
    told_ = 0;
  }

 private:
  bool shows_;
  double told_ = 0;
};

PoolPlan plan_of(std::vector<cli::SimulatedNodes> const& nodes) {
  PoolPlan plan;
  for (auto const& one : nodes) plan.push_back({one.board, inventory_of_machine(one.board), one.count});
  return plan;
}

replay::Policy replay_policy_named(std::string_view name) {
  return name == "fcfs" ? replay::Policy::Fcfs : name == "whole" ? replay::Policy::Whole : replay::Policy::Nav;
}

/// One trace on all pools and policies.
class TraceRuns {
 public:
  TraceRuns(cli::SimulateTraceOptions const& options, Trace const& trace, std::vector<PoolPlan> pools, std::string name)
      : options_(options), trace_(trace), pools_(std::move(pools)), name_(std::move(name)), progress_(isatty(STDERR_FILENO) && !options.json) {}

  Result<std::vector<RunReport>> run(std::optional<replay::Want> const& want, std::function<void(RunReport const&, Past const&)> const& tell) {
    std::vector<RunReport> runs;
    for (auto const& plan : pools_)
      for (auto const& policy : options_.policies) {
        auto done = want ? least_pool(plan, replay_policy_named(policy), *want) : replayed(plan, replay_policy_named(policy), {});
        progress_.clear();
        if (!done) return Unexpected(done.error());
        if (want) done->first.want = to_text(*want);
        tell(done->first, done->second);
        runs.push_back(std::move(done->first));
      }
    return runs;
  }

 private:
  using Done = std::pair<RunReport, Past>;

  Result<Done> replayed(PoolPlan const& plan, replay::Policy policy, replay::Watch watch) {
    replay::ReplayOptions const how{.policy = policy,
                                    .seed = options_.seed,
                                    .load = options_.load.value_or(1),
                                    .time_limit = options_.time_limits,
                                    .restartable = options_.restartable.value_or(0),
                                    .checkpoint = options_.checkpoint};
    double const before = now_s();
    watch.goes_on = [&](std::uint64_t over, std::uint64_t jobs, Duration into) {
      double const passed = std::max(1e-9, now_s() - before);
      progress_.tell(fmt::format("{} {}: {:.0f} % ({} of {} jobs, day {:.0f}), {:.0f} jobs/s", to_text(plan), enum_text(policy),
                                 100.0 * static_cast<double>(over) / static_cast<double>(std::max<std::uint64_t>(1, jobs)), over, jobs, into.seconds() / 86400,
                                 static_cast<double>(over) / passed));
      return true;
    };
    TRY(auto past, replay::replay(trace_, plan, how, watch));
    double const took = now_s() - before;
    std::optional<double> price;
    if (options_.price_micro) price = static_cast<double>(*options_.price_micro) / 1e6;
    RunReport report = replay::report_of(trace_, plan, how, past, price);
    report.trace = name_;
    report.took_s = took;
    report.jobs_per_s = static_cast<double>(report.jobs) / std::max(1e-9, took);
    return Done{std::move(report), std::move(past)};
  }

  /// The smallest number of nodes of the first kind for which the wish comes true.
  Result<Done> least_pool(PoolPlan plan, replay::Policy policy, replay::Want const& want) {
    double asked = 0;
    std::uint64_t with_gpus = 0;
    for (auto const& job : trace_.jobs) asked += job.asked_gpus() * job.ran.seconds(), with_gpus += job.gpus > 0;
    double const on_average = asked * options_.load.value_or(1) / std::max(1.0, trace_.span().seconds()) / plan.front().gpus();
    auto const from = plan.front().count > 1 ? plan.front().count : static_cast<std::uint32_t>(std::clamp(std::ceil(on_average), 1.0, 1024.0));
    replay::Watch watch{.most_late = want.most_late(with_gpus)};
    if (!want.completion) watch.late_after = want.below;
    std::optional<Done> best;
    TRY(auto const nodes, replay::least(from, most_nodes_looked_at, [&](std::uint32_t count) -> Result<bool> {
          plan.front().count = count;
          TRY(auto done, replayed(plan, policy, watch));
          bool const holds = !done.second.given_up && want.holds(done.first);
          if (holds && (!best || done.first.gpus < best->first.gpus)) best = std::move(done);
          return holds;
        }));
    if (nodes) return std::move(*best);
    return fail(ErrorKind::NotFound, "{} does not hold even with {} nodes of {}: the wish is not a matter of size", to_text(want), most_nodes_looked_at,
                plan.front().name);
  }

  cli::SimulateTraceOptions const& options_;
  Trace const& trace_;
  std::vector<PoolPlan> pools_;
  std::string name_;
  Progress progress_;
};

void tell_broken_lines(std::string const& name, Trace const& trace) {
  for (std::size_t i = 0; i < std::min(trace.broken_lines.size(), broken_lines_told); ++i)
    std::fprintf(stderr, "%s line %llu: %s\n", name.c_str(), static_cast<unsigned long long>(trace.broken_lines[i].line), trace.broken_lines[i].why.c_str());
  if (trace.broken > 0)
    std::fprintf(stderr, "%llu of %llu lines were skipped%s\n", static_cast<unsigned long long>(trace.broken), static_cast<unsigned long long>(trace.lines),
                 trace.broken > broken_lines_told ? "; the first are told above" : "");
}

/// Before anything is computed.
Result<void> check_writable(std::string const& path, char const* option) {
  auto const folder = std::filesystem::path(path).parent_path();
  if (path.empty() || (access(path.c_str(), W_OK) == 0 && !std::filesystem::is_directory(path))) return {};
  if (!std::filesystem::exists(path) && access(folder.c_str(), W_OK) == 0) return {};
  return fail_field(option, "the path of a file in a folder that is there", "{} cannot be written", path);
}

Result<void> save(std::string const& path, char const* option, std::string_view text) {
  if (path.empty()) return {};
  std::FILE* file = std::fopen(path.c_str(), "w");
  bool const written = file && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  bool const closed = file && std::fclose(file) == 0;
  if (written && closed) return {};
  return fail_field(option, "a path that can be written", "{} could not be written", path);
}

using NamedTrace = std::pair<std::string, Trace>;

Result<NamedTrace> trace_of_file(std::string const& path) {
  auto name = std::filesystem::path(path).filename().string();
  if (std::filesystem::is_directory(path)) return fail_field("FILE", "the path of a CSV file", "{} is a folder", path);
  auto const text = read_file(path);
  if (!text) return fail_field("FILE", "the path of a trace", "{}", text.error().message);
  auto trace = replay::read_trace(*text);
  if (!trace) return within(name, trace.error());
  return NamedTrace{std::move(name), std::move(*trace)};
}

/// Its own nodes are the pool where no other is named.
Result<NamedTrace> trace_of_journal(std::string const& folder, std::vector<PoolPlan>& pools) {
  replay::JournalTrace journal;
  Result<void> parsed;
  auto const add = [&](auto const& event, Frame const& frame) -> Result<void> {
    if (!event) return within(fmt::format("event {} of the journal", frame.stamp.sequence), event.error());
    if constexpr (requires { journal.add(*event, frame.stamp); }) journal.add(*event, frame.stamp);
    else journal.add(*event);
    return {};
  };
  TRY_VOID(read_journal(folder, [&](Frame const& frame) {
    if (frame.stream == "pool") parsed = add(json_read<PoolEvent>(frame.body, Unknown::Ignore), frame);
    if (frame.stream == "access") parsed = add(json_read<AccessEvent>(frame.body, Unknown::Ignore), frame);
    return parsed.has_value();
  }));
  if (!parsed) return Unexpected(parsed.error());
  TRY(auto trace, journal.trace());
  if (pools.empty()) pools.push_back(journal.pool());
  if (pools.front().empty()) return fail_field("pool", "name one, as --pool dgx-a100:10", "the journal in {} knows no node", folder);
  return NamedTrace{fmt::format("journal of {}", folder), std::move(trace)};
}

Result<void> simulate(cli::SimulateTraceOptions const& options) {
  std::optional<replay::Want> want;
  if (!options.want.empty()) { TRY(want, replay::parse_want(options.want)); }
  for (auto const& [path, option] : {std::pair{&options.csv, "csv"}, {&options.jobs, "jobs"}, {&options.svg, "svg"}, {&options.html, "html"}})
    TRY_VOID(check_writable(*path, option));
  std::vector<PoolPlan> pools;
  for (auto const& nodes : options.pools) pools.push_back(plan_of(nodes));
  TRY(auto const read, options.journal.empty() ? trace_of_file(options.file) : trace_of_journal(options.journal, pools));
  auto const& [name, trace] = read;
  tell_broken_lines(name, trace);

  std::string jobs_csv;
  std::vector<replay::Curves> curves;
  TraceRuns runs(options, trace, std::move(pools), name);
  TRY(auto const reports, runs.run(want, [&](RunReport const& report, Past const& past) {
    if (options.json) std::puts(json_write(report).c_str()), std::fflush(stdout);
    if (!options.svg.empty() || !options.html.empty()) curves.push_back(replay::curves_of(trace, report, past));
    if (options.jobs.empty()) return;
    auto lines = replay::jobs_csv_of(trace, report, past);
    jobs_csv += jobs_csv.empty() ? lines : lines.substr(lines.find('\n') + 1);
  }));
  if (!options.json) std::fputs(text_of(reports, options.by).c_str(), stdout);
  TRY_VOID(save(options.csv, "csv", replay::csv_of(reports)));
  TRY_VOID(save(options.jobs, "jobs", jobs_csv));
  TRY_VOID(save(options.svg, "svg", replay::svg_of(curves)));
  TRY_VOID(save(options.html, "html", replay::html_of(reports, curves)));
  return {};
}

}  // namespace

int run_simulate_trace(cli::SimulateTraceOptions const& options) {
  auto const done = simulate(options);
  return done ? 0 : told(done.error());
}

}  // namespace nav
