// SPDX-License-Identifier: Apache-2.0
#include "main/address.h"

#include "base/id.h"

namespace nav {

Result<ListenAddress> parse_listen(std::string_view text, std::string const& field) {
  auto const colon = text.rfind(':');
  std::uint64_t port = 0;
  if (colon == std::string_view::npos || !read_number(text.substr(colon + 1), port) || port > 65535)
    return fail_field(field, "write HOST:PORT, as in 127.0.0.1:8440; port 0 takes any that is free", "\"{}\" is no address to listen on", text);
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return ListenAddress{host.empty() ? "127.0.0.1" : std::string(host), static_cast<std::uint16_t>(port)};
}

bool is_loopback_host(std::string_view host) { return host == "localhost" || host == "::1" || host.starts_with("127."); }

}  // namespace nav
