// SPDX-License-Identifier: Apache-2.0
#include "flow/time_zone.h"

#include <algorithm>
#include <array>

#include "base/calendar.h"

namespace nav {

namespace {

Unexpected broken(std::string_view what) { return fail(ErrorKind::InvalidArgument, "these are no rules of a time zone: {}", what); }

/// Numbers with their highest byte first, from bytes nobody vouches for.
struct Bytes {
  std::string_view left;
  bool failed = false;

  std::string_view take(std::size_t count) {
    if (count > left.size()) return failed = true, std::string_view{};
    auto const taken = left.substr(0, count);
    left.remove_prefix(count);
    return taken;
  }
  std::uint64_t number(std::size_t bytes) {
    std::uint64_t value = 0;
    for (char const c : take(bytes)) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  std::int64_t signed32() { return static_cast<std::int32_t>(number(4)); }
  std::int64_t signed64() { return static_cast<std::int64_t>(number(8)); }
};

struct Header {
  char version = 0;
  std::uint64_t universal = 0, standard = 0, leaps = 0, changes = 0, types = 0, letters = 0;

  /// Of the block after it, with times of so many bytes.
  std::uint64_t size(std::uint64_t time) const { return changes * time + changes + types * 6 + letters + leaps * (time + 4) + standard + universal; }
};

Result<Header> read_header(Bytes& bytes) {
  if (bytes.take(4) != "TZif") return broken("they do not begin with TZif");
  Header header;
  auto const version = bytes.take(1);
  if (!version.empty()) header.version = version[0];
  bytes.take(15);
  for (auto* count : {&header.universal, &header.standard, &header.leaps, &header.changes, &header.types, &header.letters}) *count = bytes.number(4);
  if (bytes.failed) return broken("they end in their header");
  return header;
}

/// The text of POSIX's TZ, as it is read.
struct RulesText {
  std::string_view left;
  bool failed = false;

  bool next_is(char c) const { return !left.empty() && left.front() == c; }
  bool skip(char c) {
    if (!next_is(c)) return false;
    left.remove_prefix(1);
    return true;
  }
  void name() {
    std::size_t length = 0;
    if (skip('<')) {
      length = left.find('>');
      if (length == left.npos) return void(failed = true);
      left.remove_prefix(length + 1);
      return;
    }
    while (length < left.size() && (left[length] | 0x20) >= 'a' && (left[length] | 0x20) <= 'z') ++length;
    failed |= length < 3;
    left.remove_prefix(length);
  }
  std::int64_t number(std::int64_t low, std::int64_t high) {
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; !left.empty() && left.front() >= '0' && left.front() <= '9' && digits < 4; ++digits, left.remove_prefix(1))
      value = value * 10 + (left.front() - '0');
    failed |= digits == 0 || value < low || value > high;
    return failed ? low : value;
  }
  /// [+-]hh[:mm[:ss]] in seconds.
  std::int64_t clock() {
    bool const negative = skip('-');
    if (!negative) skip('+');
    std::int64_t seconds = number(0, 167) * 3600;
    if (skip(':')) seconds += number(0, 59) * 60;
    if (skip(':')) seconds += number(0, 59);
    return negative ? -seconds : seconds;
  }
  YearlyRules::Change change() {
    using Form = YearlyRules::Change::Form;
    YearlyRules::Change change;
    failed |= !skip(',');
    if (skip('M')) {
      change.month = static_cast<int>(number(1, 12));
      failed |= !skip('.');
      change.week = static_cast<int>(number(1, 5));
      failed |= !skip('.');
      change.day = static_cast<int>(number(0, 6));
    } else {
      change.form = skip('J') ? Form::DayWithoutLeap : Form::DayFromZero;
      change.day = static_cast<int>(number(change.form == Form::DayWithoutLeap ? 1 : 0, 365));
    }
    if (skip('/')) change.seconds = clock();
    return change;
  }
};

}  // namespace

std::int64_t YearlyRules::Change::in(std::int64_t year) const {
  std::int64_t const january = days_since_1970({year, 1, 1});
  if (form == Form::DayFromZero) return (january + day) * seconds_per_day + seconds;
  if (form == Form::DayWithoutLeap) {
    bool const is_leap = days_since_1970({year + 1, 1, 1}) - january == 366;
    return (january + day - 1 + (is_leap && day >= 60 ? 1 : 0)) * seconds_per_day + seconds;
  }
  std::int64_t const first = days_since_1970({year, static_cast<unsigned>(month), 1});
  std::int64_t const after = month == 12 ? days_since_1970({year + 1, 1, 1}) : days_since_1970({year, static_cast<unsigned>(month) + 1, 1});
  std::int64_t const weekday = ((first + 4) % 7 + 7) % 7;
  std::int64_t at = first + (day - weekday + 7) % 7 + (week - 1) * std::int64_t{7};
  if (at >= after) at -= 7;
  return at * seconds_per_day + seconds;
}

Result<YearlyRules> YearlyRules::parse(std::string_view text) {
  RulesText read{text};
  YearlyRules rules;
  read.name();
  rules.standard = -read.clock();  // POSIX counts westwards
  if (!read.left.empty() && !read.failed) {
    rules.has_summer = true;
    read.name();
    rules.summer = read.next_is(',') ? rules.standard + 3600 : -read.clock();
    rules.to_summer = read.change();
    rules.to_standard = read.change();
  }
  if (read.failed || !read.left.empty()) return broken(fmt::format("\"{}\" is not as POSIX writes them", text.substr(0, 80)));
  return rules;
}

Result<TimeZone> TimeZone::parse(std::string_view tzif) {
  Bytes bytes{tzif};
  TRY(Header header, read_header(bytes));
  if (header.version < '2') return broken("they are of version 1, which ends in 2038");
  bytes.take(header.size(4));  // the same once more for readers of 32 bits
  TRY(header, read_header(bytes));
  if (header.leaps != 0) return broken("they count leap seconds, which no clock here does");
  if (header.types == 0 || header.types > 256 || header.size(8) > bytes.left.size()) return broken("they end in their table");

  TimeZone zone;
  for (std::uint64_t i = 0; i < header.changes; ++i) zone.changes_.push_back({std::clamp(bytes.signed64(), -ever, ever), 0});
  auto const type_of = bytes.take(header.changes);
  std::array<std::int64_t, 256> ahead{};
  for (std::uint64_t i = 0; i < header.types; ++i) {
    ahead.at(i) = bytes.signed32();
    bytes.take(2);
    if (ahead.at(i) < -26 * 3600 || ahead.at(i) > 26 * 3600) return broken("clocks are more than a day off");
  }
  bytes.take(header.size(8) - header.changes * 9 - header.types * 6);
  for (std::size_t i = 0; i < type_of.size(); ++i) {
    auto const type = static_cast<unsigned char>(type_of[i]);
    if (type >= header.types || (i > 0 && zone.changes_[i].at < zone.changes_[i - 1].at)) return broken("their table is not in order");
    zone.changes_[i].ahead = ahead.at(type);
  }
  zone.first_ = ahead[0];

  if (bytes.take(1) != "\n" || !bytes.left.ends_with('\n')) return broken("they end before their last line");
  auto const rules = bytes.left.substr(0, bytes.left.size() - 1);
  if (rules.empty()) zone.after_.standard = zone.changes_.empty() ? zone.first_ : zone.changes_.back().ahead;
  else { TRY(zone.after_, YearlyRules::parse(rules)); }
  return zone;
}

TimeZone::Span TimeZone::by_rules(std::int64_t at) const {
  std::int64_t const from = changes_.empty() ? -ever : changes_.back().at;
  Span span{from, ever, after_.standard};
  if (!after_.has_summer || at >= ever || at <= -ever) return span;
  std::int64_t const day = at / seconds_per_day - (at % seconds_per_day < 0 ? 1 : 0);
  std::int64_t const year = date_of(day).year;
  std::vector<Change> near;
  for (std::int64_t y = year - 2; y <= year + 2; ++y) {
    Change const summer{after_.to_summer.in(y)-after_.standard, after_.summer}, standard{after_.to_standard.in(y)-after_.summer, after_.standard};
    near.push_back(summer.at <= standard.at ? summer : standard);
    near.push_back(summer.at <= standard.at ? standard : summer);
  }
  std::stable_sort(near.begin(), near.end(), [](Change const& a, Change const& b) { return a.at < b.at; });
  for (Change const& change : near) {
    if (change.at > at) {
      span.end = change.at;
      break;
    }
    span.begin = std::max(from, change.at);
    span.ahead = change.ahead;
  }
  return span;
}

TimeZone::Span TimeZone::span_at(std::int64_t at) const {
  auto const next = std::upper_bound(changes_.begin(), changes_.end(), at, [](std::int64_t time, Change const& change) { return time < change.at; });
  if (next == changes_.end()) {
    Span span = by_rules(at);
    // What the table said last goes on until the rules change something.
    if (!changes_.empty() && span.begin == changes_.back().at) span.ahead = changes_.back().ahead;
    return span;
  }
  if (next == changes_.begin()) return {-ever, next->at, first_};
  return {std::prev(next)->at, next->at, std::prev(next)->ahead};
}

}  // namespace nav
