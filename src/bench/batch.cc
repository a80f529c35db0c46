// SPDX-License-Identifier: Apache-2.0
#include "bench/batch.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/random.h"
#include "bench/policies.h"

namespace nav::bench {
namespace {

/// Opens a GPU when nothing fits on those that are open.
std::uint64_t pack_online(mig::Geometry const& geometry, mig::Scores const& scores, std::vector<std::uint8_t> const& sequence, bool by_scores) {
  mig::BucketIndex index(geometry, scores);
  std::uint32_t open = 0;
  for (auto const profile : sequence) {
    std::optional<mig::BucketIndex::Choice> at;
    if (by_scores) {
      at = index.best(profile);
    } else {
      index.each_filled(profile, [&](mig::StateId state) {
        auto const gpu = *index.bucket(state).first();
        if (at && at->gpu < gpu) return false;
        for (auto const place : geometry.placements(profile))
          if (geometry.fits(state, place)) {
            at = mig::BucketIndex::Choice{gpu, place};
            break;
          }
        return false;
      });
    }
    if (!at) {
      index.insert(open, mig::kEmptyGpu);
      at = mig::BucketIndex::Choice{open++, *scores.best(mig::kEmptyGpu, profile)};
    }
    index.move(at->gpu, *geometry.after(*index.state_of(at->gpu), at->placement));
  }
  return open;
}

/// The highest start there is on any GPU. On boards of two halves that keeps what serves most: a 3g takes a right half, a 1g with double memory
/// the last pair, which lacks the compute slice for a 2g.
std::optional<mig::BucketIndex::Choice> highest_start(mig::Geometry const& geometry, mig::BucketIndex const& index, std::uint8_t profile) {
  std::optional<mig::BucketIndex::Choice> found;
  index.each_filled(profile, [&](mig::StateId state) {
    for (auto const at : geometry.placements(profile))
      if (geometry.fits(state, at) && (!found || at.start > found->placement.start)) found = mig::BucketIndex::Choice{*index.bucket(state).first(), at};
    return false;
  });
  return found;
}

/// Places all on so many GPUs, the widest and least free to choose first; false when one does not fit.
bool pack_on(mig::Geometry const& geometry, mig::Scores const& scores, mig::Counts const& counts, std::uint64_t gpus) {
  mig::BucketIndex index(geometry, scores);
  for (std::uint32_t gpu = 0; gpu < gpus; ++gpu) index.insert(gpu, mig::kEmptyGpu);
  std::vector<std::uint8_t> order(counts.size());
  std::iota(order.begin(), order.end(), std::uint8_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) {
    auto const& profiles = geometry.board().profiles;
    if (profiles[a].memory_slices != profiles[b].memory_slices) return profiles[a].memory_slices > profiles[b].memory_slices;
    return profiles[a].starts.size() < profiles[b].starts.size();
  });
  for (auto const profile : order)
    for (std::uint64_t i = 0; i < counts[profile]; ++i) {
      auto const at = highest_start(geometry, index, profile);
      if (!at) return false;
      index.move(at->gpu, *geometry.after(*index.state_of(at->gpu), at->placement));
    }
  return true;
}

}  // namespace

mig::Counts draw_batch(mig::Mix const& mix, std::uint64_t requests, std::uint64_t seed, std::vector<std::uint8_t>& sequence) {
  Random random = Random(seed).child("batch");
  mig::Counts counts(mix.size(), 0);
  for (std::uint64_t i = 0; i < requests; ++i) {
    double left = random.uniform();
    std::size_t last = 0;
    for (std::size_t p = 0; p < mix.size() && left >= 0; ++p)
      if (mix[p] > 0) last = p, left -= mix[p];
    sequence.push_back(static_cast<std::uint8_t>(last));
    ++counts[last];
  }
  return counts;
}

BatchResult pack_batch(mig::Geometry const& geometry, mig::Mix const& mix, std::uint64_t requests, std::uint64_t seed) {
  std::vector<std::uint8_t> sequence;
  auto const counts = draw_batch(mix, requests, seed, sequence);
  mig::Scores const scores(geometry, mix);
  BatchResult result;
  result.optimum = *mig::Packer(geometry).gpus_needed(counts, requests);
  for (result.constructed = result.optimum; !pack_on(geometry, scores, counts, result.constructed);) ++result.constructed;
  result.online = pack_online(geometry, scores, sequence, true);
  result.first_fit = pack_online(geometry, scores, sequence, false);
  return result;
}

}  // namespace nav::bench
