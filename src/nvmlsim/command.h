// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace nav::nvmlsim {

/// The command line over control.h: `create FOLDER MACHINE`, `xid FOLDER GPU XID`, ... (see usage()). Answers what to print.
Result<std::string> run_command(std::vector<std::string> const& words);

std::string usage();

}  // namespace nav::nvmlsim
