// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/pool.h"

namespace nav {

/// Counts anew from jobs and nodes what the pool's accounts say is in use, and holds every limit that no quota change can have broken:
/// empty if all of it agrees, else what does not. For tests and for the fault simulator; costs as much as the pool is large.
std::string what_is_miscounted(Pool const& pool);

}  // namespace nav
