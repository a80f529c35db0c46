// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "mig/board.h"

namespace nav::nvmlsim {
struct Board;
}

namespace nav::bench {

/// As its driver would report it; without profiles where it cannot be cut.
mig::Board board_of(nvmlsim::Board const& known);
/// A board that can be simulated, as its driver would report it: "a100-40gb". InvalidArgument lists the boards there are.
Result<mig::Board> board_named(std::string_view name);

}  // namespace nav::bench
