// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace nav {

/// At most three of `known` that a person may have meant by `word`, nearest first (edit distance at most a third of the length).
std::vector<std::string> nearest(std::string_view word, std::vector<std::string> const& known);

/// The first `limit` characters, with "..." where something was cut.
std::string shortened(std::string_view text, std::size_t limit);

/// "90s", "15m", "1h30m", "2d" or a number of seconds. InvalidArgument says what would be right.
Result<Duration> parse_duration(std::string_view text);
/// "250ms", "4s", "2m10s", "3h05m", "2d4h": two units at most, for people.
std::string to_text(Duration duration);
/// 2026-11-22T10:04:00.000000Z (RFC 3339).
std::string to_text(Time time);

/// "512M", "16G", "1T" or a number of MiB -> MiB. InvalidArgument says what would be right.
Result<std::uint64_t> parse_mib(std::string_view text);
/// "512 MiB", "19.5 GiB".
std::string mib_text(std::uint64_t mib);

/// "2.50", "0.125" -> millionths of the installation's one currency. InvalidArgument says what would be right.
Result<std::int64_t> parse_money(std::string_view text);
/// "2.50", "0.125", "0.00": two places at least, six at most.
std::string money_text(std::int64_t micro);

/// Lower-case letters, digits and inner "-._", 1 to 63 characters: names of jobs, nodes, projects, templates.
Result<void> check_name(std::string_view name, std::string const& field);

/// Parts between separators, empty parts kept.
std::vector<std::string_view> split(std::string_view text, char separator);

}  // namespace nav
