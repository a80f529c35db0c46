// SPDX-License-Identifier: Apache-2.0
#include "replay/report.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nav::replay {
namespace {

struct Sums {
  std::vector<double> waits, completions;
  double gpu_seconds = 0;
  std::uint64_t jobs = 0;

  void add(JobPast const& past) {
    ++jobs;
    gpu_seconds += past.gpu_seconds;
    if (!past.started) return;
    waits.push_back((past.started - past.submitted).seconds());
    if (past.ended) completions.push_back((past.ended - past.submitted).seconds());
  }
};

Group group_of(std::string by, std::string name, Sums sums, std::optional<double> price) {
  Group group{.by = std::move(by), .name = std::move(name), .jobs = sums.jobs};
  group.wait = times_of(std::move(sums.waits));
  group.completion = times_of(std::move(sums.completions));
  group.gpu_hours = sums.gpu_seconds / 3600;
  if (price) group.cost = group.gpu_hours * *price;
  return group;
}

std::string quoted(std::string_view text) {
  if (text.find_first_of(",\"\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

}  // namespace

Times times_of(std::vector<double> seconds) {
  if (seconds.empty()) return {};
  std::sort(seconds.begin(), seconds.end());
  auto const at = [&](double part) {
    auto const rank = static_cast<std::size_t>(std::ceil(part * static_cast<double>(seconds.size())));
    return seconds[std::clamp<std::size_t>(rank, 1, seconds.size()) - 1];
  };
  return {.mean = std::accumulate(seconds.begin(), seconds.end(), 0.0) / static_cast<double>(seconds.size()),
          .p50 = at(0.5),
          .p95 = at(0.95),
          .p99 = at(0.99),
          .longest = seconds.back()};
}

RunReport report_of(Trace const& trace, PoolPlan const& pool, ReplayOptions const& options, Past const& past, std::optional<double> price) {
  Duration const came = past.last - past.first;
  double const gpu_seconds = past.gpus * came.seconds();
  RunReport report{.trace = {},
                   .format = enum_text(trace.format),
                   .pool = to_text(pool),
                   .policy = enum_text(options.policy),
                   .gpus = gpus_of(pool),
                   .seed = options.seed,
                   .load = options.load,
                   .lines = trace.lines,
                   .broken = trace.broken,
                   .broken_lines = trace.broken_lines,
                   .left_out = {},
                   .jobs = past.jobs.size(),
                   .never_started = past.never_started,
                   .never_started_because = past.first_reason,
                   .days = came.seconds() / 86400,
                   .stops = past.stops,
                   .moves = past.moves,
                   .makespan_days = (past.end - past.first).seconds() / 86400};
  if (gpu_seconds > 0) {
    report.use = past.used / gpu_seconds;
    report.asked = past.asked / gpu_seconds;
    report.stranded = past.stranded / gpu_seconds;
  }
  if (price) report.pool_cost = gpu_seconds / 3600 * *price;
  for (auto const& [why, jobs] : trace.left_out) report.left_out.push_back({why, jobs});
  for (auto const& [why, jobs] : past.refused) report.left_out.push_back({why, jobs});

  Sums with_gpus;
  std::map<std::string, Sums> teams, users, templates;
  for (auto const& one : past.jobs) {
    TraceJob const& job = trace.jobs[one.job];
    bool const has_gpus = job.gpus > 0 || one.gpu_seconds > 0;
    if (has_gpus) with_gpus.add(one), teams[trace.teams[job.team]].add(one), users[trace.users[job.user]].add(one);
    if (one.started) templates[past.templates[one.on]].add(one);
  }
  report.groups.push_back(group_of("all", "", std::move(with_gpus), price));
  for (auto const& [by, sums] : {std::pair{"team", &teams}, std::pair{"user", &users}, std::pair{"template", &templates}})
    for (auto& [name, one] : *sums) report.groups.push_back(group_of(by, name, std::move(one), price));
  return report;
}

std::string csv_of(std::vector<RunReport> const& runs) {
  std::string text =
      "trace,pool,gpus,policy,seed,load,by,name,jobs,wait_mean_s,wait_p50_s,wait_p95_s,wait_p99_s,wait_longest_s,completion_mean_s,completion_p50_s,"
      "completion_p95_s,completion_p99_s,gpu_hours,cost,use,asked,stranded,stops,moves\n";
  for (auto const& run : runs)
    for (auto const& group : run.groups) {
      text += fmt::format("{},{},{},{},{},{},{},{},{},{:.3f},{:.3f},{:.3f},{:.3f},{:.3f},{:.3f},{:.3f},{:.3f},{:.3f},{:.3f},{}", quoted(run.trace),
                          quoted(run.pool), run.gpus, run.policy, run.seed, run.load, group.by, quoted(group.name), group.jobs, group.wait.mean, group.wait.p50,
                          group.wait.p95, group.wait.p99, group.wait.longest, group.completion.mean, group.completion.p50, group.completion.p95,
                          group.completion.p99, group.gpu_hours, group.cost ? fmt::format("{:.2f}", *group.cost) : "");
      if (group.by == "all") text += fmt::format(",{:.6f},{:.6f},{:.6f},{},{}\n", run.use, run.asked, run.stranded, run.stops, run.moves);
      else text += ",,,,,\n";
    }
  return text;
}

std::string jobs_csv_of(Trace const& trace, RunReport const& run, Past const& past) {
  std::string text = "trace_line,pool,policy,team,user,gpus,gpu_milli,template,submitted_s,wait_s,completion_s,gpu_hours,stops\n";
  for (auto const& one : past.jobs) {
    TraceJob const& job = trace.jobs[one.job];
    auto const since = [&](Time at) { return at ? fmt::format("{:.3f}", (at - one.submitted).seconds()) : std::string(); };
    text += fmt::format("{},{},{},{},{},{},{},{},{:.3f},{},{},{:.4f},{}\n", job.line, quoted(run.pool), run.policy, quoted(trace.teams[job.team]),
                        quoted(trace.users[job.user]), job.gpus, job.gpus > 0 ? job.share_milli : 0, one.started ? past.templates[one.on] : "",
                        (one.submitted - past.first).seconds(), since(one.started), since(one.ended), one.gpu_seconds / 3600, one.stops);
  }
  return text;
}

}  // namespace nav::replay
