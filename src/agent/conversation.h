// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/messages.h"
#include "agent/patience.h"

namespace nav {

/// 16 hexadecimal digits that differ for statuses that differ (FNV-1a over their JSON).
std::string hash_of(NodeStatus const& status);

/// When the agent says what to the controller. The report channel carries a status whenever the controller does not have the newest; the listen
/// channel says "nothing new here" and is held by the controller until there is something to do. Two calls, because a status
/// must not wait for the end of a long poll, and cancelling the poll for each would cost its connection.
class Conversation {
 public:
  explicit Conversation(Random random) : random_(random) {}

  /// Calls to be made now. `status` may be null while the node does not know itself yet: then only leases are asked for.
  std::vector<Sync> requests(NodeId node, std::string const& boot, Generation have, NodeStatus const* status, std::string const& hash, Time now);
  /// Takes an answer in. `good` false: what it held was refused, so do not ask again at once.
  void answered(Synced const& synced, bool good, Time now);
  /// When requests() may have something new to ask, should nothing else happen.
  Time next_wake(Time now) const;

 private:
  struct Line {
    bool open = false;
    Time asked;
    std::string hash;  ///< sent along
    Patience patience;
  };
  Line& line(Channel channel) { return channel == Channel::Report ? report_ : listen_; }

  Random random_;
  Line report_, listen_;
  std::string known_;  ///< hash of the status the controller has; empty: none
  Time known_since_;   ///< when it confirmed that
  Time bare_at_;       ///< next heartbeat of a node that does not know itself yet
};

}  // namespace nav
