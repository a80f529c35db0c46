// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "mig/geometry.h"

namespace nav::mig {

/// What the bare placement loop did. Whoever calls it holds the clock.
struct Churn {
  std::uint64_t pairs = 0;     ///< placements made, each after a release
  std::uint64_t refused = 0;   ///< arrivals that fitted nowhere
  std::uint64_t checksum = 0;  ///< of every choice: equal for equal arguments, and nothing can be optimised away
};

/// Fills `gpus` GPUs of one board to `load` (0 to 1) of their memory slices from the even mix, then goes on releasing random instances
/// and placing random profiles at that load until `pairs` are placed.
Churn churn(Geometry const& geometry, std::uint32_t gpus, std::uint64_t pairs, double load, std::uint64_t seed);

}  // namespace nav::mig
