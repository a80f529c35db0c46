// SPDX-License-Identifier: Apache-2.0
#include "bench/arrivals.h"

#include <cmath>

#include "bench/mixes.h"

namespace nav::bench {

double exponential(Random& random) { return -std::log1p(-random.uniform()); }

Arrivals::Arrivals(mig::Mix const& mix, double a_time, std::uint64_t seed)
    : mix_(mix), a_time_(a_time), gaps_(Random(seed).child("gaps")), services_(Random(seed).child("services")), profiles_(Random(seed).child("profiles")) {}

Arrival Arrivals::next() {
  now_ += exponential(gaps_) / a_time_;
  Arrival arrival{now_, exponential(services_), 0};
  double left = profiles_.uniform();
  std::size_t last = 0;
  for (std::size_t p = 0; p < mix_.size() && left >= 0; ++p) {
    if (mix_[p] == 0) continue;
    last = p;
    left -= mix_[p];
  }
  arrival.profile = static_cast<std::uint8_t>(last);
  return arrival;
}

double arrivals_a_time(mig::Geometry const& geometry, mig::Mix const& mix, double rho, std::uint32_t gpus) {
  return rho * gpus * geometry.board().memory_slices / mean_slices(geometry, mix);
}

}  // namespace nav::bench
