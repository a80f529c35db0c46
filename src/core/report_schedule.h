// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

/// Reports that are made again and again, into a folder of the controller's machine.
namespace nav {

enum class ReportFormat { Csv, Html, Json };
BOOST_DESCRIBE_ENUM(ReportFormat, Csv, Html, Json)

/// What is made, and when. Which reports there are, what they can be grouped by and what a cron expression and a time zone are is not known
/// here: whoever asks has looked (http/report_schedule_routes.cc).
struct ReportWish {
  std::string report;
  std::vector<std::string> by;
  Duration span;  ///< each is about so long before its time; zero: since the time before
  std::string cron;
  std::string time_zone;
  std::vector<ReportFormat> formats;  ///< ascending
  std::uint32_t keep = 0;             ///< so many of the newest; older files are deleted

  bool operator==(ReportWish const&) const = default;
};
BOOST_DESCRIBE_STRUCT(ReportWish, (), (report, by, span, cron, time_zone, formats, keep))

struct ReportSchedule {
  std::string name;  ///< of its folder too
  ReportWish wish;
  bool paused = false;
  Time made;
  Time begins;                 ///< only times after this are made: it was made, changed or resumed then
  std::uint32_t revision = 0;  ///< how often it was changed

  bool operator==(ReportSchedule const&) const = default;
};
BOOST_DESCRIBE_STRUCT(ReportSchedule, (), (name, wish, paused, made, begins, revision))

inline constexpr std::size_t most_report_schedules = 100;
inline constexpr std::uint32_t most_reports_kept = 1000;
inline constexpr Duration shortest_report = minutes(1), longest_report = days(400);

/// Refuses by its field what no schedule can have; orders the formats.
Result<ReportWish> checked(ReportWish wish);

}  // namespace nav
