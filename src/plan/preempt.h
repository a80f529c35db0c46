// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "plan/plan.h"

namespace nav::plan {

/// Where stopping others would make room for this waiting job, at the least price: the slice-time that is lost, and a little for every attempt that is
/// stopped. A set is one window of one GPU, or whole GPUs of one node. Who may be stopped says core/preemption.h, and `decide` once more.
/// Costs a walk over all GPUs.
std::optional<PlaceJob> make_room(Pool const& pool, RequestClass const& request, Job const& job);

}  // namespace nav::plan
