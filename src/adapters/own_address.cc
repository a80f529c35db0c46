// SPDX-License-Identifier: Apache-2.0
#include "adapters/own_address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <memory>

#include "client/address.h"

namespace nav {

namespace {

bool is_same_address(sockaddr const& a, sockaddr const& b) {
  if (a.sa_family != b.sa_family) return false;
  if (a.sa_family == AF_INET) {
    auto const &left = reinterpret_cast<sockaddr_in const&>(a).sin_addr, &right = reinterpret_cast<sockaddr_in const&>(b).sin_addr;
    return std::memcmp(&left, &right, sizeof left) == 0;
  }
  auto const &left = reinterpret_cast<sockaddr_in6 const&>(a).sin6_addr, &right = reinterpret_cast<sockaddr_in6 const&>(b).sin6_addr;
  return a.sa_family == AF_INET6 && std::memcmp(&left, &right, sizeof left) == 0;
}

}  // namespace

std::string interface_with(std::string const& address) {
  addrinfo const hints{.ai_flags = 0, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
  addrinfo* found = nullptr;
  if (address.empty() || ::getaddrinfo(address.c_str(), nullptr, &hints, &found) != 0) return {};
  std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> const all(found, ::freeaddrinfo);
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) return {};
  std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> const interfaces(first, ::freeifaddrs);
  for (addrinfo const* one = found; one != nullptr; one = one->ai_next)
    for (ifaddrs const* has = first; has != nullptr; has = has->ifa_next)
      if (has->ifa_addr && is_same_address(*has->ifa_addr, *one->ai_addr)) return has->ifa_name;
  return {};
}

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
