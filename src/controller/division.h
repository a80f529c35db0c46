// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/pool.h"
#include "telemetry/ledger.h"

/// How a GPU of the pool is divided at one moment, for the ledger.
namespace nav {

/// The most that could still be used at once of a GPU in some state: what is beyond it is lost to geometry. Worked out once a state.
class Reach {
 public:
  struct Most {
    std::uint32_t memory = 0, compute = 0;
  };
  Most most(std::shared_ptr<mig::Geometry const> const& geometry, mig::StateId state);

 private:
  std::map<std::shared_ptr<mig::Geometry const>, std::vector<std::optional<Most>>> known_;
};

/// What waiting jobs ask for: profiles of slices, families of whole GPUs. What is idle and fits none of it is stranded; while nothing
/// waits nothing is.
struct Wanted {
  std::set<std::string> profiles, families;

  bool is_empty() const { return profiles.empty() && families.empty(); }
  bool operator==(Wanted const&) const = default;
};
Wanted wanted_by_waiting(Pool const& pool);

/// Shares without their keys. An attempt holds its place from when its node says that it runs; until then the place is being
/// reconfigured. On a node that is drained or does not answer what is free is set aside. Memory and compute slices each add up to all.
telemetry::Division division_of(Pool const& pool, Node const& node, Gpu const& gpu, Wanted const& wanted, Reach& reach);

/// The attempts on the node that hold no GPU, as a GPU without slices: they hold processors.
telemetry::Division processors_of(Pool const& pool, Node const& node);

}  // namespace nav
