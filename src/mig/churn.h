// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "mig/geometry.h"

namespace nav::mig {

/// The bare placement loop, for benchmarks: whoever calls it holds the clock.
struct Churn {
  std::uint64_t pairs = 0;     ///< placements made, each with one release
  std::uint64_t refused = 0;   ///< arrivals that fitted nowhere
  std::uint64_t checksum = 0;  ///< of every choice, so that two runs can be compared and nothing is optimised away
};

/// Fills a pool of `gpus` GPUs of one board to `load` (0 to 1) of its memory slices with the profiles of the even mix, then `pairs` times
/// releases a random instance and places a random profile.
Churn churn(Geometry const& geometry, std::uint32_t gpus, std::uint64_t pairs, double load, std::uint64_t seed);

}  // namespace nav::mig
