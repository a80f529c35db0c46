// SPDX-License-Identifier: Apache-2.0
#include "plan/place.h"

#include <algorithm>
#include <tuple>

#include "plan/plan_index.h"

namespace nav {
namespace plan {
namespace {

/// A slice to be had, and what having it takes from the value of its GPU.
struct SlicePlace {
  std::uint32_t gpu = 0;
  mig::Placement at;
  std::int32_t cost = 0;
};

template <class HasRoom>
std::optional<SlicePlace> cheapest_idle(BoardIndex const& board, PlanIndex::Body const& body, std::uint8_t profile, HasRoom&& has_room) {
  for (auto const& [cost, gpus] : board.idle[profile])
    for (auto gpu = gpus.first(); gpu; gpu = gpus.next(*gpu + 1)) {
      if (!has_room(*gpu)) continue;
      for (auto const& idle : body.nodes.at(node_of(*gpu)).gpus[gpu_of(*gpu)].idle)
        if (idle.at.profile == profile) return SlicePlace{*gpu, idle.at, cost};
    }
  return std::nullopt;
}

/// How many GPUs of equal cost are looked at for one where no idle slice must be destroyed.
constexpr int most_looked_at = 16;

bool destroys_nothing(Gpu const& gpu, mig::Placement at) {
  auto const window = gpu.geometry->window(at);
  return std::none_of(gpu.slices.begin(), gpu.slices.end(), [&](Slice const& s) { return gpu.geometry->window(s.at) & window; });
}

template <class HasRoom>
std::optional<SlicePlace> cheapest_cut(Pool const& pool, BoardIndex const& board, std::uint8_t profile, HasRoom&& has_room) {
  auto const choice = board.cut.best(profile, has_room);
  if (!choice) return std::nullopt;
  auto const state = *board.cut.state_of(choice->gpu);
  auto const cost = board.scores.cost(state, profile);
  int looked_at = 0;
  auto const& alike = board.cut.bucket(state);
  for (std::optional gpu = choice->gpu; gpu && looked_at < most_looked_at; gpu = alike.next(*gpu + 1), ++looked_at) {
    if (!has_room(*gpu)) continue;
    for (auto at : board.geometry->placements(profile)) {
      auto const after = board.geometry->after(state, at);
      if (!after || board.scores.value(state) - board.scores.value(*after) != cost) continue;
      if (destroys_nothing(pool.nodes.at(node_of(*gpu).value).gpus[gpu_of(*gpu)], at)) return SlicePlace{*gpu, at, cost};
    }
  }
  return SlicePlace{choice->gpu, choice->placement, cost};
}

std::optional<PlaceJob> place_slice(Pool const& pool, PlanIndex::Body const& body, Template const& t, Beside const& need) {
  auto const has_room = [&](std::uint32_t gpu) { return need.is_left_on(pool.nodes.at(node_of(gpu).value)); };
  std::optional<SlicePlace> best;
  for (auto const& board : body.boards) {
    auto const profile = board->geometry->profile_named(t.profile);
    if (!profile) continue;
    // Equal cost: what stands idle already is ready at once.
    auto found = cheapest_idle(*board, body, *profile, has_room);
    auto const cut = cheapest_cut(pool, *board, *profile, has_room);
    if (cut && (!found || cut->cost < found->cost)) found = cut;
    if (found && (!best || found->cost < best->cost)) best = found;
  }
  if (!best) return std::nullopt;
  return PlaceJob{.job = {}, .node = node_of(best->gpu), .rung = 0, .gpus = 1u << gpu_of(best->gpu), .placement = best->at};
}

/// The node where the fewest GPUs are left over, so that larger requests keep their nodes.
std::optional<PlaceJob> place_gpus(Pool const& pool, PlanIndex::Body const& body, Template const& t, Beside const& need) {
  auto const family = body.whole.find(t.family);
  if (family == body.whole.end()) return std::nullopt;
  for (std::size_t free = t.gpus; free < family->second.size(); ++free) {
    auto const& nodes = family->second[free];
    for (auto id = nodes.first(); id; id = nodes.next(*id + 1)) {
      Node const& node = pool.nodes.at(*id);
      if (!need.is_left_on(node)) continue;
      // GPUs that need no switching of MIG mode come first, then those on which no idle slice is lost.
      std::vector<Gpu const*> gpus;
      for (auto const& gpu : node.gpus)
        if (gpu.family == t.family && is_free_whole(gpu) && !body.is_withheld(node.id, gpu.index)) gpus.push_back(&gpu);
      std::sort(gpus.begin(), gpus.end(), [](Gpu const* a, Gpu const* b) {
        auto const trouble = [](Gpu const* g) { return std::tuple(g->mode != GpuMode::Whole, g->slices.size(), g->index); };
        return trouble(a) < trouble(b);
      });
      PlaceJob place{.job = {}, .node = node.id, .rung = 0, .gpus = 0, .placement = {}};
      for (std::uint32_t i = 0; i < t.gpus; ++i) place.gpus |= 1u << gpus[i]->index;
      return place;
    }
  }
  return std::nullopt;
}

/// Nodes without GPUs first: processors beside a GPU are wanted by its slices.
std::optional<PlaceJob> place_cpu(Pool const& pool, PlanIndex::Body const& body, Beside const& need) {
  for (auto const* nodes : {&body.nodes_without_gpus, &body.nodes_with_gpus})
    for (auto id = nodes->first(); id; id = nodes->next(*id + 1))
      if (need.is_left_on(pool.nodes.at(*id))) return PlaceJob{.job = {}, .node = NodeId{*id}, .rung = 0, .gpus = 0, .placement = {}};
  return std::nullopt;
}

}  // namespace

std::optional<PlaceJob> place_on(Pool const& pool, PlanIndex const& index, Template const& t, Beside const& need) {
  switch (t.kind) {
    case TemplateKind::Slice: return place_slice(pool, index.body(), t, need);
    case TemplateKind::Gpus: return place_gpus(pool, index.body(), t, need);
    case TemplateKind::Cpu: return place_cpu(pool, index.body(), need);
  }
  return std::nullopt;
}

}  // namespace plan

std::optional<PlaceJob> place(Pool const& pool, PlanIndex const& index, RequestClass const& request, JobId job,
                              std::function<bool(PlaceJob const&)> const& may) {
  for (std::uint32_t rung = 0; rung <= request.rung && rung < request.on.size(); ++rung) {
    Template const* t = pool.find_template(request.on[rung]);
    if (!t || !check_open(*t, request, rung)) continue;
    auto place = plan::place_on(pool, index, *t, plan::beside(request, *t));
    if (!place) continue;
    place->job = job;
    place->rung = rung;
    if (may && !may(*place)) continue;
    return place;
  }
  return std::nullopt;
}

}  // namespace nav
