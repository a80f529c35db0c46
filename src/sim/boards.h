// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mig/board.h"

namespace nav::sim {

/// An A100-40GB with the six profiles everybody uses, as its driver reports it.
inline mig::Board a100() {
  auto const profile = [](char const* name, std::uint32_t id, std::uint32_t compute, std::uint32_t memory, std::uint64_t mib, std::uint32_t most,
                          std::vector<std::uint32_t> starts) {
    return mig::Profile{
        .name = name, .id = id, .compute_slices = compute, .memory_slices = memory, .memory_mib = mib, .max_instances = most, .starts = std::move(starts)};
  };
  return {.model = "NVIDIA A100-SXM4-40GB",
          .memory_mib = 40960,
          .memory_slices = 8,
          .compute_slices = 7,
          .profiles = {profile("1g.5gb", 19, 1, 1, 4864, 7, {0, 1, 2, 3, 4, 5, 6}), profile("1g.10gb", 15, 1, 2, 9856, 4, {0, 2, 4, 6}),
                       profile("2g.10gb", 14, 2, 2, 9856, 3, {0, 2, 4}), profile("3g.20gb", 9, 3, 4, 19968, 2, {0, 4}),
                       profile("4g.20gb", 5, 4, 4, 19968, 1, {0}), profile("7g.40gb", 0, 7, 8, 40192, 1, {0})}};
}

}  // namespace nav::sim
