// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/random.h"
#include "mig/scores.h"

namespace nav::bench {

/// Times are in mean service times.
struct Arrival {
  double at = 0;
  double lasts = 0;
  std::uint8_t profile = 0;
};

/// Poisson arrivals with exponential service. Each kind of chance has a stream of its own, so equal seeds give every policy the same.
class Arrivals {
 public:
  /// `a_time`: how many come in one mean service time.
  Arrivals(mig::Mix const& mix, double a_time, std::uint64_t seed);
  Arrival next();

 private:
  mig::Mix mix_;
  double a_time_;
  double now_ = 0;
  Random gaps_, services_, profiles_;
};

/// How many arrive in one mean service time where load `rho` asks for that part of all memory slices.
double arrivals_a_time(mig::Geometry const& geometry, mig::Mix const& mix, double rho, std::uint32_t gpus);

/// An exponential with mean 1.
double exponential(Random& random);

}  // namespace nav::bench
