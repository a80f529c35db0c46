// SPDX-License-Identifier: Apache-2.0
#include "replay/csv.h"

#include <utility>

namespace nav::replay {
namespace {

/// Takes the first line off.
std::string_view take_line(std::string_view& text) {
  auto const end = text.find('\n');
  auto line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  std::string cell;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    char const c = line[i];
    if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
      cell += line[++i];
    } else if (c == '"' && (quoted || trimmed(cell).empty())) {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back(trimmed(std::exchange(cell, {})));
    } else {
      cell += c;
    }
  }
  cells.emplace_back(trimmed(cell));
  return cells;
}

Csv::Csv(std::string_view text) : body_(text) {
  if (body_.starts_with("\xEF\xBB\xBF")) body_.remove_prefix(3);  // a byte order mark, as spreadsheets write it
  names_ = cells_of(take_line(body_));
  for (std::size_t i = 0; i < names_.size(); ++i) columns_.try_emplace(names_[i], i);
}

std::uint64_t Csv::lines() const {
  std::uint64_t lines = 0;
  for (auto rest = body_; !rest.empty();) lines += !take_line(rest).empty();
  return lines;
}

std::string_view Csv::Line::operator[](std::string_view name) const {
  auto const column = of->columns_.find(name);
  return column == of->columns_.end() || column->second >= cells.size() ? std::string_view{} : cells[column->second];
}

void Csv::each(std::function<void(Line const&)> const& visit) const {
  Line line{.of = this};
  line.number = 1;
  for (auto rest = body_; !rest.empty();) {
    auto const text = take_line(rest);
    ++line.number;
    if (text.empty()) continue;
    line.cells = cells_of(text);
    visit(line);
  }
}

}  // namespace nav::replay
