// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/doc.h"
#include "base/json.h"

/// Reports that are made again and again, into a folder of the controller's machine.
namespace nav::api {

enum class ReportFormat { Csv, Html, Json };
BOOST_DESCRIBE_ENUM(ReportFormat, Csv, Html, Json)

/// POST /v1/report-schedules
struct MakeReportSchedule {
  std::string name;
  std::string report;
  std::vector<std::string> by;
  Duration span;
  std::string cron;
  std::string time_zone = "UTC";
  std::vector<std::string> formats = {"csv", "html"};
  std::uint32_t keep = 52;

  static constexpr std::array required{"name", "report", "cron"};
  static constexpr Doc docs[] = {
      {"", "Make a report again and again."},
      {"name", "Of the schedule, and of its folder on the controller's machine.", R"("usage-weekly")", R"("minLength":1,"maxLength":63)"},
      {"report", "Which report.", R"("usage")"},
      {"by", "What it is grouped by, as the report itself: team, project, user, template, profile, node or site; two at most. None: what suits the report.",
       R"(["team"])", R"("maxItems":2)"},
      {"span", "Each is about so long before its time. Zero: about all since the time before, so that one begins where another ends.", "604800000000",
       R"("minimum":0,"maximum":34560000000000)"},
      {"cron",
       "When, as crontab(5) writes it: minute, hour, day, month, weekday, with names of months and weekdays; or `@hourly`, `@daily`, `@weekly`, `@monthly`, "
       "`@yearly`.",
       R"("0 6 * * mon")"},
      {"time_zone", "Whose clock: a name of the IANA database.", R"("Europe/Berlin")"},
      {"formats", "As what it is written: csv, html (a page with a picture), json. `nav report --parquet` makes Parquet of it where Apache Arrow is.",
       R"(["csv","html"])", R"("minItems":1,"maxItems":10)"},
      {"keep", "So many are kept, the newest; older ones are deleted.", "52", R"("minimum":1,"maximum":1000)"},
  };
};
BOOST_DESCRIBE_STRUCT(MakeReportSchedule, (), (name, report, by, span, cron, time_zone, formats, keep))

/// PATCH /v1/report-schedules/{report_schedule}
struct ChangeReportSchedule {
  std::optional<std::string> report;
  std::optional<std::vector<std::string>> by;
  std::optional<Duration> span;
  std::optional<std::string> cron;
  std::optional<std::string> time_zone;
  std::optional<std::vector<std::string>> formats;
  std::optional<std::uint32_t> keep;

  static constexpr Doc docs[] = {
      {"", "What is to change of a schedule of reports."},
      {"report", "Which report.", R"("usage")"},
      {"by", "What it is grouped by. None: what suits the report.", R"(["team"])", R"("maxItems":2)"},
      {"span", "Each is about so long before its time. Zero: about all since the time before.", "604800000000", R"("minimum":0,"maximum":34560000000000)"},
      {"cron", "When.", R"("0 6 * * mon")"},
      {"time_zone", "By whose clock.", R"("Europe/Berlin")"},
      {"formats", "As what it is written: csv, html, json.", R"(["csv","html"])", R"("minItems":1,"maxItems":10)"},
      {"keep", "So many are kept.", "52", R"("minimum":1,"maximum":1000)"},
  };
};
BOOST_DESCRIBE_STRUCT(ChangeReportSchedule, (), (report, by, span, cron, time_zone, formats, keep))

struct ReportSchedule {
  std::string name;
  std::string report;
  std::vector<std::string> by;
  Duration span;
  std::string cron;
  std::string time_zone;
  std::vector<ReportFormat> formats;
  std::uint32_t keep = 0;
  Time made;
  bool paused = false;
  std::optional<Time> next;
  std::optional<Time> last;
  std::optional<Time> failing_since;
  std::optional<std::string> problem;

  static constexpr Doc docs[] = {
      {"", "A schedule of reports as lists show it."},
      {"name", "Of the schedule, and of its folder.", R"("usage-weekly")"},
      {"report", "Which report.", R"("usage")"},
      {"by", "What it is grouped by. None: what suits the report.", R"(["team"])"},
      {"span", "Each is about so long before its time. Zero: about all since the time before.", "0"},
      {"cron", "When.", R"("0 6 * * mon")"},
      {"time_zone", "By whose clock.", R"("Europe/Berlin")"},
      {"formats", "As what it is written.", R"(["csv","html"])"},
      {"keep", "So many are kept.", "52"},
      {"made", "When it was made."},
      {"paused", "It makes nothing until it is resumed.", "false"},
      {"next", "When it comes next. Absent while it is paused."},
      {"last", "The time of the newest report that is there."},
      {"failing_since", "Since when a report that is due cannot be made; absent: all is well."},
      {"problem", "Why it cannot.", R"("there is no room left for reports")"},
  };
};
BOOST_DESCRIBE_STRUCT(ReportSchedule, (), (name, report, by, span, cron, time_zone, formats, keep, made, paused, next, last, failing_since, problem))

struct ReportFile {
  std::string name;
  Time until;
  ReportFormat format = ReportFormat::Csv;
  std::uint64_t bytes = 0;
  Time made;

  static constexpr Doc docs[] = {
      {"", "A report that was made."},
      {"name", "Of the file: the moment the report ends, in UTC, and its format.", R"("2026-11-23T06-00-00Z.csv")"},
      {"until", "The moment it ends: it was due then."},
      {"format", "What it is written as.", R"("csv")"},
      {"bytes", "How large it is.", "1832"},
      {"made", "When it was written."},
  };
};
BOOST_DESCRIBE_STRUCT(ReportFile, (), (name, until, format, bytes, made))

/// GET /v1/report-schedules/{report_schedule}
struct ReportScheduleDetails {
  ReportSchedule schedule;
  std::vector<Time> next;
  std::vector<ReportFile> files;

  static constexpr Doc docs[] = {
      {"", "All there is to say about a schedule of reports."},
      {"schedule", "As lists show it."},
      {"next", "The next five times. None while it is paused."},
      {"files", "What lies in its folder, new to old."},
  };
};
BOOST_DESCRIBE_STRUCT(ReportScheduleDetails, (), (schedule, next, files))

/// POST /v1/report-schedules/{report_schedule}/run
struct MadeReport {
  std::vector<ReportFile> files;

  static constexpr Doc docs[] = {
      {"", "A report that was made just now."},
      {"files", "One for each format."},
  };
};
BOOST_DESCRIBE_STRUCT(MadeReport, (), (files))

}  // namespace nav::api
