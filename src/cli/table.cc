// SPDX-License-Identifier: Apache-2.0
#include "cli/table.h"

#include <algorithm>
#include <numeric>

#include "base/ensure.h"

namespace nav::cli {

namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest = 6;

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add(std::vector<Cell> row) {
  ensure(row.size() == columns_.size(), "a row has a cell for every column");
  for (auto& cell : row) cell.text = printable(cell.text);
  rows_.push_back(std::move(row));
}

/// The width of each column; 0: it is left out.
std::vector<std::size_t> Table::widths(std::size_t limit) const {
  std::vector<std::size_t> width(columns_.size(), 0);
  for (auto const& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], columns_of(row[i].text));
  std::size_t shown = 0;
  for (std::size_t i = 0; i < width.size(); ++i) {
    if (width[i] == 0 && columns_[i].fit == Fit::Optional) continue;
    width[i] = std::max(width[i], columns_of(columns_[i].head));
    ++shown;
  }
  if (limit == 0 || shown == 0) return width;
  auto const total = [&] { return std::accumulate(width.begin(), width.end(), std::size_t{0}) + gap * (shown - 1); };
  while (total() > limit) {
    auto widest = width.end();
    for (auto it = width.begin(); it != width.end(); ++it) {
      auto const i = static_cast<std::size_t>(it - width.begin());
      bool const gives = columns_[i].fit != Fit::Keep && *it > std::max(narrowest, columns_of(columns_[i].head));
      if (gives && (widest == width.end() || *it > *widest)) widest = it;
    }
    if (widest == width.end()) break;
    --*widest;
  }
  return width;
}

std::string Table::text(Terminal const& terminal) const {
  auto const width = widths(terminal.width);
  std::size_t last = 0;
  for (std::size_t i = 0; i < width.size(); ++i)
    if (width[i] != 0) last = i;
  std::string out;
  auto const put = [&](std::size_t i, std::string const& whole, Paint paint) {
    if (width[i] == 0) return;
    std::string const text = cut_to(whole, width[i]);
    std::string const space(width[i] - columns_of(text), ' ');
    if (columns_[i].align == Align::Right) out += space;
    out += terminal.painted(paint, text);
    if (i == last) return;
    if (columns_[i].align == Align::Left) out += space;
    out += std::string(gap, ' ');
  };
  auto const end_line = [&] {
    while (!out.empty() && out.back() == ' ') out.pop_back();
    out += '\n';
  };
  for (std::size_t i = 0; i < columns_.size(); ++i) put(i, columns_[i].head, Paint::Dim);
  end_line();
  for (auto const& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) put(i, row[i].text, row[i].paint);
    end_line();
  }
  return out;
}

std::string fields_text(std::vector<std::pair<std::string, Cell>> const& fields, Terminal const& terminal) {
  std::size_t width = 0;
  for (auto const& [name, cell] : fields)
    if (!cell.text.empty()) width = std::max(width, columns_of(name));
  std::string out;
  for (auto const& [name, cell] : fields) {
    if (cell.text.empty()) continue;
    out += terminal.painted(Paint::Dim, name) + std::string(width - columns_of(name) + gap, ' ');
    out += terminal.painted(cell.paint, printable(cell.text)) + "\n";
  }
  return out;
}

}  // namespace nav::cli
