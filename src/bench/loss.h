// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/describe/class.hpp>

#include "bench/policies.h"

namespace nav::bench {

/// Steady loss: what does not fit when it comes is refused.
struct LossWorld {
  mig::Geometry const* geometry = nullptr;
  mig::Mix mix;
  double rho = 1;
  std::uint32_t gpus = 100;
  std::uint64_t seed = 1;
  std::uint64_t arrivals = 40'000;  ///< counted; before them five mean service times pass uncounted
};

struct Acceptance {
  std::uint64_t accepted = 0;
  double by_count = 0;   ///< part of requests
  double by_slices = 0;  ///< part of memory slices asked for
  double ci95 = 0;       ///< half width of the 95 % interval of by_slices, from the means of 20 batches
  bool operator==(Acceptance const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Acceptance, (), (accepted, by_count, by_slices, ci95))

struct LossResult {
  Acceptance acceptance;
  std::uint64_t moves = 0;
  double moves_per_job = 0;  ///< accepted
};

LossResult run_loss(LossWorld const& world, Policy const& policy);

/// The same arrivals, each accepted if and only if all that runs and it could be packed anew on the GPUs: what free moves at any time could reach
/// without refusing on purpose.
Acceptance run_repack_oracle(LossWorld const& world);

}  // namespace nav::bench
