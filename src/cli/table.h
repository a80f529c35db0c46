// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/terminal.h"

namespace nav::cli {

/// One field of a table.
struct Cell {
  Cell(std::string t = {}, Paint p = Paint::Plain) : text(std::move(t)), paint(p) {}
  Cell(char const* t) : text(t) {}
  std::string text;
  Paint paint = Paint::Plain;
};

/// What becomes of a column where the terminal is too narrow, or where there is nothing in it.
enum class Fit {
  Keep,      ///< always shown whole
  Shrink,    ///< cut where needed, the widest first
  Optional,  ///< as Shrink, and left out when all of it is empty
};
enum class Align { Left, Right };

struct Column {
  std::string head;
  Fit fit = Fit::Keep;
  Align align = Align::Left;
};

/// Rows under a head, in columns that fit the terminal. Elsewhere nothing is cut.
class Table {
 public:
  explicit Table(std::vector<Column> columns);
  void add(std::vector<Cell> row);
  bool is_empty() const { return rows_.empty(); }
  std::string text(Terminal const& terminal) const;

 private:
  std::vector<std::size_t> widths(std::size_t limit) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

/// Names and what they are, one a line, names aligned: how a single thing is shown. Pairs with an empty value are left out.
std::string fields_text(std::vector<std::pair<std::string, Cell>> const& fields, Terminal const& terminal);

}  // namespace nav::cli
