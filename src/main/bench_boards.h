// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "mig/board.h"

namespace nav::bench {

/// A board that can be simulated, as its driver would report it: "a100-40gb". InvalidArgument lists the boards there are.
Result<mig::Board> board_named(std::string_view name);

}  // namespace nav::bench
