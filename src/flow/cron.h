// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <string_view>

#include "base/calendar.h"
#include "base/result.h"

/// When something comes again, as crontab(5) writes it: minute, hour, day, month, weekday. Local times; which moments they are is a time zone's affair
/// (flow/cron_times.h).
namespace nav {

struct Cron {
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<32> days;      ///< 1 to 31
  std::bitset<13> months;    ///< 1 to 12
  std::bitset<7> weekdays;   ///< Sunday is 0
  bool any_day = false;      ///< its text begins with a star ...
  bool any_weekday = false;  ///< ... and where neither does, a day that either of them names will do

  bool operator==(Cron const&) const = default;

  /// Whether the clock of a place shows each of its hours: then it goes by time that passes, else by what the clock shows.
  bool is_hourly() const { return hours.all(); }
  bool comes_on(Date const& date) const;
};

/// "30 2 * * mon-fri", "*/15 8-18 * * *", "@daily". InvalidArgument says which of the five is wrong and what would be right; an expression that never
/// comes, as on a 30 February, is refused too. `field` is what the text was given as.
Result<Cron> parse_cron(std::string_view text, std::string_view field);

}  // namespace nav
