// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "experiments/store.h"
#include "http/call.h"

namespace nav::http {

/// A run has logged these points. If it is of a trial that is compared with others and does worse, the trial is asked to be ended. Nothing is
/// remembered: what is missed now, as when the controller dies, is seen at the next point.
void compare_with_others(Api& api, Call const& call, experiments::Store const& store, experiments::Run const& run,
                         std::vector<experiments::Point> const& logged);

}  // namespace nav::http
