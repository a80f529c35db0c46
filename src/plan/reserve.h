// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "plan/plan_index.h"

/// Which GPUs a job that fits nowhere should wait for, and until when.
namespace nav::plan {

/// When an attempt will have left its place.
struct Leaves {
  Time at;             ///< zero: nobody can say
  bool exact = false;  ///< by its time limit
};
Leaves leaves(Pool const& pool, Job const& seated);

/// Whether the GPU is one of those the template means, and can be given whole once nobody is on it.
bool gives_whole(Gpu const& gpu, Template const& t);

/// The GPUs of the pool that will be free first for this job, on whichever of its rungs. Nothing if it asks for no GPU, or none could ever be.
std::optional<Reservation> reserve(Pool const& pool, PlanIndex::Body const& body, RequestClass const& request, Job const& job);

/// The same for all members of a gang, at one site: one reservation a node.
std::vector<Reservation> reserve_for_gang(Pool const& pool, PlanIndex::Body const& body, RequestClass const& request, Gang const& gang);

/// A reservation held against the pool as it is now: false if it is to be given up, else with its time worked out anew.
bool renew(Pool const& pool, Reservation& reservation);

}  // namespace nav::plan
