// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

/// Jobs that are there to be used: they listen, somebody comes, and nobody says when they are done.
namespace nav {

enum class ServiceKind : std::uint8_t {
  Workspace,  ///< for one person to work in
  Endpoint,   ///< answers requests
};
BOOST_DESCRIBE_ENUM(ServiceKind, Workspace, Endpoint)

/// What a request says of it.
struct Service {
  ServiceKind kind = ServiceKind::Workspace;
  std::string health;   ///< path that is asked now and then, "/healthz"; empty: it is well as long as it listens
  Duration idle_after;  ///< ended when nobody used it for so long; zero: never

  bool operator==(Service const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Service, (), (kind, health, idle_after))

enum class ServicePhase : std::uint8_t {
  Starting,  ///< it has not answered yet
  Ready,
  Unhealthy,  ///< it has answered, and does so no more
};
BOOST_DESCRIBE_ENUM(ServicePhase, Starting, Ready, Unhealthy)

/// What its node sees of it. Changes seldom: how it is used shows only as the moment since when it is not.
struct ServiceStatus {
  ServiceKind kind = ServiceKind::Workspace;
  ServicePhase phase = ServicePhase::Starting;
  std::string reason;   ///< why it is not well; empty if it is
  Time idle_since;      ///< by the node's clock; none: it is being used
  Duration idle_after;  ///< as it was asked for

  bool operator==(ServiceStatus const&) const = default;
};
BOOST_DESCRIBE_STRUCT(ServiceStatus, (), (kind, phase, reason, idle_since, idle_after))

/// What a workspace runs when nothing else is said: Jupyter as it is installed on its node, which says so where it is not.
std::vector<std::string> const& notebook_command();

/// The bounds of `Service::idle_after` where it is not zero.
inline constexpr Duration shortest_idle = seconds(10);
inline constexpr Duration longest_idle = days(30);
inline constexpr std::size_t longest_health_path = 500;
inline constexpr std::size_t longest_reason = 300;

/// Refuses, by field, what no service can be. `service.health`, `service.idle_after`.
Result<void> check(Service const& service);

/// When it has been idle for as long as it may; none: it is in use, or may be idle for ever.
Time idle_deadline(ServiceStatus const& status);

/// "nobody has used it since 2026-11-23T12:00:00Z, longer than its 2h".
std::string idle_sentence(ServiceStatus const& status);

}  // namespace nav
