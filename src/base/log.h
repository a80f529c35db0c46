// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <fmt/format.h>
#include <string>

namespace nav {

/// One line for what a person would act on; the domain's own log is its events. Goes to standard error, where the service manager
/// stamps the time. Never pass a secret.
template <class... Args>
void log_line(char const* who, fmt::format_string<Args...> format, Args&&... args) {
  std::string line = fmt::format("{}: {}\n", who, fmt::format(format, std::forward<Args>(args)...));
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace nav
