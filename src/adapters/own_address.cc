// SPDX-License-Identifier: Apache-2.0
#include "adapters/own_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include "client/address.h"

namespace nav {

std::string address_towards(std::string const& url) {
  auto const [host, port] = client::endpoint_of(url.substr(0, url.find('#')));
  addrinfo const hints{.ai_flags = 0, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
  addrinfo* found = nullptr;
  if (host.empty() || ::getaddrinfo(host.c_str(), port.empty() ? "443" : port.c_str(), &hints, &found) != 0) return {};
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> const all(found, ::freeaddrinfo);
  for (addrinfo const* one = found; one != nullptr; one = one->ai_next) {
    int const fd = ::socket(one->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    sockaddr_storage own{};
    socklen_t size = sizeof own;
    char text[NI_MAXHOST] = {};
    bool const known = ::connect(fd, one->ai_addr, one->ai_addrlen) == 0 && ::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) == 0 &&
                       ::getnameinfo(reinterpret_cast<sockaddr*>(&own), size, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0;
    ::close(fd);
    if (known) return text;
  }
  return {};
}

}  // namespace nav
