// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_journal.h"

#include <algorithm>

namespace nav::sim {

Result<void> SimJournal::read(std::uint64_t sequence, std::size_t limit, std::function<bool(Frame const&)> const& visit) {
  auto it = std::upper_bound(frames_.begin(), frames_.end(), sequence, [](std::uint64_t s, Frame const& f) { return s < f.stamp.sequence; });
  for (std::size_t n = 0; it != frames_.end() && (limit == 0 || n < limit); ++it, ++n)
    if (!visit(*it)) break;
  return {};
}

Result<void> SimJournal::append(std::vector<Frame> const& frames, std::vector<Blob> const& blobs) {
  if (full) return fail(ErrorKind::StorageFull, "the disk is full");
  if (!frames.empty()) {
    Stamp const& first = frames.front().stamp;
    Stamp const last = frames_.empty() ? Stamp{} : frames_.back().stamp;
    if (first.epoch < last.epoch) return fail(ErrorKind::Unavailable, "another controller has taken the journal over");
    if (first.sequence != last.sequence + 1) return fail(ErrorKind::Unavailable, "the journal goes on at event {}", last.sequence + 1);
  }
  bool const crash = std::exchange(crash_next, false);
  if (crash && random_.chance(0.5)) throw ControllerCrashed{};
  frames_.insert(frames_.end(), frames.begin(), frames.end());
  for (auto const& blob : blobs) blobs_.try_emplace(blob.digest, blob.body);
  if (crash) throw ControllerCrashed{};
  return {};
}

Result<std::string> SimJournal::blob(Digest digest) {
  auto it = blobs_.find(digest);
  if (it == blobs_.end()) return fail(ErrorKind::NotFound, "there is no blob {}", to_text(digest));
  return it->second;
}

Result<void> SimJournal::save(Checkpoint const& checkpoint) {
  if (checkpoints_.size() == 2) checkpoints_.erase(checkpoints_.begin());
  checkpoints_.push_back(checkpoint);
  return {};
}

Result<std::optional<Checkpoint>> SimJournal::checkpoint() {
  if (checkpoints_.empty()) return std::optional<Checkpoint>{};
  return checkpoints_.back();
}

}  // namespace nav::sim
