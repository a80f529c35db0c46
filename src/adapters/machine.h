// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "agent/ports.h"

namespace nav {

/// This machine: its host name, "Debian GNU/Linux 12 (bookworm)", the boot id, hardware threads and memory that processes of this one may
/// use (a container's limits count). A simulated node takes this and puts its modelled figures in.
Machine this_machine();

}  // namespace nav
