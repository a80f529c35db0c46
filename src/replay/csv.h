// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// Files of comma-separated values as traces come in: a line a job, names in the first line, cells that may stand in double quotes.
namespace nav::replay {

/// The cells of one line. A quote that is never closed ends with the line.
std::vector<std::string> cells_of(std::string_view line);

/// The lines of a file after its first, each by the names in that one.
class Csv {
 public:
  explicit Csv(std::string_view text);

  std::vector<std::string> const& names() const { return names_; }
  bool has(std::string_view name) const { return columns_.contains(name); }
  /// Lines that are not empty, the first not counted.
  std::uint64_t lines() const;

  /// One line: what stands under a name, or nothing where the line has no such cell.
  struct Line {
    std::uint64_t number = 0;  ///< in the file, from 1
    Csv const* of = nullptr;
    std::vector<std::string> cells;

    std::string_view operator[](std::string_view name) const;
  };
  void each(std::function<void(Line const&)> const& visit) const;

 private:
  std::string_view body_;
  std::vector<std::string> names_;
  std::map<std::string, std::size_t, std::less<>> columns_;
};

}  // namespace nav::replay
