// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "adapters/sqlite.h"
#include "telemetry/question.h"

namespace nav {

/// Samples in telemetry.db: a durable head of what came lately, chunks, and their roll-ups. One thread writes, inside transactions of its own;
/// any may ask.
class SampleStore {
 public:
  explicit SampleStore(std::string path) : path_(std::move(path)), readers_(path_) {}

  /// Reads series and head back in.
  Result<void> open(sqlite::Database& database);

  struct Taken {
    std::size_t samples = 0;
    std::size_t refused = 0;
  };
  /// One batch, into the head. `tell` hears of each value with its subject's last time before it (zero: the first).
  using Tell = std::function<void(telemetry::Subject const&, telemetry::Metric, telemetry::Sample const&, Time before)>;
  Result<Taken> take(sqlite::Database& database, NodeId node, telemetry::SampleBatch const& batch, Duration skew, Tell const& tell);
  /// The transaction went through, or did not.
  void committed();
  void rolled_back();

  /// Writes all that is in the head into chunks. Within one transaction.
  Result<void> seal(sqlite::Database& database, Time now);
  void sealed();
  /// Folds one block of chunks into a roll-up, if one is due: true if there may be more to do. Within one transaction.
  Result<bool> roll(sqlite::Database& database, Time sealed_until);
  /// Removes a bounded number of what is older than it is kept.
  Result<void> expire(sqlite::Database& database, Time now);

  Result<std::vector<telemetry::Series>> series(telemetry::SeriesQuestion const& question, std::optional<NodeId> node, std::size_t level,
                                                std::size_t most) const;
  std::vector<telemetry::Latest> latest(std::optional<NodeId> node, Time after, std::size_t recent) const;
  std::size_t count() const;

 private:
  static constexpr std::size_t kept_recent = 60;
  struct Name {
    NodeId node;
    telemetry::Subject subject;
    telemetry::Metric metric;
    telemetry::Source source;
    auto operator<=>(Name const&) const = default;
  };
  struct State {
    std::vector<telemetry::Sample> open;    ///< in the head
    std::vector<telemetry::Sample> recent;  ///< the newest, oldest first
    Name name;
  };
  struct Pending {
    std::uint64_t series;
    telemetry::Sample sample;
  };

  Result<std::uint64_t> number_of(sqlite::Database& database, Name const& name);
  void remember(std::uint64_t series, telemetry::Sample const& sample);
  Result<void> write_chunk(sqlite::Database& database, std::uint64_t series, std::vector<telemetry::Sample> samples);
  Result<void> roll_block(sqlite::Database& database, std::size_t level, std::uint64_t series, Time block);
  Result<std::vector<telemetry::Bucket>> points(sqlite::Database& database, std::uint64_t series, std::size_t level, Time from, Time to, Duration width) const;

  std::string path_;
  mutable sqlite::Readers readers_;
  mutable std::mutex mutex_;
  std::map<Name, std::uint64_t> numbers_;
  std::map<std::uint64_t, State> states_;
  std::vector<Pending> pending_;                       ///< of the transaction under way
  std::vector<Name> named_;                            ///< of the transaction under way
  std::array<Time, telemetry::level_count> rolled_{};  ///< everything before is in the level, but what comes late
};

}  // namespace nav
