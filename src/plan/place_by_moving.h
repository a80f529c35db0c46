// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mig/moves.h"
#include "plan/plan.h"

namespace nav {

/// What moving a running job costs: the work since its checkpoint, its restart, the cutting. Whoever knows says.
using PriceOfMove = std::function<Duration(Job const&)>;

/// A waiting job has a place once others have moved. All movers stop first; only then is anybody placed.
struct PlaceByMoving {
  PlaceJob place;
  std::vector<PlaceJob> moves;  ///< each victim with its new place
  Duration price;               ///< of all moves
};

/// The cheapest way for a job of this class to get a slice by moving others, rung by rung; nothing when there is none. Only running jobs that said they can
/// be restarted, and are not being stopped, move, each to a slice of the same profile on the same kind of board and to a node with processors
/// and memory for it. Nobody moves for what place() finds. Reads all slices of the pool once for each rung, so ask it for the
/// foremost who waits and not for everybody; what comes after that does not grow with the pool (mig/moves.h).
std::optional<PlaceByMoving> place_by_moving(Pool const& pool, PlanIndex const& index, RequestClass const& request, JobId job, mig::MoveLimits const& limits,
                                             PriceOfMove const& price);

}  // namespace nav
