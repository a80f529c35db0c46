// SPDX-License-Identifier: Apache-2.0
#include "mig/bucket_index.h"

#include <bit>

namespace nav::mig {

BucketIndex::BucketIndex(Geometry const& geometry, Scores const& scores) : geometry_(&geometry), buckets_(geometry.states()) { use(scores); }

void BucketIndex::use(Scores const& scores) {
  ensure(scores.states() == geometry_->states() && scores.profiles() == geometry_->profiles(), "the scores are of this board");
  scores_ = &scores;
  auto const states = geometry_->states(), profiles = geometry_->profiles();
  words_ = (states + 63) / 64;
  filled_.assign(profiles * words_, 0);
  ranks_.assign(profiles * states, kAbsent);
  for (std::size_t p = 0; p < profiles; ++p) {
    StateId rank = 0;
    for (StateId state : scores.order(static_cast<std::uint8_t>(p))) ranks_[p * states + state] = rank++;
  }
  for (std::size_t state = 0; state < states; ++state)
    if (!buckets_[state].empty()) mark(static_cast<StateId>(state), true);
}

void BucketIndex::mark(StateId state, bool filled) {
  auto const states = geometry_->states();
  for (std::size_t p = 0; p < geometry_->profiles(); ++p) {
    auto const rank = ranks_[p * states + state];
    if (rank == kAbsent) continue;  // the profile does not fit there
    auto& word = filled_[p * words_ + rank / 64];
    auto const bit = std::uint64_t{1} << (rank % 64);
    word = filled ? word | bit : word & ~bit;
  }
}

void BucketIndex::insert(std::uint32_t gpu, StateId state) {
  ensure(state < geometry_->states(), "the state is one of this board");
  if (states_.size() <= gpu) states_.resize(gpu + 1, kAbsent);
  ensure(states_[gpu] == kAbsent, "a GPU is in the index once");
  states_[gpu] = state;
  ++size_;
  auto& bucket = buckets_[state];
  bucket.insert(gpu);
  if (bucket.size() == 1) mark(state, true);
}

void BucketIndex::remove(std::uint32_t gpu) {
  ensure(gpu < states_.size() && states_[gpu] != kAbsent, "the GPU is in the index");
  auto const state = states_[gpu];
  states_[gpu] = kAbsent;
  --size_;
  buckets_[state].erase(gpu);
  if (buckets_[state].empty()) mark(state, false);
}

void BucketIndex::move(std::uint32_t gpu, StateId state) {
  ensure(gpu < states_.size() && states_[gpu] != kAbsent, "the GPU is in the index");
  if (states_[gpu] == state) return;
  remove(gpu);
  insert(gpu, state);
}

std::optional<StateId> BucketIndex::state_of(std::uint32_t gpu) const {
  return gpu < states_.size() && states_[gpu] != kAbsent ? std::optional(states_[gpu]) : std::nullopt;
}

std::optional<BucketIndex::Choice> BucketIndex::best(std::uint8_t profile) const {
  for (std::size_t word = 0; word < words_; ++word) {
    auto const bits = filled_[profile * words_ + word];
    if (bits == 0) continue;
    auto const state = scores_->order(profile)[word * 64 + static_cast<std::size_t>(std::countr_zero(bits))];
    return Choice{*buckets_[state].first(), *scores_->best(state, profile)};
  }
  return std::nullopt;
}

std::uint64_t BucketIndex::capacity(std::uint8_t profile) const {
  std::uint64_t total = 0;
  for (StateId state : scores_->order(profile)) total += std::uint64_t{buckets_[state].size()} * geometry_->capacity(state, profile);
  return total;
}

}  // namespace nav::mig
