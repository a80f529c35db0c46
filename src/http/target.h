// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace nav::http {

/// What the request line asks for, taken apart: "/v1/jobs?state=queued" or "http://host/v1/jobs" (as proxies write it).
struct Target {
  std::string authority;  ///< of the absolute form; else empty
  std::string path;
  std::vector<std::string> segments;
  std::map<std::string, std::vector<std::string>> query;
};

/// InvalidArgument for a bad percent escape, a NUL, or text that is not UTF-8. '+' is a space in the query only.
Result<Target> parse_target(std::string_view raw);

/// The name or address in a Host header, without its port: "[::1]:80" -> "::1". Empty when it is malformed.
std::string_view host_of(std::string_view authority);

/// Whether a request for this host may be answered. A page of a foreign site may point its own name at this machine and so reach us
/// through the visitor's browser (DNS rebinding); the name it must send then gives it away. Addresses cannot be rebound.
bool is_own_host(std::string_view host, std::vector<std::string> const& own_names);

bool is_utf8(std::string_view text);

}  // namespace nav::http
