// SPDX-License-Identifier: Apache-2.0
#include "bench/static_layouts.h"

#include <algorithm>
#include <map>

#include "bench/mixes.h"
#include "bench/policies.h"
#include "mig/packing.h"

namespace nav::bench {

std::vector<mig::Layout> static_layouts(Setting const& setting) {
  auto const& geometry = *setting.geometry;
  std::map<mig::Counts, mig::Layout> by_counts;
  mig::for_each_layout(geometry, [&](mig::Layout const& layout, mig::StateId state) {
    if (!geometry.is_maximal(state)) return;
    mig::Counts counts(geometry.profiles(), 0);
    for (auto at : layout.placements) ++counts[at.profile];
    by_counts.try_emplace(std::move(counts), layout);
  });
  // Instances in use if none were refused.
  double const mean = mean_slices(geometry, setting.mix);
  std::vector<double> missing;
  for (double share : setting.mix) missing.push_back(setting.rho * setting.gpus * geometry.board().memory_slices / mean * share);
  std::vector<mig::Layout> layouts;
  for (std::uint32_t gpu = 0; gpu < setting.gpus; ++gpu) {
    auto const taken = [&](mig::Counts const& counts) {
      double slices = 0;
      for (std::size_t p = 0; p < counts.size(); ++p)
        slices += geometry.board().profiles[p].memory_slices * std::min(std::max(missing[p], 0.0), static_cast<double>(counts[p]));
      return slices;
    };
    auto const best = std::max_element(by_counts.begin(), by_counts.end(), [&](auto const& a, auto const& b) { return taken(a.first) < taken(b.first); });
    for (std::size_t p = 0; p < missing.size(); ++p) missing[p] -= static_cast<double>(best->first[p]);
    layouts.push_back(best->second);
  }
  return layouts;
}

}  // namespace nav::bench
