// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "controller/division.h"
#include "controller/ports.h"
#include "core/access.h"
#include "telemetry/usage.h"

namespace nav {

/// Keeps the ledger by what the journal says: who held what from when to when, and what that adds up to by whom and where. Has a pool of
/// its own, brought forward event by event, so it may trail the controller.
class Bookkeeper {
 public:
  /// The number of these dimensions, the same for ever.
  using KeyOf = std::function<std::uint64_t(telemetry::Dimensions const&)>;

  /// Begins with the pool as it is. What is open is counted from `counted_until` on, at most from the pool's own time.
  Bookkeeper(Pool pool, Access access, KeyOf key_of, Time counted_until);

  Result<void> take(Frame const& frame);
  /// Counts everything that is open until `now`, and looks anew for what is stranded.
  void settle(Time now);

  Pool const& pool() const { return pool_; }
  Access const& access() const { return access_; }
  telemetry::Ledger const& ledger() const { return ledger_; }
  /// Everything before is in the sums.
  Time counted_until() const { return counted_; }
  telemetry::UsageSums& sums() { return sums_; }
  /// Spans of attempts that were closed since they were last cleared.
  std::vector<telemetry::Span> const& closed() const { return closed_; }
  void clear_closed() { closed_.clear(); }

 private:
  struct Queue {
    std::uint64_t jobs = 0;
    double slices = 0;  ///< that one job asks for first
    Time since;
  };

  /// What an attempt holds its place on, as it was when it got it.
  struct Terms {
    std::uint64_t key = 0;
    std::int64_t price_micro = 0;  ///< an hour, of each GPU it holds, or of all where it holds none
  };

  template <class Event>
  void follow(Event const& event, Stamp const& stamp);
  void divide(NodeId node, Time at);
  void divide_all(Time at);
  void close(std::vector<telemetry::Span> spans);
  void count(telemetry::Part const& part, std::uint32_t gpu_slices, Time from, Time to);
  void queue(Job const& job, std::int64_t change, Time at);
  telemetry::Dimensions owner(Job const& job) const;
  void give_keys(telemetry::Division& division, Node const& node);
  std::int64_t price_of(Job const& job) const;
  double slices_asked(std::string const& on) const;

  Pool pool_;
  Access access_;
  KeyOf key_of_;
  Reach reach_;
  Wanted wanted_;
  telemetry::Ledger ledger_;
  telemetry::UsageSums sums_;
  std::vector<telemetry::Span> closed_;
  std::map<NodeId, std::vector<std::string>> gpus_of_;
  std::map<AttemptId, Terms> terms_;              ///< of attempts that hold something
  std::map<NodeId, std::uint64_t> nobodys_keys_;  ///< of what nobody holds there
  std::map<std::uint64_t, Queue> queues_;         ///< waiting jobs by key
  Time counted_;
};

}  // namespace nav
