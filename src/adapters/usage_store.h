// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/sqlite.h"
#include "telemetry/ledger.h"
#include "telemetry/question.h"

namespace nav {

/// Sums of use and who held what, in telemetry.db. One thread writes, inside transactions of its own; any may ask.
class UsageStore {
 public:
  explicit UsageStore(std::string const& path) : readers_(path) {}

  Result<void> open(sqlite::Database& database);

  /// The number of these dimensions. New ones are written with the next flush.
  std::uint64_t key_of(telemetry::Dimensions const& who);
  Result<void> flush(sqlite::Database& database, std::map<telemetry::UsageSums::At, telemetry::Cells> const& sums, std::vector<telemetry::Span> const& spans);
  /// The flush went through.
  void committed() { new_keys_.clear(); }
  Result<void> expire(sqlite::Database& database, Time now);

  /// Who held the place at that moment, among what is closed: the key and the slices.
  struct Holder {
    std::uint64_t key = 0;
    std::uint32_t memory_slices = 0;
  };
  Result<std::optional<Holder>> holder(sqlite::Database& database, std::string const& gpu, std::string const& placement, Time at) const;

  /// Rows from the store, and from `open` what is not written yet.
  Result<std::vector<telemetry::UsageGroup>> usage(telemetry::UsageQuestion const& question, std::size_t grain,
                                                   std::map<telemetry::UsageSums::At, telemetry::Cells> const& open) const;

 private:
  mutable sqlite::Readers readers_;
  mutable std::mutex mutex_;
  std::map<telemetry::Dimensions, std::uint64_t> keys_;
  std::map<std::uint64_t, telemetry::Dimensions> names_;
  std::vector<std::uint64_t> new_keys_;
  std::uint64_t next_ = 1;
};

}  // namespace nav
