// SPDX-License-Identifier: Apache-2.0
#include "flow/cron.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/text.h"

namespace nav {

namespace {

constexpr std::string_view forms = "five fields, minute hour day month weekday, as \"30 2 * * mon-fri\"; or @hourly, @daily, @weekly, @monthly, @yearly";

constexpr std::string_view month_names[] = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view weekday_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Part {
  std::string_view name;
  unsigned low, high;
  std::span<std::string_view const> names = {};  ///< of low and those after it
  std::string_view right;                        ///< what would be right
};
constexpr Part parts[] = {
    {"minute", 0, 59, {}, "0 to 59"},
    {"hour", 0, 23, {}, "0 to 23"},
    {"day", 1, 31, {}, "1 to 31"},
    {"month", 1, 12, month_names, "1 to 12 or jan to dec"},
    {"weekday", 0, 7, weekday_names, "0 to 7 or sun to sat; 0 and 7 are Sunday"},
};

struct Shorthand {
  std::string_view word, meaning;
};
constexpr Shorthand shorthands[] = {
    {"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return out;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t const from = text.find_first_not_of(" \t", at);
    if (from == text.npos) break;
    at = std::min(text.find_first_of(" \t", from), text.size());
    words.push_back(text.substr(from, at - from));
  }
  return words;
}

/// One of the five as it is read.
struct Reading {
  Part const& part;
  std::string_view field;

  template <class... Args>
  Unexpected wrong(fmt::format_string<Args...> format, Args&&... args) const {
    return fail_field(std::string(field), fmt::format("{}: {}", part.name, part.right), format, std::forward<Args>(args)...);
  }

  Result<unsigned> value(std::string_view text) const {
    for (std::size_t i = 0; i < part.names.size(); ++i)
      if (part.names[i] == text) return part.low + static_cast<unsigned>(i);
    std::uint64_t number = 0;
    if (text.empty() || !read_number(text, number)) return wrong("\"{}\" is no {}", shortened(text, 40), part.name);
    if (number < part.low || number > part.high) return wrong("there is no {} {}", part.name, number);
    return static_cast<unsigned>(number);
  }

  Result<void> take(std::string_view text, std::bitset<64>& into) const {
    auto const slash = text.find('/');
    std::string_view const range = text.substr(0, slash);
    unsigned first = part.low, last = part.name == "weekday" ? 6 : part.high;
    auto const dash = range.find('-');
    if (range != "*") {
      TRY(first, value(range.substr(0, dash)));
      last = first;
    }
    if (dash != range.npos) {
      TRY(last, value(range.substr(dash + 1)));
      if (part.name == "weekday" && last == 0) last = 7;  // fri-sun
      if (last < first) return wrong("the {}s {} go backwards", part.name, shortened(range, 40));
    }
    std::uint64_t step = 1;
    if (slash != text.npos) {
      if (range != "*" && dash == range.npos)
        return fail_field(std::string(field), fmt::format("{}: */{} or {}-{}/{}", part.name, text.substr(slash + 1), first, part.high, text.substr(slash + 1)),
                          "\"{}\" has a step but nothing to go through", shortened(text, 40));
      if (!read_number(text.substr(slash + 1), step) || step == 0 || step > part.high)
        return fail_field(std::string(field), fmt::format("{}: */N with N from 1 to {}", part.name, part.high), "\"{}\" has no step that can be gone by",
                          shortened(text, 40));
    }
    for (std::uint64_t at = first; at <= last; at += step) into.set(part.name == "weekday" ? at % 7 : at);
    return {};
  }

  Result<std::bitset<64>> read(std::string_view text) const {
    std::bitset<64> all;
    for (auto const one : split(text, ',')) TRY_VOID(take(one, all));
    return all;
  }
};

template <std::size_t Size>
std::bitset<Size> narrowed(std::bitset<64> const& wide) {
  return std::bitset<Size>(wide.to_ullong());
}

}  // namespace

bool Cron::comes_on(Date const& date) const {
  if (!months.test(date.month)) return false;
  // 1 January 1970 was a Thursday.
  auto const weekday = static_cast<std::size_t>(((days_since_1970(date) + 4) % 7 + 7) % 7);
  bool const day_fits = days.test(date.day), weekday_fits = weekdays.test(weekday);
  return any_day || any_weekday ? day_fits && weekday_fits : day_fits || weekday_fits;
}

Result<Cron> parse_cron(std::string_view given, std::string_view field) {
  std::string text = lower(given);
  auto words = words_of(text);
  if (words.size() == 1 && words[0].starts_with('@')) {
    auto const* const known = std::find_if(std::begin(shorthands), std::end(shorthands), [&](Shorthand const& one) { return one.word == words[0]; });
    if (known == std::end(shorthands)) return fail_field(std::string(field), std::string(forms), "\"{}\" is no time that is known", shortened(words[0], 40));
    text = known->meaning;
    words = words_of(text);
  }
  if (words.size() != std::size(parts))
    return fail_field(std::string(field), std::string(forms), "\"{}\" has {} field{}", shortened(given, 80), words.size(), words.size() == 1 ? "" : "s");
  std::vector<std::bitset<64>> read;
  for (std::size_t i = 0; i < words.size(); ++i) {
    TRY(auto one, (Reading{parts[i], field}.read(words[i])));
    read.push_back(one);
  }
  Cron const cron{.minutes = narrowed<60>(read[0]),
                  .hours = narrowed<24>(read[1]),
                  .days = narrowed<32>(read[2]),
                  .months = narrowed<13>(read[3]),
                  .weekdays = narrowed<7>(read[4]),
                  .any_day = words[2].starts_with('*'),
                  .any_weekday = words[4].starts_with('*')};
  // Days of month and week repeat after 400 years: what has not come by then never does.
  constexpr std::int64_t days_in_400_years = 146'097;
  for (std::int64_t day = 0; day < days_in_400_years; ++day)
    if (cron.comes_on(date_of(day))) return cron;
  return fail_field(std::string(field), "a day that one of its months has", "\"{}\" never comes: no month of it has such a day", shortened(given, 80));
}

}  // namespace nav
