// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"
#include "client/http_client.h"

namespace nav {

/// The agent's side of the door: tunnels to the controller that wait until somebody visits a job of this node, and are then joined to its service.
/// Agents dial; nobody dials an agent.
class DoorTunnels {
 public:
  /// Where an attempt's service listens on this node.
  struct Place {
    std::string unix_socket;  ///< its path; empty: the port on loopback is meant
    std::uint16_t port = 0;
    std::optional<std::uint32_t> user = {};  ///< who must listen at the unix socket; none: whoever does
  };
  struct Options {
    client::Options controller;
    std::function<Result<Place>(AttemptId)> service_of;                     ///< called on the tunnels' thread: must not block
    std::size_t spare = 2;                                                  ///< tunnels kept ready while there is any service here
    std::size_t most = 512;                                                 ///< at once
    std::function<void(std::string const&)> say = {};                       ///< a line for people
    Duration first_pause = milliseconds(250), longest_pause = seconds(15);  ///< before dialling again in vain
  };

  explicit DoorTunnels(Options options);
  /// Cuts all of them.
  ~DoorTunnels();

  /// Which attempts on this node can be visited: without any, no tunnel is kept. Of all others it forgets what it knew.
  void keep(std::set<AttemptId> services);
  /// From now on tunnels are dialled as this.
  void set_controller(client::Options controller);
  /// When somebody last sent or got a byte; none: nobody has been here since the agent started.
  std::optional<Time> last_traffic(AttemptId attempt) const;
  /// Tunnels in use just now, for tests.
  std::size_t in_use() const;

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace nav
