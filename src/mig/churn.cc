// SPDX-License-Identifier: Apache-2.0
#include "mig/churn.h"

#include <vector>

#include "base/random.h"
#include "mig/bucket_index.h"

namespace nav::mig {

Churn churn(Geometry const& geometry, std::uint32_t gpus, std::uint64_t pairs, double load, std::uint64_t seed) {
  auto const mix = even_mix(geometry);
  Scores const scores(geometry, mix);
  BucketIndex index(geometry, scores);
  for (std::uint32_t gpu = 0; gpu < gpus; ++gpu) index.insert(gpu, kEmptyGpu);
  std::vector<std::uint8_t> asked;
  for (std::size_t p = 0; p < mix.size(); ++p)
    if (mix[p] > 0) asked.push_back(static_cast<std::uint8_t>(p));

  Random random(seed);
  std::vector<BucketIndex::Choice> living;
  Churn result;
  std::uint64_t slices = 0;
  auto const target = static_cast<std::uint64_t>(load * static_cast<double>(gpus) * geometry.board().memory_slices);
  auto place = [&] {
    auto const choice = index.best(asked[random.below(asked.size())]);
    if (!choice) return ++result.refused, false;
    index.move(choice->gpu, *geometry.after(*index.state_of(choice->gpu), choice->placement));
    slices += geometry.profile(choice->placement.profile).memory_slices;
    living.push_back(*choice);
    result.checksum = result.checksum * 0x100000001B3ull + choice->gpu * 257 + choice->placement.start;
    return true;
  };
  auto release = [&] {
    auto& slot = living[random.below(living.size())];
    auto const gone = slot;
    slot = living.back();
    living.pop_back();
    index.move(gone.gpu, geometry.without(*index.state_of(gone.gpu), gone.placement));
    slices -= geometry.profile(gone.placement.profile).memory_slices;
  };

  while (slices < target && place()) {}
  while (result.pairs < pairs && !living.empty()) {
    release();
    while (slices < target && result.pairs < pairs && place()) ++result.pairs;
  }
  return result;
}

}  // namespace nav::mig
