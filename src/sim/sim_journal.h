// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <vector>

#include "base/random.h"
#include "controller/ports.h"

namespace nav::sim {

/// A journal in memory that outlives the controllers that write it. Its disk can be full for a while, and a crash while it appends leaves
/// the batch wholly there or wholly not, as the real one does.
class SimJournal final : public Journal {
 public:
  explicit SimJournal(Random random) : random_(random) {}

  Result<std::optional<Checkpoint>> checkpoint() override;
  Result<void> read(std::uint64_t sequence, std::size_t limit, std::function<bool(Frame const&)> const& visit) override;
  Result<void> append(std::vector<Frame> const& frames, std::vector<Blob> const& blobs) override;
  Result<std::string> blob(Digest digest) override;
  Result<void> save(Checkpoint const& checkpoint) override;
  std::string installation() const override { return "5151515151515151515151515151515a"; }

  std::vector<Frame> const& frames() const { return frames_; }
  /// The newest checkpoint's checksum no longer holds.
  void spoil_checkpoint() { checkpoints_.pop_back(); }

  bool full = false;        ///< appends fail with StorageFull
  bool crash_next = false;  ///< the next append throws ControllerCrashed, before or after it is durable

 private:
  Random random_;
  std::vector<Frame> frames_;
  std::map<Digest, std::string> blobs_;
  std::vector<Checkpoint> checkpoints_;  // two at most, the newest last
};

/// Thrown out of append when the storm kills the controller there.
struct ControllerCrashed {};

}  // namespace nav::sim
