// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "plan/plan.h"

namespace nav {

/// What moving a running job costs: the slice-time of work that is lost, of the restart and of the cutting. A job says no more of itself than that it
/// can begin anew, so all it has done since its start counts as lost.
double price_of_moving(Job const& job, Time now);

/// A waiting job has a place once others have moved.
struct PlaceByMoving {
  MoveJobs plan;
  double price = 0;  ///< slice-seconds, of all moves
  double saves = 0;  ///< slice-seconds: the wait that is expected otherwise, times what the job asks for
  /// Only what saves more than it costs is worth it.
  bool is_worth_it() const { return price < saves; }
};

/// The cheapest way for a waiting job to have a place on one of its open rungs by moving others; the rungs in their order. A slice: mig/moves.h finds
/// who moves, within its GPU, to another, or in a chain. Whole GPUs: those of one node whose jobs are cheapest to move, and a place for each of these.
/// Nobody moves for what place() finds. The plan is one that `decide` takes. Reads all slices of the pool once for each rung, so ask it for the
/// foremost who waits and not for everybody.
std::optional<PlaceByMoving> place_by_moving(Pool const& pool, PlanIndex const& index, RequestClass const& request, Job const& job);

}  // namespace nav
