// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controller/controller.h"

namespace nav {

/// One step under way: nothing of it is told to anybody before it is durable.
struct Controller::Step {
  Time now;
  State before;  // to go back to if the journal refuses
  std::vector<Frame> frames{};
  std::vector<Blob> blobs{};
  std::vector<PendingAsk> asks{};
  struct Sync {
    NodeId node;
    std::uint64_t ticket;
    Generation have;
  };
  std::vector<Sync> syncs{};                                                 // to be answered at the end
  std::map<NodeId, std::string> hashes{};                                    // statuses taken in
  std::set<NodeId> stale{};                                                  // nodes the planner's index does not show as they are
  std::map<std::pair<std::uint64_t, std::uint32_t>, std::string> reasons{};  // why a class could not have a rung, found once a step
  std::vector<ControllerOutput> outputs{};
};

}  // namespace nav
