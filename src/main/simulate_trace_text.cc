// SPDX-License-Identifier: Apache-2.0
#include "main/simulate_trace_text.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.h"
#include "main/bench_runs.h"

namespace nav {

namespace {

using replay::Group;
using replay::RunReport;

constexpr std::size_t most_groups = 10;

std::string time_text(double seconds) {
  if (seconds >= 60) return to_text(Duration{static_cast<std::int64_t>(std::round(seconds)) * 1'000'000});
  return seconds == 0 ? "0s" : seconds < 10 ? fmt::format("{:.1f}s", seconds) : fmt::format("{:.0f}s", seconds);
}

std::string percent(double part) { return fmt::format("{:.1f} %", 100 * part); }

std::string with_commas(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (auto i = static_cast<std::ptrdiff_t>(text.size()) - 3; i > 0; i -= 3) text.insert(static_cast<std::size_t>(i), 1, ',');
  return text;
}

std::vector<cli::Column> wait_columns(std::vector<cli::Column> first) {
  for (auto const* head : {"jobs", "wait mean", "p50", "p95", "p99", "longest", "completion", "p95", "GPU-hours"}) first.push_back(number_column(head));
  return first;
}

void add_figures(std::vector<cli::Cell>& row, Group const& group) {
  row.emplace_back(with_commas(group.jobs));
  for (double seconds : {group.wait.mean, group.wait.p50, group.wait.p95, group.wait.p99, group.wait.longest, group.completion.mean, group.completion.p95})
    row.emplace_back(time_text(seconds));
  row.emplace_back(with_commas(static_cast<std::uint64_t>(std::llround(group.gpu_hours))));
}

std::string money(std::optional<double> amount) { return amount ? with_commas(static_cast<std::uint64_t>(std::llround(*amount))) : std::string(); }

std::string waits(std::vector<RunReport> const& runs) {
  cli::Table table(wait_columns({{"pool"}, {"policy"}}));
  for (auto const& run : runs) {
    std::vector<cli::Cell> row{run.pool, run.policy};
    add_figures(row, run.all());
    table.add(std::move(row));
  }
  return table.text(cli::Terminal{});
}

std::string uses(std::vector<RunReport> const& runs) {
  cli::Table table({{"pool"},
                    {"policy"},
                    number_column("GPUs"),
                    number_column("held"),
                    number_column("asked for"),
                    number_column("stranded"),
                    number_column("stopped"),
                    number_column("moved"),
                    {"pool costs", cli::Fit::Optional, cli::Align::Right},
                    {"held costs", cli::Fit::Optional, cli::Align::Right},
                    number_column("days to the end"),
                    number_column("took"),
                    number_column("jobs/s")});
  for (auto const& run : runs)
    table.add({run.pool, run.policy, std::to_string(run.gpus), percent(run.use), percent(run.asked), percent(run.stranded), with_commas(run.stops),
               with_commas(run.moves), money(run.pool_cost), money(run.all().cost), fmt::format("{:.1f}", run.makespan_days), time_text(run.took_s),
               with_commas(static_cast<std::uint64_t>(run.jobs_per_s))});
  return table.text(cli::Terminal{});
}

/// Those with most GPU-hours, of each run.
std::string groups(std::vector<RunReport> const& runs, std::string const& by) {
  cli::Table table(wait_columns({{"pool"}, {"policy"}, {by}}));
  std::size_t hidden = 0;
  for (auto const& run : runs) {
    std::vector<Group const*> shown;
    for (auto const& group : run.groups)
      if (group.by == by) shown.push_back(&group);
    std::stable_sort(shown.begin(), shown.end(), [](auto const* a, auto const* b) { return a->gpu_hours > b->gpu_hours; });
    if (shown.size() > most_groups) hidden = std::max(hidden, shown.size() - most_groups), shown.resize(most_groups);
    for (auto const* group : shown) {
      std::vector<cli::Cell> row{run.pool, run.policy, group->name};
      add_figures(row, *group);
      table.add(std::move(row));
    }
  }
  auto text = table.text(cli::Terminal{});
  if (hidden > 0) text += fmt::format("{} more with fewer GPU-hours; --csv saves all\n", hidden);
  return text;
}

}  // namespace

std::string text_of(std::vector<RunReport> const& runs, std::vector<std::string> const& by) {
  if (runs.empty()) return {};
  auto const& first = runs.front();
  std::string text = fmt::format("{} ({}): {} jobs on {:.1f} days, of {} lines\n", first.trace, first.format, with_commas(first.jobs), first.days,
                                 with_commas(first.lines));
  std::set<std::string> told;  // each pool once: its policies leave out the same
  for (auto const& run : runs)
    for (auto const& left : run.left_out) {
      auto const line = fmt::format("  {} left out on {}: they {}\n", with_commas(left.jobs), run.want.empty() ? run.pool : "any number of these nodes",
                                    left.why);
      if (told.insert(line).second) text += line;
    }
  if (first.broken > 0) text += fmt::format("  {} lines could not be read\n", with_commas(first.broken));
  for (auto const& run : runs)
    if (run.never_started > 0)
      text += fmt::format("  {} never started on {} with {}: {}\n", with_commas(run.never_started), run.pool, run.policy, run.never_started_because);
  text += '\n' + waits(runs) + '\n' + uses(runs);
  for (auto const& what : by) text += '\n' + groups(runs, what);
  for (auto const& run : runs)
    if (!run.want.empty()) text += fmt::format("{}{} takes {} with {}: {} GPUs\n", &run == &first ? "\n" : "", run.want, run.pool, run.policy, run.gpus);
  return text;
}

}  // namespace nav
