// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/syntax.h"

namespace nav::cli {

/// nav pool defragment
Command defragment_command();

}  // namespace nav::cli
