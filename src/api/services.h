// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "api/doc.h"
#include "base/json.h"

/// Jobs that are there to be used: workspaces and endpoints.
namespace nav::api {

enum class ServiceKind { Workspace, Endpoint };
BOOST_DESCRIBE_ENUM(ServiceKind, Workspace, Endpoint)

enum class ServicePhase { Starting, Ready, Unhealthy };
BOOST_DESCRIBE_ENUM(ServicePhase, Starting, Ready, Unhealthy)

/// In a request.
struct Service {
  ServiceKind kind = ServiceKind::Workspace;
  std::string health;
  Duration idle_after;

  static constexpr std::array required{"kind"};
  static constexpr Doc docs[] = {
      {"", "What makes a job a service: it listens, on NAV_PORT or at NAV_SOCKET, and is reached through the door."},
      {"kind",
       "`workspace`: for its owner to work in, whose door opens for them alone. `endpoint`: answers requests of its project; begun anew, as often as "
       "`retries` says, when it answers no more or ends.",
       R"("endpoint")"},
      {"health", "A path that is asked every few seconds; 2xx and 3xx mean well. Empty: it is well as long as it listens.", R"("/healthz")",
       R"("maxLength":500)"},
      {"idle_after", "Ended when nobody visited it and it did not work for so long. Zero: never.", "7200000000", R"("minimum":0,"maximum":2592000000000)"},
  };
};
BOOST_DESCRIBE_STRUCT(Service, (), (kind, health, idle_after))

/// In an answer.
struct AskedService {
  ServiceKind kind = ServiceKind::Workspace;
  std::string health;
  Duration idle_after;

  static constexpr Doc docs[] = {
      {"", "What was asked for of a job that is there to be used."},
      {"kind", "For one person to work in, or there to answer requests.", R"("endpoint")"},
      {"health", "The path that is asked now and then; empty: none.", R"("/healthz")"},
      {"idle_after", "Ended when nobody used it for so long; zero: never.", "7200000000"},
  };
};
BOOST_DESCRIBE_STRUCT(AskedService, (), (kind, health, idle_after))

struct ServiceState {
  ServicePhase phase = ServicePhase::Starting;
  std::optional<std::string> reason;
  std::optional<Time> idle_since;

  static constexpr Doc docs[] = {
      {"", "How a service is, as its node sees it."},
      {"phase", "`starting`: its present attempt has not answered yet, or waits for its place.", R"("ready")"},
      {"reason", "Why it is not well.", R"("GET /healthz: 503")"},
      {"idle_since", "Since when nobody visited it and it did not work; absent: it is being used.", "1700000000000000"},
  };
};
BOOST_DESCRIBE_STRUCT(ServiceState, (), (phase, reason, idle_since))

/// GET /v1/services
struct ServicesQuery {
  std::uint32_t limit = 100;
  std::optional<std::string> cursor;

  static constexpr Doc docs[] = {
      {"limit", "At most so many.", "100", R"("minimum":1,"maximum":1000)"},
      {"cursor", "`next` of the part before; its text means nothing to anybody else.", {}, R"("minLength":1)"},
  };
};
BOOST_DESCRIBE_STRUCT(ServicesQuery, (), (limit, cursor))

}  // namespace nav::api
