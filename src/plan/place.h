// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/moving.h"
#include "core/offer.h"
#include "plan/plan.h"

namespace nav::plan {

/// What goes with the compute itself, and where the template lets it be taken.
struct Beside {
  std::uint32_t cpu_milli = 0;
  std::uint64_t memory_mib = 0;
  Template const* from = nullptr;
  std::string const* site = nullptr;  ///< nothing elsewhere will do; none: wherever it is

  bool is_left_on(Node const& node) const {
    if (site && *site != node.site) return false;
    return node.cpu_milli_used + cpu_milli <= node.cpu_milli && node.memory_mib_used + memory_mib <= node.memory_mib && admits(*from, node);
  }
  /// The node would have it if nothing ran there.
  bool is_on(Node const& node) const { return cpu_milli <= node.cpu_milli && memory_mib <= node.memory_mib; }
};

inline Beside beside(RequestClass const& request, Template const& t) {
  auto const needs = needs_of(request, t);
  return {needs.cpu_milli, needs.memory_mib, &t, nullptr};
}

/// The best place on this rung's template alone.
std::optional<PlaceJob> place_on(Pool const& pool, PlanIndex const& index, Template const& t, Beside const& need);

}  // namespace nav::plan
