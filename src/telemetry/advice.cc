// SPDX-License-Identifier: Apache-2.0
#include "telemetry/advice.h"

#include <algorithm>
#include <tuple>

namespace nav::telemetry {

std::optional<Piece> smaller_piece(std::vector<Piece> const& possible, Piece const& held, Taken const& taken) {
  double const memory = static_cast<double>(taken.most_memory_mib) * (1 + spare);
  double const compute = taken.most_activity ? std::min(1.0, *taken.most_activity * (1 + spare)) * held.compute_slices : held.compute_slices;
  std::optional<Piece> best;
  for (Piece const& one : possible) {
    if (one.memory_slices >= held.memory_slices || static_cast<double>(one.memory_mib) < memory || one.compute_slices < compute) continue;
    if (!best || std::tie(one.memory_slices, one.compute_slices) < std::tie(best->memory_slices, best->compute_slices)) best = one;
  }
  return best;
}

}  // namespace nav::telemetry
