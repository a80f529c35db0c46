// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace nav::bench {

/// A linear program: the most of c x where A x <= b and x >= 0, with b >= 0, so that nothing is a beginning. For bounds of some hundred rows and
/// some thousand columns.
class PackingProgram {
 public:
  struct Solution {
    double value = 0;
    std::vector<double> columns;  ///< x
    std::vector<double> rows;     ///< what one more of each limit would be worth: the solution of the dual
  };

  std::size_t add_row(double limit);
  /// What one of it is worth, and what it takes of which rows.
  std::size_t add_column(double worth, std::vector<std::pair<std::size_t, double>> takes);
  Solution solve() const;

 private:
  std::vector<double> limits_;
  std::vector<double> worth_;
  std::vector<std::vector<std::pair<std::size_t, double>>> takes_;
};

}  // namespace nav::bench
