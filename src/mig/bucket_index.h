// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "mig/geometry.h"
#include "mig/gpu_set.h"
#include "mig/scores.h"

namespace nav::mig {

/// Finds the best GPU of one board for a profile among a hundred thousand: GPUs in buckets by state and, for each profile, a bitmap of
/// the buckets that are not empty in that profile's order of preference. Finding is a few count-trailing-zeros and no scan; moving a
/// GPU to another bucket flips a few bits. Among equals the lowest GPU wins, whatever happened before.
class BucketIndex {
 public:
  /// A GPU and where on it.
  struct Choice {
    std::uint32_t gpu = 0;
    Placement placement;
    bool operator==(Choice const&) const = default;
  };

  /// Both are lent and outlive the index.
  BucketIndex(Geometry const& geometry, Scores const& scores);

  /// GPU ids are dense: the caller numbers them from 0, and gaps cost memory.
  void insert(std::uint32_t gpu, StateId state);
  /// It must be there.
  void remove(std::uint32_t gpu);
  /// It must be there. Moving to the state it has is fine.
  void move(std::uint32_t gpu, StateId state);
  std::optional<StateId> state_of(std::uint32_t gpu) const;

  std::uint32_t size() const { return size_; }
  /// GPUs in this state.
  GpuSet const& bucket(StateId state) const { return buckets_[state]; }

  /// The best GPU and placement now; nothing when the profile fits nowhere.
  std::optional<Choice> best(std::uint8_t profile) const;
  /// The best among those `accept(gpu)` agrees to. Walks buckets, so it costs what it refuses.
  template <class Accept>
  std::optional<Choice> best(std::uint8_t profile, Accept&& accept) const {
    for (StateId state : scores_->order(profile))
      for (auto gpu = buckets_[state].first(); gpu; gpu = buckets_[state].next(*gpu + 1))
        if (accept(*gpu)) return Choice{*gpu, *scores_->best(state, profile)};
    return std::nullopt;
  }
  /// Calls visit(state) for the states with GPUs where the profile fits, best first, until it answers true.
  template <class Visit>
  void each_filled(std::uint8_t profile, Visit&& visit) const {
    for (std::size_t word = 0; word < words_; ++word)
      for (auto bits = filled_[profile * words_ + word]; bits != 0; bits &= bits - 1)
        if (visit(scores_->order(profile)[word * 64 + static_cast<std::size_t>(std::countr_zero(bits))])) return;
  }
  /// How many more instances of the profile the whole index could take.
  std::uint64_t capacity(std::uint8_t profile) const;

  /// The same GPUs in the same states, and the same choices to be made.
  bool operator==(BucketIndex const& other) const { return buckets_ == other.buckets_ && filled_ == other.filled_; }

  /// Another mix: the same GPUs in another order. `scores` is lent.
  void use(Scores const& scores);

 private:
  static constexpr StateId kAbsent = 0xFFFF;

  void mark(StateId state, bool filled);

  Geometry const* geometry_;
  Scores const* scores_;
  std::vector<GpuSet> buckets_;  // by state
  std::vector<StateId> states_;  // by GPU
  std::uint32_t size_ = 0;
  std::size_t words_ = 0;              // of each bitmap
  std::vector<std::uint64_t> filled_;  // by profile: one bit a place in its order
  std::vector<StateId> ranks_;         // by profile and state: its place in the order
};

}  // namespace nav::mig
