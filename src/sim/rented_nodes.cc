// SPDX-License-Identifier: Apache-2.0
#include "sim/rented_nodes.h"

#include "sim/world.h"

namespace nav::sim {

void RentedNodes::boot(std::string const& name) {
  for (auto const& node : nodes_)
    if (node->name == name) throw Broken{fmt::format("machine {} was booted twice", name)};
  nodes_.push_back(outside_.make(name));
  join(*nodes_.back(), 100);
}

void RentedNodes::begin(SimNode& node, NodeId id) {
  if (node.cut_off || node.node) return;
  node.node = id;
  node.record.node = id;
  node.record.installation = outside_.installation;
  node.start_agent();
}

void RentedNodes::join(SimNode& node, int tries) {
  if (node.cut_off || node.node || tries == 0) return;
  if (auto const known = outside_.known(node.name)) return begin(node, *known);
  outside_.join({node.name, "cloud", {}}, [this, &node, tries](Result<Accepted> done) {
    if (!done) return schedule_.after(seconds(2), [this, &node, tries] { join(node, tries - 1); });
    auto const event = json_read<PoolEvent>(done->frames.at(0).body);
    begin(node, std::get<NodeJoined>(*event).node);
  });
}

void RentedNodes::end(std::string const& name) {
  for (auto& node : nodes_) {
    if (node->name != name) continue;
    node->cut_off = true;
    node->reboot();
    node->kill_agent();
  }
}

}  // namespace nav::sim
