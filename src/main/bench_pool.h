// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/command.h"
#include "plan/plan.h"

namespace nav::bench {

/// What a DGX A100 reports of itself when it joins.
Inventory dgx_inventory(std::string const& name);
NodeStatus first_status(NodeId node, Inventory const& inventory);

/// A pool driven through decide and apply as the controller drives it, without a journal.
struct BenchPool {
  Pool pool;
  PlanIndex index;

  Result<void> command(PoolCommand const& what);
  /// Nodes of eight A100 each, ready.
  Result<void> add_nodes(std::uint32_t count);
  /// The attempt has ended well; its job is over.
  void finish(AttemptId attempt);

 private:
  std::uint64_t sequence_ = 0;
  std::int64_t clock_us_ = 1'000'000;
};

}  // namespace nav::bench
