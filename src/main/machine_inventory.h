// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/node_status.h"

namespace nav {

/// What a machine that can be simulated reports of itself, without making one. The name has been checked.
Inventory inventory_of_machine(std::string_view name);

}  // namespace nav
