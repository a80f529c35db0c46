// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "controller/ports.h"

/// Checkpoints as files of a folder of their own, two kept. Files and not rows: hundreds of megabytes in the journal's database would
/// hold up its writer.
namespace nav {

class CheckpointFiles {
 public:
  CheckpointFiles(std::string folder, std::string installation) : folder_(std::move(folder)), installation_(std::move(installation)) {}

  /// Whole or not at all, durable when it returns. `stamp` is that of the checkpoint's last event.
  Result<void> save(Checkpoint const& checkpoint, Stamp const& stamp);

  /// The newest whose checksum holds, that belongs to this installation, and whose last event stands in this very journal with the same
  /// stamp: after a backup was restored, checkpoints of the other life are lying about.
  std::optional<Checkpoint> newest(std::function<std::optional<Stamp>(std::uint64_t sequence)> const& stamp_of) const;

 private:
  std::vector<std::uint64_t> sequences() const;  ///< descending
  std::string path_of(std::uint64_t sequence) const;
  std::optional<Checkpoint> load(std::uint64_t sequence, Stamp& stamp) const;

  std::string folder_;
  std::string installation_;
};

}  // namespace nav
