// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include "base/calendar.h"
#include "base/id.h"

namespace nav {

namespace {

/// Letters added, left out, changed or swapped with their neighbour.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> above(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) next[j] = std::min(next[j], above[j - 2] + 1);
    }
    std::swap(above, row);
    std::swap(row, next);
  }
  return row.back();
}

struct Unit {
  std::string_view name;
  std::int64_t us;
};
constexpr Unit units[] = {{"d", 86'400'000'000}, {"h", 3'600'000'000}, {"m", 60'000'000}, {"s", 1'000'000}, {"ms", 1'000}, {"us", 1}};

}  // namespace

std::vector<std::string> nearest(std::string_view word, std::vector<std::string> const& known) {
  std::vector<std::pair<std::size_t, std::string>> found;
  for (auto const& name : known) {
    std::size_t const distance = edit_distance(word, name);
    bool const part = word.size() >= 3 && name.find(word) != std::string::npos;
    if (distance <= std::max<std::size_t>(1, std::max(word.size(), name.size()) / 3) || part) found.emplace_back(part ? 0 : distance, name);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> out;
  for (auto const& [distance, name] : found)
    if (out.size() < 3) out.push_back(name);
  return out;
}

std::string shortened(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  while (limit > 0 && (text[limit] & 0xC0) == 0x80) --limit;  // half a character would not be UTF-8
  return std::string(text.substr(0, limit)) + "...";
}

Result<Duration> parse_duration(std::string_view text) {
  auto const refuse = [&] {
    return Unexpected(Error{ErrorKind::InvalidArgument, fmt::format("\"{}\" is not a length of time", shortened(text, 40)), "write 90s, 15m, 1h30m or 2d", ""});
  };
  std::int64_t total = 0;
  std::string_view rest = text;
  if (rest.empty()) return refuse();
  while (!rest.empty()) {
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc{} || number < 0) return refuse();
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    auto const letters = std::find_if(rest.begin(), rest.end(), [](char c) { return c >= '0' && c <= '9'; });
    std::string_view const name = rest.substr(0, static_cast<std::size_t>(letters - rest.begin()));
    auto const unit = std::find_if(std::begin(units), std::end(units), [&](Unit u) { return u.name == (name.empty() ? "s" : name); });
    std::int64_t part = 0;
    if (unit == std::end(units) || __builtin_mul_overflow(number, unit->us, &part) || __builtin_add_overflow(total, part, &total)) return refuse();
    rest.remove_prefix(name.size());
  }
  return Duration{total};
}

std::string to_text(Duration duration) {
  std::int64_t rest = duration.us < 0 ? -duration.us : duration.us;
  std::string out = duration.us < 0 ? "-" : "";
  if (rest < 1'000) return fmt::format("{}{}us", out, rest);
  if (rest < 1'000'000) return fmt::format("{}{}ms", out, rest / 1000);
  if (rest < 10'000'000 && rest % 1'000'000 != 0) return fmt::format("{}{:.1f}s", out, static_cast<double>(rest) / 1e6);
  int shown = 0;
  for (auto const& unit : units) {
    std::int64_t const n = rest / unit.us;
    if ((n == 0 && shown == 0) || unit.us < 1'000'000) continue;
    if (n != 0) out += fmt::format("{}{}", n, unit.name);
    rest -= n * unit.us;
    if (++shown == 2) break;
  }
  return out;
}

std::string to_text(Time time) {
  std::int64_t const us_a_day = 86'400'000'000;
  std::int64_t day = time.us / us_a_day, rest = time.us % us_a_day;
  if (rest < 0) rest += us_a_day, --day;
  Date const date = date_of(day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", date.year, date.month, date.day, rest / 3'600'000'000, rest / 60'000'000 % 60,
                     rest / 1'000'000 % 60, rest % 1'000'000);
}

Result<std::uint64_t> parse_mib(std::string_view text) {
  double number = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view const unit = text.substr(static_cast<std::size_t>(end - text.data()));
  double const scale = unit.empty() || unit == "M" || unit == "MiB" || unit == "m" ? 1
                       : unit == "G" || unit == "GiB" || unit == "g"               ? 1024
                       : unit == "T" || unit == "TiB" || unit == "t"               ? 1024 * 1024
                                                                                   : 0;
  double const mib = number * scale;
  if (error != std::errc{} || scale == 0 || !(mib >= 1) || mib > 1e12)
    return Unexpected(Error{ErrorKind::InvalidArgument, fmt::format("\"{}\" is not an amount of memory", shortened(text, 40)), "write 512M, 16G or 1T", ""});
  return static_cast<std::uint64_t>(mib);
}

std::string mib_text(std::uint64_t mib) {
  if (mib < 1024) return fmt::format("{} MiB", mib);
  double const gib = static_cast<double>(mib) / 1024;
  return gib == std::floor(gib) ? fmt::format("{:.0f} GiB", gib) : fmt::format("{:.1f} GiB", gib);
}

Result<std::int64_t> parse_money(std::string_view text) {
  auto const refuse = [&] {
    return Unexpected(Error{ErrorKind::InvalidArgument, fmt::format("\"{}\" is not an amount of money", shortened(text, 40)), "write 3, 2.50 or 0.125", ""});
  };
  auto const digits = [](std::string_view part) { return std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; }); };
  auto const point = text.find('.');
  std::string_view const whole = text.substr(0, point), rest = point == text.npos ? "0" : text.substr(point + 1);
  if (whole.empty() || whole.size() > 12 || rest.empty() || rest.size() > 6 || !digits(whole) || !digits(rest)) return refuse();
  std::string places(rest);
  places.resize(6, '0');
  std::uint64_t whole_units = 0, fraction = 0;
  if (!read_number(whole, whole_units) || !read_number(places, fraction)) return refuse();
  return static_cast<std::int64_t>(whole_units * 1'000'000 + fraction);
}

std::string money_text(std::int64_t micro) {
  std::uint64_t const all = micro < 0 ? 0 - static_cast<std::uint64_t>(micro) : static_cast<std::uint64_t>(micro);
  std::string text = fmt::format("{}{}.{:06}", micro < 0 ? "-" : "", all / 1'000'000, all % 1'000'000);
  std::size_t places = 6;
  for (; places > 2 && text.back() == '0'; --places) text.pop_back();
  return text;
}

Result<void> check_name(std::string_view name, std::string const& field) {
  auto const plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  bool const good = !name.empty() && name.size() <= 63 && plain(name.front()) && plain(name.back()) &&
                    std::all_of(name.begin(), name.end(), [&](char c) { return plain(c) || c == '-' || c == '.' || c == '_'; });
  if (good) return {};
  return fail_field(field, "lower-case letters, digits and - . _ between them, 1 to 63 characters", "\"{}\" cannot be a name", shortened(name, 70));
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    auto const at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

}  // namespace nav
