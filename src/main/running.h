// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <sys/types.h>

#include "main/data_folder.h"

namespace nav {

/// Notes that this process serves the folder.
Result<void> write_running(DataFolder const& folder);
void forget_running(DataFolder const& folder);
/// The process that serves the folder. A number left over from one that is gone, or was given to another since, does not count.
/// Forbidden: the folder is somebody else's, so it is not known.
Result<std::optional<pid_t>> running_in(DataFolder const& folder);

}  // namespace nav
