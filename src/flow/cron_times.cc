// SPDX-License-Identifier: Apache-2.0
#include "flow/cron_times.h"

#include <algorithm>

#include "base/calendar.h"

namespace nav {

namespace {

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

Time moment(std::int64_t second) { return {second * 1'000'000}; }

std::int64_t local_day(TimeZone const& zone, Time at) {
  std::int64_t const second = floor_div(at.us, 1'000'000);
  return floor_div(second + zone.span_at(second).ahead, seconds_per_day);
}

/// The moments that belong to a local day, not in order.
void add_times_of(Cron const& cron, TimeZone const& zone, std::int64_t day, std::vector<Time>& times) {
  if (!cron.comes_on(date_of(day))) return;
  std::int64_t const midnight = day * seconds_per_day;
  std::vector<TimeZone::Span> spans;  // all in which a clock may show this day
  for (std::int64_t at = midnight - 2 * seconds_per_day; at <= midnight + 3 * seconds_per_day; at = spans.back().end) spans.push_back(zone.span_at(at));
  for (std::size_t hour = 0; hour < 24; ++hour) {
    if (!cron.hours.test(hour)) continue;
    for (std::size_t minute = 0; minute < 60; ++minute) {
      if (!cron.minutes.test(minute)) continue;
      std::int64_t const shown = midnight + static_cast<std::int64_t>(hour * 3600 + minute * 60);
      for (auto const& span : spans) {
        bool const is_in_it = span.begin <= shown - span.ahead && shown - span.ahead < span.end;
        bool const was_leapt_over = span.begin + span.ahead > shown;  // no span before this one showed it
        if (is_in_it) times.push_back(moment(shown - span.ahead));
        else if (was_leapt_over && !cron.is_hourly()) times.push_back(moment(span.begin));
        if ((is_in_it || was_leapt_over) && !cron.is_hourly()) break;
      }
    }
  }
}

}  // namespace

std::optional<Time> next_time(Cron const& cron, TimeZone const& zone, Time after) {
  constexpr std::int64_t days_in_400_years = 146'097;
  // Where clocks are put back over midnight, the day before comes once more.
  std::int64_t const first = local_day(zone, after) - 1;
  std::vector<Time> times;
  for (std::int64_t day = first; day < first + days_in_400_years; ++day) {
    times.clear();
    add_times_of(cron, zone, day, times);
    std::erase_if(times, [&](Time time) { return time <= after; });
    if (times.empty()) continue;
    add_times_of(cron, zone, day + 1, times);
    std::erase_if(times, [&](Time time) { return time <= after; });
    return *std::min_element(times.begin(), times.end());
  }
  return std::nullopt;
}

std::vector<Time> times_between(Cron const& cron, TimeZone const& zone, Time after, Time until) {
  std::vector<Time> times;
  if (until <= after) return times;
  std::int64_t const last = local_day(zone, until) + 1;
  for (std::int64_t day = local_day(zone, after) - 1; day <= last; ++day) add_times_of(cron, zone, day, times);
  std::erase_if(times, [&](Time time) { return time <= after || time > until; });
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

std::vector<Time> newest_times(Cron const& cron, TimeZone const& zone, Time after, Time until, std::size_t most) {
  std::vector<Time> times;
  for (Duration back = days(1); until > after && times.size() < most; back = back * 2) {
    Time const from = std::max(after, until - back);
    auto const earlier = times_between(cron, zone, from, until);
    times.insert(times.begin(), earlier.begin(), earlier.end());
    until = from;
  }
  if (times.size() > most) times.erase(times.begin(), times.end() - static_cast<std::ptrdiff_t>(most));
  return times;
}

}  // namespace nav
