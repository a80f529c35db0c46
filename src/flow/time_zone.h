// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

/// The rules of a time zone: by how much its clocks were, are and will be ahead of UTC. Seconds since 1970 and seconds of difference throughout.
namespace nav {

/// The yearly rules at the end of a zone's file, for all years it has no table of: "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX, TZ; RFC 9636 section 3.3).
struct YearlyRules {
  /// When the clocks are changed, by the clock as it is until then.
  struct Change {
    enum class Form { MonthWeekDay, DayWithoutLeap, DayFromZero };
    Form form = Form::MonthWeekDay;
    int month = 1, week = 1, day = 0;  ///< week 5: the last one; for the other forms `day` alone
    std::int64_t seconds = 7200;       ///< of that day; may be of a day before or after
    /// Seconds of local time since 1970 in that year.
    std::int64_t in(std::int64_t year) const;
  };
  std::int64_t standard = 0;
  bool has_summer = false;
  std::int64_t summer = 0;
  Change to_summer, to_standard;

  static Result<YearlyRules> parse(std::string_view text);
};

class TimeZone {
 public:
  /// From one change of the clocks to the next.
  struct Span {
    std::int64_t begin = 0, end = 0;
    std::int64_t ahead = 0;  ///< of UTC
  };

  /// UTC itself.
  TimeZone() = default;
  /// From a file of the IANA database as it is installed: TZif of version 2 or later (RFC 9636). InvalidArgument for anything else.
  static Result<TimeZone> parse(std::string_view tzif);

  /// The span that this second lies in.
  Span span_at(std::int64_t at) const;

  static constexpr std::int64_t ever = std::int64_t{1} << 52;  ///< no span begins before minus this or ends after it

 private:
  struct Change {
    std::int64_t at;
    std::int64_t ahead;
  };
  Span by_rules(std::int64_t at) const;

  std::vector<Change> changes_;  ///< ascending
  std::int64_t first_ = 0;       ///< before all of them
  YearlyRules after_;            ///< after all of them
};

}  // namespace nav
