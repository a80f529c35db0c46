// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/plan.h"

namespace nav::plan {

/// What of a job's waiting has to do with others' rights: quotas, reservations, room that is being made, and its share. Where that is the
/// dominant reason it takes the sentence's place.
void add_share(Pool const& pool, PlanIndex const& index, Job const& job, RequestClass const& request, Reason& reason);

}  // namespace nav::plan
