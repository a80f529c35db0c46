// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/ranges.h>
#include <memory>
#include <utility>

#include "base/text.h"
#include "cli/syntax.h"

namespace nav::cli {

namespace {

template <class T>
Result<T> whole_number(std::string_view text) {
  T value{};
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range)
    return wrong(fmt::format("{} is too large", shortened(text, 40)), fmt::format("at most {}", std::numeric_limits<T>::max()));
  if (error != std::errc{} || end != text.data() + text.size()) return wrong(fmt::format("\"{}\" is not a whole number", shortened(text, 40)), "");
  return value;
}

template <class T>
Take number(T& value) {
  return [&value](std::string_view text) -> Result<void> {
    TRY(value, whole_number<T>(text));
    return {};
  };
}

template <class T>
Take optional_number(std::optional<T>& value) {
  return [&value](std::string_view text) -> Result<void> {
    TRY(value, whole_number<T>(text));
    return {};
  };
}

Result<void> check_word(std::string_view text, std::vector<std::string> const& words) {
  if (std::find(words.begin(), words.end(), text) != words.end()) return {};
  return wrong(fmt::format("\"{}\" is not one of the words possible here", shortened(text, 40)), fmt::format("one of {}", fmt::join(words, ", ")));
}

Result<Duration> length_of_time(std::string_view text) {
  TRY(Duration const length, parse_duration(text));
  if (length.us <= 0) return wrong(fmt::format("{} is no length of time", shortened(text, 40)), "write 90s, 15m, 1h30m or 2d; leave it out for none");
  return length;
}

}  // namespace

Take into(std::string& value) {
  return [&value](std::string_view text) -> Result<void> {
    value = text;
    return {};
  };
}

Take into(std::optional<std::string>& value) {
  return [&value](std::string_view text) -> Result<void> {
    value = text;
    return {};
  };
}

Take into(std::vector<std::string>& values) {
  return [&values](std::string_view text) -> Result<void> {
    values.emplace_back(text);
    return {};
  };
}

Take into(Duration& value) {
  return [&value](std::string_view text) -> Result<void> {
    TRY(value, length_of_time(text));
    return {};
  };
}

Take into(std::optional<Duration>& value) {
  return [&value](std::string_view text) -> Result<void> {
    TRY(value, length_of_time(text));
    return {};
  };
}

Take into(std::uint32_t& value) { return number(value); }
Take into(std::uint64_t& value) { return number(value); }
Take into(std::int32_t& value) { return number(value); }
Take into(std::optional<std::uint32_t>& value) { return optional_number(value); }
Take into(std::optional<std::int32_t>& value) { return optional_number(value); }

Take into(std::map<std::string, std::string>& pairs) {
  return [&pairs](std::string_view text) -> Result<void> {
    auto const equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) return wrong(fmt::format("\"{}\" has no name before a =", shortened(text, 40)), "write KEY=VALUE");
    pairs[std::string(text.substr(0, equals))] = text.substr(equals + 1);
    return {};
  };
}

namespace {

Result<double> real_number(std::string_view text) {
  double value = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return wrong(fmt::format("\"{}\" is not a number", shortened(text, 40)), "write 0.9");
  return value;
}

/// Several with commas, or the option several times. The first that is written replaces the default.
template <class T, class Read>
Take list_of(std::vector<T>& values, Read read) {
  return [&values, read, written = std::make_shared<bool>(false)](std::string_view text) -> Result<void> {
    if (!std::exchange(*written, true)) values.clear();
    for (auto const part : split(text, ',')) TRY_VOID(read(part, values));
    return {};
  };
}

template <class T>
Take numbers(std::vector<T>& values) {
  return list_of(values, [](std::string_view part, std::vector<T>& all) -> Result<void> {
    auto const dash = part.find('-');
    TRY(T const first, whole_number<T>(part.substr(0, dash)));
    TRY(T const last, dash == std::string_view::npos ? Result<T>(first) : whole_number<T>(part.substr(dash + 1)));
    if (last < first || last - first > 10'000) return wrong(fmt::format("\"{}\" is not a range", shortened(part, 40)), "write 1-8");
    for (T value = first; value <= last; ++value) all.push_back(value);
    return {};
  });
}

}  // namespace

Take into_list(std::vector<std::uint32_t>& values) { return numbers(values); }
Take into_list(std::vector<std::uint64_t>& values) { return numbers(values); }

Take into_list(std::vector<double>& values) {
  return list_of(values, [](std::string_view part, std::vector<double>& all) -> Result<void> {
    TRY(double const value, real_number(part));
    all.push_back(value);
    return {};
  });
}

Take into(std::optional<double>& value) {
  return [&value](std::string_view text) -> Result<void> {
    TRY(value, real_number(text));
    return {};
  };
}

Take into_list(std::vector<std::string>& values) {
  return list_of(values, [](std::string_view part, std::vector<std::string>& all) -> Result<void> {
    all.emplace_back(part);
    return {};
  });
}

Take into_mib(std::uint64_t& mib) {
  return [&mib](std::string_view text) -> Result<void> {
    TRY(mib, parse_mib(text));
    return {};
  };
}

Take into_money(std::optional<std::int64_t>& micro) {
  return [&micro](std::string_view text) -> Result<void> {
    TRY(micro, parse_money(text));
    return {};
  };
}

Take into_milli(std::uint32_t& milli) {
  return [&milli](std::string_view text) -> Result<void> {
    double value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0.001) || value > 1e6)
      return wrong(fmt::format("\"{}\" is not a number of processors", shortened(text, 40)), "write 4 or 0.5");
    milli = static_cast<std::uint32_t>(value * 1000 + 0.5);
    return {};
  };
}

Take into_word(std::string& value, std::vector<std::string> words) {
  return [&value, words = std::move(words)](std::string_view text) -> Result<void> {
    TRY_VOID(check_word(text, words));
    value = text;
    return {};
  };
}

Take into_words(std::vector<std::string>& values, std::vector<std::string> words) {
  return [&values, words = std::move(words)](std::string_view text) -> Result<void> {
    for (auto const part : split(text, ',')) {
      TRY_VOID(check_word(part, words));
      values.emplace_back(part);
    }
    return {};
  };
}

Take into_switch(bool& value) {
  return [&value](std::string_view) -> Result<void> {
    value = true;
    return {};
  };
}

}  // namespace nav::cli
