// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/pool.h"

/// What is free, for people who look: counted on a snapshot, nothing is promised by it.
namespace nav::http {

/// Memory slices of a GPU that are not cut and that no profile can be placed on beside what is there.
std::vector<std::uint32_t> stranded_on(Gpu const& gpu);

/// The room in a pool at one moment, GPU by GPU.
class Room {
 public:
  /// Lent: the pool outlives it.
  explicit Room(Pool const& pool);
  /// How many jobs could begin on it now, if nobody asked for anything else. Idle slices count as what could be cut in their place.
  std::uint64_t for_template(Template const& what) const;

 private:
  struct GpuRoom {
    Gpu const* gpu = nullptr;
    bool unused = false;                  ///< could be given whole
    mig::StateId state = mig::kEmptyGpu;  ///< with what is held or set aside, and nothing else
  };
  struct NodeRoom {
    Node const* node = nullptr;
    std::vector<GpuRoom> gpus;  ///< those that anything could begin on
  };
  std::vector<NodeRoom> nodes_;  ///< those that take jobs
};

}  // namespace nav::http
