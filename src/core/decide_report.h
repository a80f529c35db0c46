// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/command.h"

namespace nav {

/// What a node's report comes to: jobs started and ended, hardware that came, went or failed.
Result<std::vector<PoolEvent>> decide_report(Pool const& pool, NodeStatus const& status, Asked const& asked);

/// Ends an attempt and says what becomes of its job: done, failed, or back into the queue.
void conclude(Pool const& pool, Job const& job, AttemptEnded ended, std::vector<PoolEvent>& events);

}  // namespace nav
