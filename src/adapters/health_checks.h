// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/service_addresses.h"
#include "base/time.h"

namespace nav {

/// One question to a service on this machine.
struct HealthCheck {
  ServiceAddress at;
  std::string path;  ///< "/healthz"; empty: that it takes connections is enough
};

/// Asks all of them at once (GET), and waits for none longer than this. Why each is not well, in their order; empty: it answered with 2xx or 3xx.
std::vector<std::string> ask_all(std::vector<HealthCheck> const& checks, Duration within);

/// The same from the first bytes of an answer: "HTTP/1.1 503 ..." is "503".
std::string problem_in_answer(std::string_view answer);

}  // namespace nav
