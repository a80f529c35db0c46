// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"
#include "supervisor/spec.h"

namespace nav {

/// Uid and groups of a user of this machine. NotFound names it.
Result<supervisor::RunAs> unix_user(std::string const& name);

}  // namespace nav
