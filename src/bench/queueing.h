// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "bench/policies.h"

namespace nav::bench {

/// Who goes next of those who wait: the oldest or nobody, or whoever fits, the oldest first.
enum class Discipline { Fifo, Backfill };
BOOST_DESCRIBE_ENUM(Discipline, Fifo, Backfill)

/// What a move costs, in mean service times.
struct Prices {
  double checkpoint = 0;  ///< interval between checkpoints: what was computed since the last is computed again
  double restart = 0;
  double cutting = 0;
};

struct QueueWorld {
  mig::Geometry const* geometry = nullptr;
  mig::Mix mix;
  double rho = 0.92;
  std::uint32_t gpus = 100;
  std::uint64_t seed = 1;
  std::uint64_t arrivals = 40'000;  ///< counted; before them twenty mean service times pass uncounted
  Discipline discipline = Discipline::Backfill;
  Prices prices;
  /// A plan is carried out if the sum of its prices is below kappa times the time it saves, which is taken to be a service time over the number of
  /// tenants whose end alone would help; under FIFO times those who wait behind, up to 32.
  double kappa = 1;
  double movable = 1;  ///< part of the jobs
};

struct QueueResult {
  double mean_wait = 0;          ///< in mean service times
  double ci95 = 0;               ///< half width, from the means of 20 batches
  double mean_wait_largest = 0;  ///< of the largest profile
  double moved = 0;              ///< moves for each job
  double lost = 0;               ///< slice-time that moves cost, as a part of the slice-time of all work
};
BOOST_DESCRIBE_STRUCT(QueueResult, (), (mean_wait, ci95, mean_wait_largest, moved, lost))

/// Nobody is refused; a policy's moves are priced.
QueueResult run_queue(QueueWorld const& world, Policy const& policy);

/// The same arrivals, where all that runs may be packed anew at no price whenever that lets somebody in.
QueueResult run_queue_oracle(QueueWorld const& world);

}  // namespace nav::bench
