// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/id.h"
#include "http/pipe.h"

namespace nav::http {

/// The ways to the nodes: pipes that agents dialled in and nobody uses yet, and those to an attempt's service that wait for the next request.
/// Each belongs to the node whose agent proved to be it when it came, and is given for no other. Any thread.
class Tunnels {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t most_spare = 64;    ///< of a node
  static constexpr std::size_t most_resting = 16;  ///< of an attempt

  /// How long a tunnel that nobody uses is kept, and one that was used waits for the next request to the same attempt.
  explicit Tunnels(std::chrono::milliseconds spare_for = std::chrono::hours(1), std::chrono::milliseconds rest_for = std::chrono::seconds(20))
      : spare_for_(spare_for), rest_for_(rest_for) {}

  /// An agent's new tunnel. False: so many are there that another helps nobody.
  bool offer(NodeId node, std::shared_ptr<Pipe> pipe);

  /// A wish for a tunnel to a node. Dropping it takes the wish back, and with it a tunnel nobody has fetched.
  class Wish {
   public:
    ~Wish();
    /// The tunnel, once.
    std::shared_ptr<Pipe> fetch();

   private:
    friend class Tunnels;
    Tunnels* tunnels_ = nullptr;
    NodeId node_;
    std::function<void()> wake_;
    std::shared_ptr<Pipe> pipe_;
  };
  /// `wake` is called from any thread, with a lock held, when there is one to fetch; there may be one at once. The Wish ends before this.
  std::unique_ptr<Wish> wish(NodeId node, std::function<void()> wake);
  /// Those who wait for a tunnel to this node: its agent is told, so that it brings as many.
  std::size_t waiting(NodeId node) const;

  /// One that was used for this attempt before; none: wish for a new one.
  std::shared_ptr<Pipe> resting(AttemptId attempt);
  /// The next request to this attempt may have it.
  void rest(AttemptId attempt, std::shared_ptr<Pipe> pipe);

  /// Whether its agent has ever brought a tunnel.
  bool has_come(NodeId node) const;

 private:
  void sweep(Clock::time_point now);

  std::chrono::milliseconds const spare_for_, rest_for_;
  mutable std::mutex mutex_;
  std::map<NodeId, std::deque<std::shared_ptr<Pipe>>> spare_;
  std::map<NodeId, std::list<Wish*>> wishes_;
  std::map<AttemptId, std::vector<std::shared_ptr<Pipe>>> resting_;
  std::set<NodeId> come_;
  Clock::time_point swept_;
};

}  // namespace nav::http
