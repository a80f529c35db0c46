// SPDX-License-Identifier: Apache-2.0
#include "adapters/service_addresses.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
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

/// The same, of the kernel's own form: four words in the order of the network, of which IPv4 uses the first.
bool is_on_loopback(std::uint8_t family, std::uint32_t const (&address)[4]) {
  if (family == AF_INET) return address[0] == htonl(INADDR_LOOPBACK) || address[0] == htonl(INADDR_ANY);
  in6_addr long_form{};
  std::memcpy(&long_form, address, sizeof long_form);
  return IN6_IS_ADDR_UNSPECIFIED(&long_form) || IN6_IS_ADDR_LOOPBACK(&long_form) || (IN6_IS_ADDR_V4MAPPED(&long_form) && address[3] == htonl(INADDR_LOOPBACK));
}

struct Listener {
  bool is_known = false;              ///< the kernel answered
  std::optional<std::uint32_t> user;  ///< nothing: nobody listens
};

/// Asks the kernel for this one port. Its tables in /proc are walked whole for every reader, which takes tens of milliseconds on a large machine.
Listener ask_for_listener(std::uint8_t family, std::uint16_t port) {
  supervisor::Fd const kernel(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  timeval const patience{.tv_sec = 1, .tv_usec = 0};
  if (!kernel || ::setsockopt(kernel.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) return {};
  struct {
    nlmsghdr head;
    inet_diag_req_v2 wanted;
  } question{};
  question.head.nlmsg_len = sizeof question;
  question.head.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question.wanted.sdiag_family = family;
  question.wanted.sdiag_protocol = IPPROTO_TCP;
  question.wanted.idiag_states = 1u << TCP_LISTEN;
  question.wanted.id.idiag_sport = htons(port);
  question.wanted.id.idiag_cookie[0] = question.wanted.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  if (::send(kernel.get(), &question, sizeof question, 0) != static_cast<ssize_t>(sizeof question)) return {};
  Listener found;
  for (;;) {
    alignas(nlmsghdr) char bytes[16 * 1024];
    ssize_t const count = ::recv(kernel.get(), bytes, sizeof bytes, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return {};
    std::size_t const size = static_cast<std::size_t>(count);
    for (std::size_t at = 0; at + sizeof(nlmsghdr) <= size;) {
      nlmsghdr head{};
      std::memcpy(&head, bytes + at, sizeof head);
      if (head.nlmsg_type == NLMSG_DONE) {
        found.is_known = true;
        return found;
      }
      if (head.nlmsg_type == NLMSG_ERROR || head.nlmsg_len < sizeof head || head.nlmsg_len > size - at) return {};
      inet_diag_msg one{};
      if (head.nlmsg_len >= NLMSG_HDRLEN + sizeof one) {
        std::memcpy(&one, bytes + at + NLMSG_HDRLEN, sizeof one);
        std::uint32_t address[4];
        std::memcpy(address, one.id.idiag_src, sizeof address);
        if (one.idiag_state == TCP_LISTEN && ntohs(one.id.idiag_sport) == port && is_on_loopback(one.idiag_family, address)) found.user = one.idiag_uid;
      }
      at += NLMSG_ALIGN(head.nlmsg_len);
    }
  }
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
  Listener const four = ask_for_listener(AF_INET, port);
  if (four.is_known && four.user) return four.user;
  Listener const six = ask_for_listener(AF_INET6, port);
  if (four.is_known && six.is_known) return six.user;
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
