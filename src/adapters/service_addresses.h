// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

/// The ports and sockets that jobs are told to listen on, if they serve anything: on loopback, one an attempt.
namespace nav {

/// Where an attempt's service listens on this node.
struct ServiceAddress {
  std::uint16_t port = 0;                  ///< on loopback
  std::string unix_socket = {};            ///< its path, where the job made one: then it is meant, and not the port
  std::optional<std::uint32_t> user = {};  ///< whose socket it must turn out to be; none: all jobs run as one user
};

/// The longest path a socket can have.
inline constexpr std::size_t longest_socket_path = 107;

/// Whether who listens at the other end of this unix socket is that user. The job owns the folder: its path may lead to another's socket.
bool is_listened_by(int unix_socket, std::uint32_t user);

/// Below those that the kernel gives to connections on their way out, and beside those at which gangs meet.
inline constexpr std::uint32_t first_service_port = 20'000, service_ports = 9'000;

/// A port of loopback where nobody listens now, and none of those given out already; `begin` says where the search begins.
Result<std::uint16_t> free_port(std::uint64_t begin, std::set<std::uint16_t> const& given);

/// The unix user who listens on this port of loopback, or of all addresses; nothing: nobody does.
std::optional<std::uint32_t> listener_on(std::uint16_t port);

/// The same, read from the text of /proc/net/tcp or tcp6.
std::optional<std::uint32_t> listener_in(std::string_view table, std::uint16_t port);

}  // namespace nav
