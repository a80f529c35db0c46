// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/pool.h"

namespace nav {

/// What the job's attempt holds of its node's GPUs, processors and memory is held no more.
void leave_node(Node& node, Job const& job);

}  // namespace nav
