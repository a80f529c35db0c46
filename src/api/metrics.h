// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/doc.h"
#include "base/json.h"

namespace nav::api {

/// GET /v1/metrics/query
struct MetricsQuery {
  std::string metric;
  std::optional<Time> since;
  std::optional<Time> until;
  Duration step;
  std::vector<std::string> by;
  std::optional<std::string> team;
  std::optional<std::string> project;
  std::optional<std::string> user;
  std::optional<std::string> on;
  std::optional<std::string> profile;
  std::optional<std::string> node;
  std::optional<std::string> site;
  std::optional<std::string> gpu;
  std::optional<std::string> slice;
  std::optional<JobId> job;

  static constexpr std::array required{"metric"};
  static constexpr Doc docs[] = {
      {"metric", "What is asked for. Of use: held, idle, waiting, activity, ... Of single things, with `by=series`: activity, memory_used, power, ...",
       R"("held")"},
      {"since", "The beginning. An hour before `until` unless given.", "1795339440000000"},
      {"until", "The end. Now unless given.", "1795343040000000"},
      {"step", "The length of a step; 0: all in one. At most 11000 steps.", "60000000"},
      {"by", "What to group by, at most two of team, project, user, template, profile, node, site; or `series`: each single thing for itself.", R"(["team"])"},
      {"team", "Only of this team.", R"("vision")"},
      {"project", "Only of this project.", R"("default")"},
      {"user", "Only of this user.", R"("ada")"},
      {"on", "Only on this template.", R"("mig-1g.5gb")"},
      {"profile", "Only on slices of this profile, or `whole`.", R"("1g.5gb")"},
      {"node", "Only on this node.", R"("dgx-a100-1")"},
      {"site", "Only at this site.", R"("local")"},
      {"gpu", "With `by=series`: only of this GPU, by UUID.", R"("GPU-2f6c9b1e-0000-0000-0000-000000000000")"},
      {"slice", "With `by=series`: only of slices at this placement.", R"("1g.5gb@4")"},
      {"job", "With `by=series`: only of attempts of this job.", "42"},
  };
};
BOOST_DESCRIBE_STRUCT(MetricsQuery, (), (metric, since, until, step, by, team, project, user, on, profile, node, site, gpu, slice, job))

/// One line of a chart.
struct MetricsGroup {
  std::map<std::string, std::string> labels;
  std::vector<Time> at;
  std::vector<double> values;
  std::optional<double> max;

  static constexpr Doc docs[] = {
      {"", "One line of a chart."},
      {"labels", "What it is, by what was grouped by.", R"({"team":"vision"})"},
      {"at", "Where each step begins. A step in which nothing is known is left out.", "[1795339440000000]"},
      {"values", "A value for each step: a mean over it.", "[3.5]"},
      {"max", "The highest single value in it, where that is known.", "4"},
  };
};
BOOST_DESCRIBE_STRUCT(MetricsGroup, (), (labels, at, values, max))

struct MetricsAnswer {
  std::string metric;
  std::string unit;
  Time since;
  Time until;
  Duration step;
  std::vector<MetricsGroup> groups;

  static constexpr Doc docs[] = {
      {"", "What was measured or held, over time."},
      {"metric", "What was asked for.", R"("held")"},
      {"unit", "Of the values.", R"("memory slices")"},
      {"since", "The beginning."},
      {"until", "The end."},
      {"step", "The length of a step."},
      {"groups", "Lines, sorted by their labels."},
  };
};
BOOST_DESCRIBE_STRUCT(MetricsAnswer, (), (metric, unit, since, until, step, groups))

/// GET /v1/metrics/latest
struct LatestQuery {
  std::optional<std::string> node;
  std::uint32_t recent = 0;

  static constexpr Doc docs[] = {
      {"node", "Only on this node.", R"("dgx-a100-1")"},
      {"recent", "So many values of the time before with each, for a small chart.", "20", R"("minimum":0,"maximum":60)"},
  };
};
BOOST_DESCRIBE_STRUCT(LatestQuery, (), (node, recent))

struct LatestValues {
  std::string node;
  std::string kind;
  std::optional<std::uint32_t> gpu;
  std::optional<std::string> uuid;
  std::optional<std::string> slice;
  std::optional<AttemptId> attempt;
  std::string source;
  Time at;
  std::map<std::string, double> values;
  std::vector<double> activity;

  static constexpr Doc docs[] = {
      {"", "The newest values of one thing. What is not known is left out."},
      {"node", "Where it is.", R"("dgx-a100-1")"},
      {"kind", "gpu, instance, attempt or node.", R"("instance")"},
      {"gpu", "Index of the GPU on its node.", "0"},
      {"uuid", "UUID of the GPU.", R"("GPU-2f6c9b1e-0000-0000-0000-000000000000")"},
      {"slice", "Placement of an instance.", R"("1g.5gb@4")"},
      {"attempt", "Of an attempt; of an instance or GPU: who holds it, if the caller may see that.", R"("42.1")"},
      {"source", "Where the activity comes from, or else the newest value: nvml, gpm, dcgm_exporter, simulated or host.", R"("simulated")"},
      {"at", "When the newest was measured."},
      {"values", "By metric.", R"({"activity":0.93,"memory_used":2210})"},
      {"activity", "Activity of late, oldest first.", "[0.9,0.95,0.93]"},
  };
};
BOOST_DESCRIBE_STRUCT(LatestValues, (), (node, kind, gpu, uuid, slice, attempt, source, at, values, activity))

struct LatestAnswer {
  Time at;
  std::vector<LatestValues> items;

  static constexpr Doc docs[] = {
      {"", "What is being measured, newest values only."},
      {"at", "Now."},
      {"items", "Sorted by node."},
  };
};
BOOST_DESCRIBE_STRUCT(LatestAnswer, (), (at, items))

/// GET /v1/reports/{report}
struct ReportQuery {
  std::optional<Time> since;
  std::optional<Time> until;
  std::vector<std::string> by;

  static constexpr Doc docs[] = {
      {"since", "The beginning. A week before `until` unless given.", "1794738240000000"},
      {"until", "The end. Now unless given.", "1795343040000000"},
      {"by", "What to group by, at most two of team, project, user, template, profile, node, site.", R"(["team"])"},
  };
};
BOOST_DESCRIBE_STRUCT(ReportQuery, (), (since, until, by))

struct ReportColumn {
  std::string name;
  std::string unit;
  std::string text;

  static constexpr Doc docs[] = {
      {"", "A column of a report."},
      {"name", "Its name.", R"("gpu_hours")"},
      {"unit", "Of its numbers; empty for words.", R"("GPU hours")"},
      {"text", "What it says.", R"("GPUs held, a slice as its share of a GPU")"},
  };
};
BOOST_DESCRIBE_STRUCT(ReportColumn, (), (name, unit, text))

struct ReportRow {
  std::vector<std::string> names;
  std::map<std::string, double> numbers;

  static constexpr Doc docs[] = {
      {"", "A row of a report."},
      {"names", "Its group, one name for each of `by`; empty: nobody's.", R"(["vision"])"},
      {"numbers", "By column. What is not known is left out.", R"({"gpu_hours":41.5})"},
  };
};
BOOST_DESCRIBE_STRUCT(ReportRow, (), (names, numbers))

struct Report {
  std::string report;
  std::string title;
  Time since;
  Time until;
  std::vector<std::string> by;
  std::vector<ReportColumn> columns;
  std::vector<ReportRow> rows;
  ReportRow total;
  std::vector<std::string> notes;
  MetricsAnswer chart;

  static constexpr Doc docs[] = {
      {"", "A report."},
      {"report", "Which.", R"("usage")"},
      {"title", "In words.", R"("Who used what")"},
      {"since", "The beginning."},
      {"until", "The end."},
      {"by", "What it is grouped by.", R"(["team"])"},
      {"columns", "Of the numbers."},
      {"rows", "The largest first."},
      {"total", "Over all rows."},
      {"notes", "What a reader should know of these numbers.", R"(["No template has a price: cost is not known."])"},
      {"chart", "The main number over the time of the report."},
  };
};
BOOST_DESCRIBE_STRUCT(Report, (), (report, title, since, until, by, columns, rows, total, notes, chart))

/// POST /v1/agent/samples
struct SamplesQuery {
  std::optional<Time> sent;

  static constexpr Doc docs[] = {
      {"sent", "Now, by the node's clock: one that is more than five seconds off is made up for.", "1795343040000000"},
  };
};
BOOST_DESCRIBE_STRUCT(SamplesQuery, (), (sent))

struct StoredSamples {
  std::uint64_t number = 0;

  static constexpr Doc docs[] = {
      {"", "The batch is on disk."},
      {"number", "Its own.", "17"},
  };
};
BOOST_DESCRIBE_STRUCT(StoredSamples, (), (number))

}  // namespace nav::api
