// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nav::cli {

/// What the program writes, to its end, when it is given this to read; what it says of errors goes where ours go. NotFound: it is not
/// installed; Internal: it failed.
Result<std::string> output_of(std::vector<std::string> words, std::string_view input = {});

}  // namespace nav::cli
