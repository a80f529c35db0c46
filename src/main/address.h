// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nav {

struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};

/// "127.0.0.1:8440", "[::1]:0". `field` names the option in the error.
Result<ListenAddress> parse_listen(std::string_view text, std::string const& field);

bool is_loopback_host(std::string_view host);

}  // namespace nav
