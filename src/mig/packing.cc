// SPDX-License-Identifier: Apache-2.0
#include "mig/packing.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace nav::mig {
namespace {

std::vector<std::uint32_t> multiples(std::uint32_t step, std::uint32_t below) {
  std::vector<std::uint32_t> all;
  for (std::uint32_t at = 0; at < below; at += step) all.push_back(at);
  return all;
}

bool is_aligned(Board const& board) {
  for (auto const& profile : board.profiles) {
    if (board.memory_slices % profile.memory_slices != 0) return false;
    if (profile.starts != multiples(profile.memory_slices, board.memory_slices)) return false;
    for (auto const& other : board.profiles)
      if (std::max(profile.memory_slices, other.memory_slices) % std::min(profile.memory_slices, other.memory_slices) != 0) return false;
  }
  return true;
}

/// Limits beyond slices are not part of the closed forms; those of media profiles are looked at apart.
bool plain_profiles_are_free(Board board) {
  std::erase_if(board.profiles, [](Profile const& p) { return p.media == Media::Extensions || p.media == Media::All; });
  auto const plain = Geometry::compile(std::move(board));
  return plain && plain->slices_decide();
}

bool within(Counts const& small, Counts const& large) {
  for (std::size_t i = 0; i < small.size(); ++i)
    if (small[i] > large[i]) return false;
  return true;
}

}  // namespace

Packer::Packer(Geometry const& geometry) : geometry_(&geometry), scores_(geometry, even_mix(geometry)) {
  auto const& board = geometry.board();
  if (!plain_profiles_are_free(board)) return;
  if (is_aligned(board)) {
    shape_ = Shape::Aligned;
    return;
  }
  if (board.memory_slices != 8) return;
  for (auto const& profile : board.profiles) {
    auto const is = [&](std::uint32_t width, std::vector<std::uint32_t> const& starts) { return profile.memory_slices == width && profile.starts == starts; };
    if (is(8, {0})) parts_.push_back(Part::Whole);
    else if (is(4, {0})) parts_.push_back(Part::Left);
    else if (is(4, {0, 4})) parts_.push_back(Part::Half);
    else if (is(2, {0, 2, 4})) parts_.push_back(Part::Pair);
    else if (is(2, {0, 2, 4, 6})) parts_.push_back(Part::DoubleMemory);
    else if (is(1, {0, 1, 2, 3, 4, 5, 6})) parts_.push_back(Part::Single);
    else return;
  }
  shape_ = Shape::Halves;
}

bool Packer::fits_halves(Counts const& counts, std::uint64_t gpus) const {
  auto count = [&](Part part) {
    std::uint64_t sum = 0;
    for (std::size_t p = 0; p < counts.size(); ++p)
      if (parts_[p] == part) sum += counts[p];
    return sum;
  };
  auto const less = [](std::uint64_t a, std::uint64_t b) { return a > b ? a - b : 0; };
  auto const whole = count(Part::Whole), left = count(Part::Left), half = count(Part::Half);
  auto const pair = count(Part::Pair), twice = count(Part::DoubleMemory), single = count(Part::Single);
  if (whole > gpus) return false;
  auto const rest = gpus - whole;
  auto const halves_right = std::min(half, rest);
  if (left + (half - halves_right) > rest) return false;
  auto const lefts_free = rest - left - (half - halves_right), rights_free = rest - halves_right;
  auto const a = 2 * lefts_free + rights_free, b = rights_free;
  return pair + less(twice, b) + (less(single, less(b, twice)) + 1) / 2 <= a;
}

Packing Packer::packable(Counts const& counts, std::uint64_t gpus) const {
  ensure(counts.size() == geometry_->profiles(), "there is a count for every profile");
  // Counts beyond this hold nowhere and would overflow below.
  constexpr std::uint64_t most = 1'000'000'000'000;
  gpus = std::min(gpus, most);
  std::uint64_t slices = 0, extended = 0, all_media = 0;
  for (std::size_t p = 0; p < counts.size(); ++p) {
    auto const& profile = geometry_->board().profiles[p];
    if (counts[p] > gpus * geometry_->capacity(kEmptyGpu, static_cast<std::uint8_t>(p))) return Packing::Impossible;
    slices += counts[p] * profile.memory_slices;
    if (profile.media == Media::Extensions) extended += counts[p];
    if (profile.media == Media::All) all_media += counts[p];
  }
  if (slices > gpus * geometry_->board().memory_slices) return Packing::Impossible;
  if (extended + all_media > gpus) return Packing::Impossible;
  if (shape_ == Shape::Halves && !fits_halves(counts, gpus)) return Packing::Impossible;
  if (shape_ != Shape::Other && extended + all_media == 0) return Packing::Possible;

  // Two sequences that fail on different mixes: the widest first, and those with a claim on media first.
  std::vector<std::uint8_t> sequence(counts.size());
  std::iota(sequence.begin(), sequence.end(), std::uint8_t{0});
  auto const& profiles = geometry_->board().profiles;
  auto special = [&](std::uint8_t p) { return profiles[p].media == Media::Extensions || profiles[p].media == Media::All; };
  std::stable_sort(sequence.begin(), sequence.end(), [&](auto a, auto b) {
    if (profiles[a].memory_slices != profiles[b].memory_slices) return profiles[a].memory_slices > profiles[b].memory_slices;
    if (profiles[a].starts.size() != profiles[b].starts.size()) return profiles[a].starts.size() < profiles[b].starts.size();
    return special(a) && !special(b);
  });
  if (packs_greedily(counts, gpus, sequence)) return Packing::Possible;
  std::stable_partition(sequence.begin(), sequence.end(), special);
  return packs_greedily(counts, gpus, sequence) ? Packing::Possible : Packing::Unproven;
}

bool Packer::packs_greedily(Counts const& counts, std::uint64_t gpus, std::vector<std::uint8_t> const& sequence) const {
  // GPUs in the same state are alike, so they move together and the work does not grow with their number.
  std::vector<std::uint64_t> in_state(geometry_->states(), 0);
  in_state[kEmptyGpu] = gpus;
  for (auto profile : sequence) {
    auto left = counts[profile];
    while (left > 0) {
      auto const& order = scores_.order(profile);
      auto const best = std::find_if(order.begin(), order.end(), [&](StateId state) { return in_state[state] > 0; });
      if (best == order.end()) return false;
      auto const moved = std::min(left, in_state[*best]);
      in_state[*best] -= moved;
      in_state[*geometry_->after(*best, *scores_.best(*best, profile))] += moved;
      left -= moved;
    }
  }
  return true;
}

std::optional<std::uint64_t> Packer::gpus_needed(Counts const& counts, std::uint64_t limit) const {
  if (packable(counts, limit) != Packing::Possible) return std::nullopt;
  std::uint64_t low = 0, high = limit;
  while (low < high) {
    auto const middle = low + (high - low) / 2;
    if (packable(counts, middle) == Packing::Possible) high = middle;
    else low = middle + 1;
  }
  return high;
}

std::vector<Counts> configurations(Geometry const& geometry) {
  std::set<Counts> all;
  for_each_layout(geometry, [&](Layout const& layout, StateId state) {
    if (!geometry.is_maximal(state)) return;
    Counts counts(geometry.profiles(), 0);
    for (auto placement : layout.placements) ++counts[placement.profile];
    all.insert(std::move(counts));
  });
  std::vector<Counts> best;
  for (auto const& one : all)
    if (std::none_of(all.begin(), all.end(), [&](Counts const& other) { return one != other && within(one, other); })) best.push_back(one);
  return best;
}

bool packable_by_search(std::vector<Counts> const& configurations, Counts const& counts, std::uint64_t gpus) {
  auto const nothing = Counts(counts.size(), 0);
  std::set<Counts> open{counts};
  for (; gpus > 0 && !open.contains(nothing); --gpus) {
    std::set<Counts> next;
    for (auto const& left : open) {
      for (auto const& one : configurations) {
        auto rest = left;
        for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= std::min(rest[i], one[i]);
        next.insert(std::move(rest));
      }
    }
    open = std::move(next);
  }
  return open.contains(nothing);
}

}  // namespace nav::mig
