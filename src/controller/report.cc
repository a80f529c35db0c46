// SPDX-License-Identifier: Apache-2.0
#include "controller/report.h"

#include <algorithm>
#include <fmt/ranges.h>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "controller/usage_answer.h"

namespace nav::reports {

using namespace telemetry;

/// Nothing: not known.
using Number = std::optional<double> (*)(Cells const& cells, double seconds);

struct Column {
  char const* name;
  char const* unit;
  char const* text;
  Number of;
  std::vector<Measure> needs;
};

struct Kind {
  char const* name;
  char const* title;
  Dimension by;  ///< unless asked otherwise
  Measure chart;
  std::vector<Column> columns;  ///< rows are sorted by the first
  bool is_of_places = false;    ///< speaks of what nobody holds: grouped by node and site alone
};

namespace {

double sum(Cells const& cells, Measure measure) {
  auto const it = cells.find(measure);
  return it == cells.end() ? 0 : it->second.sum;
}

template <Measure m>
std::optional<double> hours_of(Cells const& cells, double) {
  return sum(cells, m) / 3600;
}

template <Measure m>
std::optional<double> average(Cells const& cells, double seconds) {
  return sum(cells, m) / seconds;
}

template <Measure m>
std::optional<double> mean(Cells const& cells, double) {
  auto const it = cells.find(m);
  if (it == cells.end() || it->second.weight == 0) return {};
  return it->second.sum / it->second.weight;
}

template <Measure part, Measure whole>
std::optional<double> share(Cells const& cells, double) {
  double const all = sum(cells, whole);
  if (all == 0) return {};
  return sum(cells, part) / all;
}

std::optional<double> unused(Cells const& cells, double) {
  auto const activity = mean<Measure::Activity>(cells, 0);
  if (!activity) return {};
  return sum(cells, Measure::Held) / 3600 * (1 - *activity);
}

std::optional<double> demanded(Cells const& cells, double seconds) { return (sum(cells, Measure::Held) + sum(cells, Measure::WaitingSlices)) / seconds; }

std::optional<double> placed(Cells const& cells, double) {
  auto const it = cells.find(Measure::Waited);
  return it == cells.end() ? 0 : it->second.weight;
}

std::optional<double> longest(Cells const& cells, double) {
  auto const it = cells.find(Measure::Waited);
  if (it == cells.end() || it->second.weight == 0) return {};
  return it->second.max;
}

std::optional<double> cost(Cells const& cells, double) {
  auto const it = cells.find(Measure::Cost);
  if (it == cells.end()) return {};
  return it->second.sum / 1e6;
}

std::vector<Kind> const& kinds() {
  using enum Measure;
  static std::vector<Kind> const all{
      {"usage",
       "Who used what",
       Dimension::Team,
       HeldGpus,
       {{"gpu_hours", "GPU hours", "GPUs held, a slice as its share of a GPU's memory slices", hours_of<HeldGpus>, {HeldGpus}},
        {"memory_slice_hours", "slice hours", "memory slices held", hours_of<Held>, {Held}},
        {"compute_slice_hours", "slice hours", "compute slices held", hours_of<HeldCompute>, {HeldCompute}},
        {"processor_hours", "processor hours", "processors of the host held", hours_of<HeldProcessors>, {HeldProcessors}},
        {"activity", "share", "how busy what was held was; left out where no source can tell", mean<Activity>, {Activity}},
        {"unused_slice_hours", "slice hours", "memory slices held, times how idle they were", unused, {Activity, Held}},
        {"memory_used", "MiB", "GPU memory in use, of one place on average", mean<MemoryUsed>, {MemoryUsed}}}},
      {"demand",
       "What was asked for",
       Dimension::Template,
       WaitingSlices,
       {{"demand", "memory slices", "held and waited for, on average", demanded, {Held, WaitingSlices}},
        {"held", "memory slices", "held, on average", average<Held>, {Held}},
        {"waiting_slices", "memory slices", "what waiting jobs ask for first, on average", average<WaitingSlices>, {WaitingSlices}},
        {"waiting", "jobs", "in the queue, on average", average<Waiting>, {Waiting}}}},
      {"waiting",
       "How long jobs waited",
       Dimension::Project,
       Waiting,
       {{"placed", "jobs", "that got their place in this time", placed, {Waited}},
        {"mean_wait", "s", "how long those waited on average", mean<Waited>, {Waited}},
        {"longest_wait", "s", "how long the one of them waited that waited longest", longest, {Waited}},
        {"waiting", "jobs", "in the queue, on average", average<Waiting>, {Waiting}}}},
      {"idle",
       "What was not used, and why",
       Dimension::Node,
       Idle,
       {{"idle", "slice hours", "free, and could be used", hours_of<Idle>, {Idle}},
        {"capacity", "slice hours", "all memory slices", hours_of<Capacity>, {Capacity}},
        {"held", "slice hours", "held by attempts that ran", hours_of<Held>, {Held}},
        {"reconfiguring", "slice hours", "given to attempts that did not run yet", hours_of<Reconfiguring>, {Reconfiguring}},
        {"set_aside", "slice hours", "kept from use: errors, by hand, drained, unreachable", hours_of<SetAside>, {SetAside}},
        {"geometry_loss", "slice hours", "free, and no profile reaches it beside what is held", hours_of<Loss>, {Loss}},
        {"idle_share", "share", "idle, of all", share<Idle, Capacity>, {Idle, Capacity}}},
       true},
      {"cost",
       "What it cost",
       Dimension::Team,
       Cost,
       {{"cost", "money", "held time times the price of the template", cost, {Cost}},
        {"gpu_hours", "GPU hours", "GPUs held", hours_of<HeldGpus>, {HeldGpus}},
        {"unpriced_gpu_hours", "GPU hours", "of these on templates without a price", hours_of<Unpriced>, {Unpriced}}}},
      {"stranded",
       "What was free but of no use to what waited",
       Dimension::Node,
       Stranded,
       {{"stranded", "slice hours", "idle while jobs waited of which none fits there", hours_of<Stranded>, {Stranded}},
        {"idle", "slice hours", "all that was idle", hours_of<Idle>, {Idle}},
        {"stranded_share", "share", "stranded, of idle", share<Stranded, Idle>, {Stranded, Idle}},
        {"geometry_loss", "slice hours", "lost to geometry beside it", hours_of<Loss>, {Loss}}},
       true},
  };
  return all;
}

Result<Kind const*> kind_named(std::string const& name) {
  std::vector<std::string> names;
  for (auto const& kind : kinds()) {
    if (kind.name == name) return &kind;
    names.emplace_back(kind.name);
  }
  return Unexpected(
      Error{ErrorKind::NotFound, fmt::format("there is no report \"{}\"", shortened(name, 60)), fmt::format("there are {}", fmt::join(names, ", ")), {}});
}

api::ReportRow row_of(Kind const& kind, std::vector<std::string> names, Cells const& cells, double seconds) {
  api::ReportRow row{.names = std::move(names), .numbers = {}};
  for (auto const& column : kind.columns)
    if (auto const number = column.of(cells, seconds)) row.numbers[column.name] = *number;
  return row;
}

/// Steps of a chart that is as wide as a page.
Duration chart_step(Duration length) {
  for (Duration const step : {minutes(1), minutes(10), hours(1), hours(6)})
    if (length.us / step.us <= 200) return step;
  return days(1);
}

std::vector<std::string> notes_of(Kind const& kind, Cells const& all, UsageQuestion const& question) {
  std::vector<std::string> notes;
  if (std::string_view(kind.name) == "cost" && sum(all, Measure::Unpriced) > 0) {
    notes.push_back(sum(all, Measure::Cost) == 0 ? "No template that was used has a price: cost is not known."
                                                 : "Some templates have no price: what was held on them is not in the cost.");
  }
  if (question.projects) notes.emplace_back("Only your own projects are shown.");
  return notes;
}

}  // namespace

Result<Question> question_of(std::string const& report, std::vector<std::string> by, Time from, Time to) {
  TRY(Kind const* const kind, kind_named(report));
  if (by.empty()) by = {enum_text(kind->by)};
  TRY(auto dimensions, dimensions_of(by));
  if (kind->is_of_places)
    for (std::size_t i = 0; i < dimensions.size(); ++i)
      if (dimensions[i] != Dimension::Node && dimensions[i] != Dimension::Site)
        return fail_field("by", "node or site", "what nobody holds is nobody's: the report {} cannot be grouped by {}", kind->name, by[i]);
  UsageQuestion usage{.range = {from, to, {}}, .measures = {}, .by = std::move(dimensions)};
  for (auto const& column : kind->columns) usage.measures.insert(usage.measures.end(), column.needs.begin(), column.needs.end());
  if (std::string_view(kind->name) == "cost") usage.measures.push_back(Measure::Unpriced);
  TRY_VOID(check(usage.range));
  return Question{kind, std::move(by), std::move(usage)};
}

Result<api::Report> report_of(Telemetry& telemetry, Question const& question, Time now) {
  Kind const& kind = *question.kind;
  UsageQuestion const& usage = question.usage;
  api::Report report{.report = kind.name, .title = kind.title, .since = usage.range.from, .until = usage.range.to, .by = question.by};
  for (auto const& column : kind.columns) report.columns.push_back({column.name, column.unit, column.text});
  Time const counted = std::min(now, std::max(telemetry.progress().counted, usage.range.from));
  double const seconds = std::max(1.0, (std::min(counted, usage.range.to) - usage.range.from).seconds());
  TRY(auto const groups, telemetry.usage(usage));
  Cells all;
  for (auto const& group : groups) {
    Cells cells;
    for (auto const& [at, some] : group.points) add(cells, some);
    if (cells.empty()) continue;
    add(all, cells);
    auto row = row_of(kind, group.names, cells, seconds);
    bool const is_empty = std::all_of(row.numbers.begin(), row.numbers.end(), [](auto const& n) { return n.second == 0; });
    if (!is_empty) report.rows.push_back(std::move(row));
  }
  std::stable_sort(report.rows.begin(), report.rows.end(), [&](auto const& a, auto const& b) {
    auto const number = [&](api::ReportRow const& row) {
      auto const it = row.numbers.find(kind.columns.front().name);
      return it == row.numbers.end() ? 0.0 : it->second;
    };
    return number(a) > number(b);
  });
  report.total = row_of(kind, {}, all, seconds);
  report.notes = notes_of(kind, all, usage);
  UsageQuestion chart = usage;
  chart.range.step = chart_step(usage.range.to - usage.range.from);
  chart.measures = {kind.chart};
  if (chart.by.size() > 1) chart.by.resize(1);
  api::MetricsAnswer picture{
      .metric = enum_text(kind.chart), .unit = {}, .since = chart.range.from, .until = chart.range.to, .step = chart.range.step, .groups = {}};
  TRY(report.chart, usage_answer(telemetry, chart, kind.chart, picture, now));
  return report;
}

}  // namespace nav::reports
