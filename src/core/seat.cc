// SPDX-License-Identifier: Apache-2.0
#include "core/seat.h"

namespace nav {

void leave_node(Node& node, Job const& job) {
  for (auto& gpu : node.gpus) {
    if (gpu.holder == job.attempt_id()) gpu.holder = {};
    for (auto& slice : gpu.slices)
      if (slice.holder == job.attempt_id()) slice.holder = {};
  }
  node.cpu_milli_used -= job.seat.cpu_milli;
  node.memory_mib_used -= job.seat.memory_mib;
}

}  // namespace nav
