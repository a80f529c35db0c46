// SPDX-License-Identifier: Apache-2.0
#include "http/room.h"

#include <algorithm>

#include "core/offer.h"

namespace nav::http {
namespace {

/// Slices of this profile that are there, ready and nobody's: all that can be had of a GPU whose layout is not to be changed.
std::uint64_t ready_of(Gpu const& gpu, std::uint8_t profile) {
  return static_cast<std::uint64_t>(
      std::count_if(gpu.slices.begin(), gpu.slices.end(), [&](Slice const& slice) { return slice.is_free() && slice.at.profile == profile; }));
}

/// How often `share` goes into what is left of `all`; a share of nothing does not bind.
std::uint64_t shares(std::uint64_t all, std::uint64_t used, std::uint64_t share) {
  if (share == 0) return UINT64_MAX;
  return all > used ? (all - used) / share : 0;
}

}  // namespace

std::vector<std::uint32_t> stranded_on(Gpu const& gpu) {
  std::vector<std::uint32_t> out;
  if (!gpu.geometry || gpu.slices.empty()) return out;
  auto const& geometry = *gpu.geometry;
  auto const state = geometry.state_of(gpu.layout());
  if (!state) return out;
  mig::SliceMask reached = geometry.mask(*state);
  for (mig::Placement const placement : geometry.placements())
    if (geometry.fits(*state, placement)) reached |= geometry.window(placement);
  for (std::uint32_t slice = 0; slice < geometry.board().memory_slices; ++slice)
    if ((reached >> slice & 1) == 0) out.push_back(slice);
  return out;
}

Room::Room(Pool const& pool) {
  pool.nodes.each([&](Node const& node) {
    if (!node.takes_jobs()) return;
    NodeRoom room{.node = &node, .gpus = {}};
    for (Gpu const& gpu : node.gpus) {
      if (gpu.holder || !gpu.aside.empty()) continue;
      GpuRoom one{.gpu = &gpu, .unused = gpu.is_unused() && (gpu.policy != GpuPolicy::Fixed || gpu.mode == GpuMode::Whole), .state = mig::kEmptyGpu};
      if (gpu.geometry) {
        mig::Layout taken;
        for (Slice const& slice : gpu.slices)
          if (!slice.is_free()) taken.add(slice.at);
        auto const state = gpu.geometry->state_of(taken);
        if (!state) continue;
        one.state = *state;
      }
      room.gpus.push_back(one);
    }
    nodes_.push_back(std::move(room));
  });
}

std::uint64_t Room::for_template(Template const& what) const {
  std::uint64_t sum = 0;
  for (NodeRoom const& room : nodes_) {
    if (!admits(what, *room.node)) continue;
    std::uint64_t here = 0;
    for (GpuRoom const& one : room.gpus) {
      Gpu const& gpu = *one.gpu;
      if (what.kind == TemplateKind::Gpus) {
        if (one.unused && gpu.family == what.family) ++here;
      } else if (what.kind == TemplateKind::Slice && gpu.geometry && gpu.policy != GpuPolicy::Whole) {
        auto const profile = gpu.geometry->profile_named(what.profile);
        if (profile) here += gpu.policy == GpuPolicy::Fixed ? ready_of(gpu, *profile) : gpu.geometry->capacity(one.state, *profile);
      }
    }
    if (what.kind == TemplateKind::Gpus) here /= std::max<std::uint64_t>(what.gpus, 1);
    Node const& node = *room.node;
    std::uint64_t const shared = std::min(shares(node.cpu_milli, node.cpu_milli_used, what.cpu_milli),
                                          shares(node.memory_mib, node.memory_mib_used, what.memory_mib));
    if (what.kind == TemplateKind::Cpu) here = shared == UINT64_MAX ? 0 : shared;
    sum += std::min(here, shared);
  }
  return sum;
}

}  // namespace nav::http
