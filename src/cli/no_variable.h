// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace nav::cli {

/// An environment in which nothing is set, for tests.
inline std::optional<std::string> no_variable(char const*) { return std::nullopt; }

}  // namespace nav::cli
