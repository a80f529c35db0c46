// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

/// The files of an attempt folder are lines of text, `key value`, between a first line that says what the file is and in which
/// version, and a last line `end`, so that a torn file is noticed:
///
///     nav-lease 1
///     deadline 93123456789
///     end
///
/// Not JSON, because a supervisor stays in memory as long as its job and must stay small, and because it outlives agents and
/// upgrades: keys a reader does not know are skipped, another version is refused.
namespace nav::supervisor {

/// What can go wrong here is told in a sentence; the agent's side of the library (attempt_folder.h) makes an Error of it.
template <class T>
using Checked = tl::expected<T, std::string>;
using Refused = tl::unexpected<std::string>;

class LineWriter {
 public:
  LineWriter(std::string_view kind, int version);
  /// A value may hold anything but NUL: line ends and backslashes are escaped.
  LineWriter& add(std::string_view key, std::string_view value);
  LineWriter& add_number(std::string_view key, std::int64_t value);
  std::string finish() &&;

 private:
  std::string text_;
};

class LineReader {
 public:
  static constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

  static Checked<LineReader> open(std::string_view text, std::string_view kind, int version);

  /// Absent keys leave `out` as it is. What is wrong is remembered; ask problem() once at the end.
  void read(std::string_view key, std::string& out);
  void read(std::string_view key, std::vector<std::string>& out);
  /// Also refuses numbers outside [low, high].
  void read(std::string_view key, std::int64_t& out, std::int64_t low, std::int64_t high);
  bool has(std::string_view key) const;
  /// The first thing that was wrong; empty when all was well.
  std::string const& problem() const { return problem_; }
  void refuse(std::string why);

 private:
  std::vector<std::pair<std::string, std::string>> lines_;
  std::string problem_;
};

}  // namespace nav::supervisor
