// SPDX-License-Identifier: Apache-2.0
#include "adapters/service_addresses.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <fmt/format.h>
#include <fstream>
#include <netinet/in.h>
#include <sstream>
#include <sys/socket.h>
#include <vector>

#include "base/text.h"
#include "supervisor/files.h"

namespace nav {
namespace {

constexpr std::string_view listening = "0A";  // the kernel's number of that state

/// Addresses of four bytes stand as the machine has them in memory: 127.0.0.1 is "0100007F".
bool is_on_loopback(std::string_view address) {
  return address == "0100007F" || address == "00000000" || address == "00000000000000000000000001000000" || address == "00000000000000000000000000000000" ||
         address == "0000000000000000FFFF00000100007F";
}

}  // namespace

std::optional<std::uint32_t> listener_in(std::string_view table, std::uint16_t port) {
  std::string const wanted = fmt::format("{:04X}", port);
  for (auto const line : split(table, '\n')) {
    std::vector<std::string_view> fields;
    for (auto const field : split(line, ' '))
      if (!field.empty()) fields.push_back(field);
    // "0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 ..."
    if (fields.size() < 8 || fields[3] != listening) continue;
    auto const colon = fields[1].find(':');
    if (colon == fields[1].npos || fields[1].substr(colon + 1) != wanted || !is_on_loopback(fields[1].substr(0, colon))) continue;
    std::uint32_t user = 0;
    auto const [end, error] = std::from_chars(fields[7].data(), fields[7].data() + fields[7].size(), user);
    if (error == std::errc{} && end == fields[7].data() + fields[7].size()) return user;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> listener_on(std::uint16_t port) {
  for (auto const* path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    if (auto const user = listener_in(text.str(), port)) return user;
  }
  return std::nullopt;
}

bool is_listened_by(int unix_socket, std::uint32_t user) {
  ucred listener{};
  socklen_t size = sizeof listener;
  return ::getsockopt(unix_socket, SOL_SOCKET, SO_PEERCRED, &listener, &size) == 0 && listener.uid == user;
}

Result<std::uint16_t> free_port(std::uint64_t begin, std::set<std::uint16_t> const& given) {
  for (std::uint32_t i = 0; i < service_ports; ++i) {
    auto const port = static_cast<std::uint16_t>(first_service_port + (begin + i) % service_ports);
    if (given.contains(port)) continue;
    supervisor::Fd const probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!probe) return fail(ErrorKind::Unavailable, "{}", supervisor::errno_text("draw a port"));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::bind(probe.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return port;
  }
  return fail(ErrorKind::Unavailable, "all {} ports for services are taken on this node", service_ports);
}

}  // namespace nav
