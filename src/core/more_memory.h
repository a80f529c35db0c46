// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/pool.h"

/// Where a job goes that ran out of memory. It always comes to more than it had, so it climbs a few times at most.
namespace nav {

struct ComputeList {
  std::vector<std::string> on;
  std::vector<RungLimits> limits;  ///< of each rung; empty: none has any
};

/// The compute list with which a seated job begins anew after it ran out of memory: the rungs of its own list that have more, in their order; if
/// none has, the smallest profile of the board it ran on that has more, on a template it may use, on the terms of the rung it had. The error
/// is the reason why there is nothing larger, as half a sentence.
Result<ComputeList> with_more_memory(Pool const& pool, Job const& job, Memory short_of);

}  // namespace nav
