// SPDX-License-Identifier: Apache-2.0
#include "flow/cron.h"

#include <ctime>
#include <fstream>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <set>
#include <sstream>

#include "base/random.h"
#include "base/text.h"
#include "flow/cron_times.h"

namespace nav {
namespace {

/// As the machine has it installed.
TimeZone zone(std::string const& name) {
  std::ifstream file("/usr/share/zoneinfo/" + name, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  auto parsed = TimeZone::parse(bytes.str());
  if (!parsed) ADD_FAILURE() << name << ": " << parsed.error().message;
  return parsed.value_or(TimeZone());
}

Time utc(std::int64_t year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
  return {((days_since_1970({year, month, day}) * 24 + hour) * 60 + minute) * 60'000'000};
}

Cron cron(std::string_view text) {
  auto parsed = parse_cron(text, "cron");
  if (!parsed) ADD_FAILURE() << text << ": " << parsed.error().message;
  return parsed.value_or(Cron{});
}

/// "2026-03-29T01:00 ..." of all in between
std::string times(std::string_view text, TimeZone const& in, Time after, Time until) {
  std::string out;
  for (Time const time : times_between(cron(text), in, after, until)) out += (out.empty() ? "" : " ") + to_text(time).substr(0, 16);
  return out;
}

TEST(Cron, NamesListsRangesAndStepsAreRead) {
  EXPECT_EQ(cron("0,30 8-18/2 * jan-mar Mon-FRI"), cron("0,30 8,10,12,14,16,18 * 1,2,3 1,2,3,4,5"));
  EXPECT_EQ(cron("*/20 * * * 7"), cron("0,20,40 0-23 * * 0"));
  EXPECT_EQ(cron("0 0 * * fri-sun").weekdays.to_ulong(), 0b1100001u);
  EXPECT_EQ(cron("@daily"), cron("0 0 * * *"));
  EXPECT_EQ(cron(" @Weekly "), cron("0\t0  * * sun"));
  EXPECT_TRUE(cron("5 * * * *").is_hourly());
  EXPECT_FALSE(cron("*/5 0-22 * * *").is_hourly());
}

TEST(Cron, WhatIsWrongIsNamedWithWhatWouldBeRight) {
  struct {
    std::string_view text, message, hint;
  } const cases[] = {
      {"60 * * * *", "there is no minute 60", "minute: 0 to 59"},
      {"0 24 * * *", "there is no hour 24", "hour: 0 to 23"},
      {"0 0 0 * *", "there is no day 0", "day: 1 to 31"},
      {"0 0 * foo *", "\"foo\" is no month", "month: 1 to 12 or jan to dec"},
      {"0 0 * * 8", "there is no weekday 8", "weekday: 0 to 7 or sun to sat; 0 and 7 are Sunday"},
      {"0 0 L * *", "\"l\" is no day", "day: 1 to 31"},
      {"0 0 20-10 * *", "the days 20-10 go backwards", "day: 1 to 31"},
      {"5/10 * * * *", "\"5/10\" has a step but nothing to go through", "minute: */10 or 5-59/10"},
      {"*/0 * * * *", "\"*/0\" has no step that can be gone by", "minute: */N with N from 1 to 59"},
      {"1,,2 * * * *", "\"\" is no minute", "minute: 0 to 59"},
      {"-5 * * * *", "\"\" is no minute", "minute: 0 to 59"},
      {"0 0 30 2 *", "\"0 0 30 2 *\" never comes: no month of it has such a day", "a day that one of its months has"},
      {"0 0 31 apr,jun */2", "\"0 0 31 apr,jun */2\" never comes: no month of it has such a day", "a day that one of its months has"},
  };
  for (auto const& one : cases) {
    auto const parsed = parse_cron(one.text, "cron");
    ASSERT_FALSE(parsed) << one.text;
    EXPECT_EQ(parsed.error(), (Error{ErrorKind::InvalidArgument, std::string(one.message), std::string(one.hint), "cron"}));
  }
  for (std::string_view const text : {"", "* * * *", "0 0 * * * *", "@reboot", "daily"}) {
    auto const parsed = parse_cron(text, "cron");
    ASSERT_FALSE(parsed) << text;
    EXPECT_TRUE(parsed.error().hint.starts_with("five fields, minute hour day month weekday")) << parsed.error().hint;
  }
}

TEST(Cron, OfTwoKindsOfDaysEitherWillDoUnlessOneBeginsWithAStar) {
  EXPECT_EQ(times("0 0 13 * fri", {}, utc(2026, 2, 1), utc(2026, 2, 28)), "2026-02-06T00:00 2026-02-13T00:00 2026-02-20T00:00 2026-02-27T00:00");
  EXPECT_EQ(times("0 0 */31,1-7 * sun", {}, utc(2026, 1, 1), utc(2026, 4, 1)), "2026-01-04T00:00 2026-02-01T00:00 2026-03-01T00:00");
}

TEST(Cron, ALeapDayIsWaitedForAsLongAsItTakes) {
  EXPECT_EQ(next_time(cron("0 0 29 2 *"), {}, utc(2096, 3, 1)), utc(2104, 2, 29));    // 2100 is no leap year
  EXPECT_EQ(next_time(cron("0 0 29 2 */7"), {}, utc(2088, 3, 1)), utc(2128, 2, 29));  // and a Sunday
}

TEST(CronTimes, AreThoseOfTheZonesClock) {
  TimeZone const kolkata = zone("Asia/Kolkata");
  EXPECT_EQ(times("30 9 * * mon-fri", kolkata, utc(2026, 11, 20, 4), utc(2026, 11, 24, 4)), "2026-11-23T04:00 2026-11-24T04:00");
  EXPECT_EQ(next_time(cron("0 0 1 1 *"), kolkata, utc(2026, 11, 20)), utc(2026, 12, 31, 18, 30));
  EXPECT_EQ(next_time(cron("* * * * *"), {}, Time{utc(2026, 1, 1).us - 1}), utc(2026, 1, 1));
  EXPECT_EQ(next_time(cron("* * * * *"), {}, utc(2026, 1, 1)), utc(2026, 1, 1, 0, 1));
}

// In Berlin the clock went from 2:00 to 3:00 on 29 March 2026, which was 1:00 in UTC.
TEST(CronTimes, ATimeThatIsLeaptOverComesWhenTheClockIsPutForward) {
  TimeZone const berlin = zone("Europe/Berlin");
  EXPECT_EQ(times("30 2 * * *", berlin, utc(2026, 3, 27, 12), utc(2026, 3, 30, 12)), "2026-03-28T01:30 2026-03-29T01:00 2026-03-30T00:30");
  EXPECT_EQ(times("0,15,30 2,3 29 3 *", berlin, utc(2026, 3, 28), utc(2026, 3, 30)), "2026-03-29T01:00 2026-03-29T01:15 2026-03-29T01:30");
  EXPECT_EQ(times("30 * * * *", berlin, utc(2026, 3, 29), utc(2026, 3, 29, 3)), "2026-03-29T00:30 2026-03-29T01:30 2026-03-29T02:30");  // 2:30 is none
}

// And from 3:00 back to 2:00 on 25 October.
TEST(CronTimes, ATimeThatComesTwiceIsTakenTheFirstTimeAndEveryHoursBothTimes) {
  TimeZone const berlin = zone("Europe/Berlin");
  EXPECT_EQ(times("30 2 * * *", berlin, utc(2026, 10, 24), utc(2026, 10, 26, 12)), "2026-10-24T00:30 2026-10-25T00:30 2026-10-26T01:30");
  EXPECT_EQ(times("30 * * * *", berlin, utc(2026, 10, 25), utc(2026, 10, 25, 3)), "2026-10-25T00:30 2026-10-25T01:30 2026-10-25T02:30");
  TimeZone const howe = zone("Australia/Lord_Howe");  // by half an hour, at 2:00
  EXPECT_EQ(times("45 1 * * *", howe, utc(2026, 4, 3, 12), utc(2026, 4, 6)), "2026-04-03T14:45 2026-04-04T14:45 2026-04-05T15:15");
}

TEST(CronTimes, ADayThatAnIslandLeaptOverComesAtItsEnd) {
  // Samoa had no 30 December 2011: it crossed the date line at midnight.
  EXPECT_EQ(times("0 9 * * *", zone("Pacific/Apia"), utc(2011, 12, 28, 20), utc(2011, 12, 31)), "2011-12-29T19:00 2011-12-30T10:00 2011-12-30T19:00");
}

char const* const zones[] = {
    "UTC",          "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo",      "America/Havana",   "Asia/Beirut",
    "America/Nuuk", "Asia/Kolkata",  "Europe/Dublin",    "Pacific/Apia",        "Africa/Casablanca", "America/St_Johns", "America/Santiago"};

// The C library reads the same files with code of its own.
TEST(TimeZone, IsAheadOfUtcAsTheCLibrarySays) {
  for (char const* const name : zones) {
    TimeZone const ours = zone(name);
    ::setenv("TZ", name, 1);
    ::tzset();
    Random random(7);
    for (int i = 0; i < 2000; ++i) {
      auto const at = static_cast<std::time_t>(random.below(days_since_1970({2300, 1, 1}) * 86'400ull));
      std::tm parts{};
      ::localtime_r(&at, &parts);
      auto const span = ours.span_at(at);
      ASSERT_EQ(span.ahead, parts.tm_gmtoff) << name << " at " << at;
      ASSERT_TRUE(span.begin <= at && at < span.end);
      if (span.end != TimeZone::ever) {
        ASSERT_EQ(ours.span_at(span.end - 1).ahead, span.ahead);
        ASSERT_EQ(ours.span_at(span.end).begin, span.end);
      }
    }
  }
  ::setenv("TZ", "UTC", 1);
  ::tzset();
}

TEST(TimeZone, WhatIsNoZoneIsRefusedWhateverItIs) {
  for (auto const& text : std::vector<std::string>{"", "TZif", "TZif2", "no zone at all", std::string("TZif\0", 5)})
    EXPECT_FALSE(TimeZone::parse(text)) << text;
  std::ifstream file("/usr/share/zoneinfo/Europe/Berlin", std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  std::string const whole = bytes.str();
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(TimeZone::parse(std::string_view(whole).substr(0, size))) << size;
  EXPECT_TRUE(YearlyRules::parse("<+03>-3"));
  for (char const* const text : {"C", "CET", "CET-1CEST", "CET-1CEST,M13.1.0,M10.5.0", "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x", "<+03-3", "CET-1,"})
    EXPECT_FALSE(YearlyRules::parse(text)) << text;
}

TEST(CronTimes, TheNewestAreTheLastOfAllWithoutLookingAtAll) {
  auto const in = [](char const* text, Time after, Time until, std::size_t most) { return newest_times(cron(text), TimeZone(), after, until, most); };
  Time const noon{1'800'000'000'000'000 / days(1).us * days(1).us + hours(12).us};
  EXPECT_EQ(in("0 12 * * *", Time{}, noon, 2), (std::vector{noon - days(1), noon})) << "until is one of them";
  EXPECT_EQ(in("0 12 * * *", noon, noon + hours(23), 2), std::vector<Time>{}) << "after is none of them";
  EXPECT_EQ(in("* * * * *", Time{}, noon, 1000).size(), 1000u);
  EXPECT_EQ(in("* * * * *", Time{}, noon, 1000).back(), noon);
  EXPECT_EQ(in("0 12 * * *", noon - days(3), noon, 99), (std::vector{noon - days(2), noon - days(1), noon})) << "there are no more";
  EXPECT_EQ(in("0 0 29 2 *", Time{}, noon, 2).size(), 2u) << "however seldom they come";
}

/// Somebody who looks at the clock each minute, from a day before on.
std::vector<Time> by_looking(Cron const& cron, TimeZone const& zone, Time after, Time until) {
  std::set<std::int64_t> shown_before;
  std::set<Time> times;
  std::int64_t const first = after.us / 60'000'000 - 3 * 1440, last = until.us / 60'000'000;
  auto const fits = [&](std::int64_t minute) {
    return cron.comes_on(date_of(minute / 1440)) && cron.hours.test(static_cast<std::size_t>(minute / 60 % 24)) &&
           cron.minutes.test(static_cast<std::size_t>(minute % 60));
  };
  std::int64_t before = 0;
  for (std::int64_t minute = first; minute <= last; ++minute) {
    std::int64_t const shown = minute + zone.span_at(minute * 60).ahead / 60;
    bool const is_new = shown_before.insert(shown).second;
    bool comes = fits(shown) && (is_new || cron.is_hourly());
    if (before != 0 && !cron.is_hourly())
      for (std::int64_t leapt = before + 1; leapt < shown; ++leapt) comes = comes || (fits(leapt) && !shown_before.contains(leapt));
    before = shown;
    Time const time{minute * 60'000'000};
    if (comes && after < time && time <= until) times.insert(time);
  }
  return {times.begin(), times.end()};
}

TEST(CronTimes, AreThoseThatSomebodySeesWhoLooksAtTheClockEachMinute) {
  std::map<std::string, TimeZone> known;
  for (char const* const name : zones) known[name] = zone(name);
  EXPECT_TRUE(rc::check([&] {
    auto const list = [](unsigned low, unsigned high) -> std::string {
      auto const first = *rc::gen::inRange(low, high + 1), second = *rc::gen::inRange(low, high + 1);
      switch (*rc::gen::inRange(0, 5)) {
        case 0: return "*";
        case 1: return fmt::format("*/{}", 1 + first % high);
        case 2: return fmt::format("{}-{}", std::min(first, second), std::max(first, second));
        default: return fmt::format("{},{}", first, second);
      }
    };
    std::string const text = fmt::format("{} {} {} * {}", list(0, 59), list(0, 23), *rc::gen::inRange(0, 3) == 0 ? list(1, 31) : "*",
                                         *rc::gen::inRange(0, 3) == 0 ? list(0, 7) : "*");
    TimeZone const& in = known.at(*rc::gen::elementOf(std::vector<std::string>(std::begin(zones), std::end(zones))));
    // Around a change of the clocks, or anywhere.
    std::int64_t const anywhere = *rc::gen::inRange<std::int64_t>(1'100'000'000, 2'400'000'000);
    auto const span = in.span_at(anywhere);
    Time const after{(span.end < 2'500'000'000 ? span.end - *rc::gen::inRange<std::int64_t>(0, 100'000) : anywhere) * 1'000'000};
    Time const until = after + hours(36);
    auto const expected = by_looking(cron(text), in, after, until);
    RC_LOG() << text << " after " << to_text(after);
    RC_ASSERT(times_between(cron(text), in, after, until) == expected);
    if (!expected.empty()) RC_ASSERT(next_time(cron(text), in, after) == expected.front());
    else RC_ASSERT(next_time(cron(text), in, after) > until);
  }));
}

}  // namespace
}  // namespace nav
