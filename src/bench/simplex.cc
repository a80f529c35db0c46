// SPDX-License-Identifier: Apache-2.0
#include "bench/simplex.h"

#include <cmath>
#include <optional>

#include "base/ensure.h"

namespace nav::bench {
namespace {

constexpr double kNothing = 1e-9;

}  // namespace

std::size_t PackingProgram::add_row(double limit) {
  ensure(limit >= 0, "nothing is a beginning");
  limits_.push_back(limit);
  return limits_.size() - 1;
}

std::size_t PackingProgram::add_column(double worth, std::vector<std::pair<std::size_t, double>> takes) {
  worth_.push_back(worth);
  takes_.push_back(std::move(takes));
  return worth_.size() - 1;
}

PackingProgram::Solution PackingProgram::solve() const {
  // The tableau in dense form: rows of limits, columns of the program, then one of slack a row, then the right side.
  auto const rows = limits_.size(), columns = worth_.size(), width = columns + rows + 1;
  std::vector<double> table((rows + 1) * width, 0.0);
  auto const at = [&](std::size_t row, std::size_t column) -> double& { return table[row * width + column]; };
  for (std::size_t c = 0; c < columns; ++c) {
    for (auto const& [row, much] : takes_[c]) at(row, c) += much;
    at(rows, c) = -worth_[c];
  }
  std::vector<std::size_t> basis(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    at(r, columns + r) = 1;
    // A little more of each, differently, so that no two limits are met at once and no step stands still.
    at(r, width - 1) = limits_[r] + 1e-7 * static_cast<double>(r + 1) / static_cast<double>(rows);
    basis[r] = columns + r;
  }
  while (true) {
    std::size_t enters = width - 1;
    double most = -kNothing;
    for (std::size_t c = 0; c + 1 < width; ++c)
      if (at(rows, c) < most) most = at(rows, c), enters = c;
    if (enters == width - 1) break;
    std::optional<std::size_t> leaves;
    for (std::size_t r = 0; r < rows; ++r)
      if (at(r, enters) > kNothing && (!leaves || at(r, width - 1) * at(*leaves, enters) < at(*leaves, width - 1) * at(r, enters))) leaves = r;
    ensure(leaves, "what is limited has a most");
    double const pivot = at(*leaves, enters);
    for (std::size_t c = 0; c < width; ++c) at(*leaves, c) /= pivot;
    for (std::size_t r = 0; r <= rows; ++r) {
      double const factor = at(r, enters);
      if (r == *leaves || std::abs(factor) < 1e-13) continue;
      double* const target = &at(r, 0);
      double const* const source = &at(*leaves, 0);
      for (std::size_t c = 0; c < width; ++c) target[c] -= factor * source[c];
    }
    basis[*leaves] = enters;
  }
  Solution solution{.value = at(rows, width - 1), .columns = std::vector<double>(columns, 0.0), .rows = {}};
  for (std::size_t r = 0; r < rows; ++r)
    if (basis[r] < columns) solution.columns[basis[r]] = at(r, width - 1);
  for (std::size_t r = 0; r < rows; ++r) solution.rows.push_back(at(rows, columns + r));
  return solution;
}

}  // namespace nav::bench
