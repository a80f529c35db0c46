// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "api/doc.h"
#include "base/json.h"

namespace nav::api {

/// GET /v1/health: answered by whoever serves, to whoever asks.
struct Health {
  bool healthy = true;

  static constexpr Doc docs[] = {
      {"", "The controller takes requests."},
      {"healthy", "Always true: a controller that cannot take requests answers 503.", "true"},
  };
};
BOOST_DESCRIBE_STRUCT(Health, (), (healthy))

/// GET /v1/version
struct Version {
  std::string version;
  std::string installation;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;
  Time started;

  static constexpr Doc docs[] = {
      {"", "What is running."},
      {"version", "Of the controller.", R"("0.1.0")"},
      {"installation", "Its number, for ever the same: 32 hexadecimal digits.", R"("0123456789abcdef0123456789abcdef")"},
      {"epoch", "How often the controller has been started.", "3"},
      {"sequence", "The last event.", "1207"},
      {"started", "When this controller began to serve."},
  };
};
BOOST_DESCRIBE_STRUCT(Version, (), (version, installation, epoch, sequence, started))

}  // namespace nav::api
