// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "core/event.h"
#include "telemetry/question.h"

/// What is measured and what it adds up to: taken from agents, kept, and asked about. Derived from samples and the journal; nothing of it
/// decides where a job goes.
namespace nav {

class Telemetry {
 public:
  virtual ~Telemetry() = default;

  /// Takes a batch of a node's samples in; `done` comes, from another thread, once it is durable or it is known that it will not be.
  /// One that was taken before is taken as done. `skew`: how far the node's clock is behind ours, as far as it is known.
  virtual void deliver(NodeId node, telemetry::SampleBatch batch, Duration skew, std::function<void(Result<void>)> done) = 0;

  virtual Result<std::vector<telemetry::UsageGroup>> usage(telemetry::UsageQuestion const& question) const = 0;
  /// At most `most` series; TooLarge with what would narrow it when there are more.
  virtual Result<std::vector<telemetry::Series>> series(telemetry::SeriesQuestion const& question, std::size_t most) const = 0;
  /// The newest values of what is on a node, or on all; each at most as old as `age`.
  virtual std::vector<telemetry::Latest> latest(std::optional<NodeId> node, Duration age, std::size_t recent) const = 0;

  /// How it is doing.
  struct Progress {
    std::uint64_t sequence = 0;  ///< the books are kept up to this event of the journal
    Time counted;                ///< what was held is in the sums up to here
    std::uint64_t batches = 0, samples = 0;
    std::uint64_t repeated = 0;  ///< batches that had been taken before
    std::uint64_t refused = 0;   ///< values that nothing can have measured
    std::uint64_t dropped = 0;   ///< ticks that agents gave up for want of room
    std::size_t series = 0;
    std::map<NodeId, Duration> skews;
    std::string problem;  ///< why nothing can be kept at present; empty: it can
  };
  virtual Progress progress() const = 0;
};

}  // namespace nav
