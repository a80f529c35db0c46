// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/command.h"
#include "plan/plan.h"
#include "replay/menu.h"

namespace nav::replay {

/// A pool in virtual time, driven as the controller drives it, without a journal and without agents: what was told to be is.
class World {
 public:
  /// Every node joins and reports itself.
  Result<void> build(PoolPlan const& plan);

  /// Decides, applies, and refreshes the planner's index; the events.
  Result<std::vector<PoolEvent>> command(PoolCommand const& what, UserId by = {});
  void apply_all(std::vector<PoolEvent> const& events, UserId by = {});
  /// The placed attempt runs from now on.
  void start(JobId job);
  /// The attempt is over: well, or because it was told to stop.
  std::vector<PoolEvent> finish(JobId job, Outcome outcome);

  Pool pool;
  PlanIndex index;
  Time now;
  std::uint64_t events = 0;
};

}  // namespace nav::replay
