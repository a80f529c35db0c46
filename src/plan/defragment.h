// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "plan/plan.h"

namespace nav {

/// How many more of a template the pool could take, one kind alone.
struct FreePlaces {
  std::string on;
  std::uint64_t before = 0, after = 0;
};

/// A plan to bring together what is free: GPUs with few jobs that may move are emptied into the gaps on others. Made when an administrator asks; the
/// planner itself moves nobody for whom nobody waits.
struct Defragmentation {
  MoveJobs plan;                   ///< without moves: there is nothing to gain
  double price = 0;                ///< slice-seconds of work that are lost
  std::uint32_t emptied = 0;       ///< GPUs
  std::vector<FreePlaces> places;  ///< of which there are others afterwards
};

/// At most `most` moves. Every GPU that is emptied costs the least of those left.
Defragmentation defragment(Pool const& pool, std::size_t most, Time now);

}  // namespace nav
