// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nav::cli {

/// What `nav help TOPIC` says of what is no command: "environment", "exit-codes".
std::optional<std::string> help_topic(std::string_view topic);

}  // namespace nav::cli
