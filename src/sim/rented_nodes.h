// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "controller/front.h"
#include "sim/sim_node.h"

namespace nav::sim {

/// The nodes on the machines of a cloud: each joins by itself once its machine has booted, and is gone with it.
class RentedNodes {
 public:
  struct Outside {
    std::function<std::unique_ptr<SimNode>(std::string const&)> make;
    std::function<void(JoinNode, std::function<void(Result<Accepted>)>)> join;
    std::function<std::optional<NodeId>(std::string const&)> known;  ///< the number of a node that joined and was not told so
    std::string installation;
  };

  RentedNodes(Schedule& schedule, Outside outside) : schedule_(schedule), outside_(std::move(outside)) {}

  /// Broken when a machine of that name was booted before.
  void boot(std::string const& name);
  /// The machine is gone, and whatever ran there with it.
  void end(std::string const& name);

 private:
  void join(SimNode& node, int tries);
  void begin(SimNode& node, NodeId id);

  Schedule& schedule_;
  Outside outside_;
  std::vector<std::unique_ptr<SimNode>> nodes_;  // those that are no more too: what they asked for may still come
};

}  // namespace nav::sim
