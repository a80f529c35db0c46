// SPDX-License-Identifier: Apache-2.0
#include "mig/transition.h"

#include <algorithm>
#include <bit>
#include <tuple>

namespace nav::mig {
namespace {

constexpr std::size_t kMostInstances = 16;  // one a memory slice

/// The state of those instances, or nothing when they do not go together (what was cut behind our back need not).
std::optional<StateId> state_with(Geometry const& geometry, StateId state, std::span<Placement const> placements) {
  for (auto placement : placements) {
    auto const next = geometry.after(state, placement);
    if (!next) return std::nullopt;
    state = *next;
  }
  return state;
}

std::optional<StateId> busy_state(Geometry const& geometry, std::span<Instance const> instances) {
  std::vector<Placement> busy;
  for (auto const& instance : instances)
    if (instance.use == Use::Busy) busy.push_back(instance.placement);
  return state_with(geometry, kEmptyGpu, busy);
}

std::uint32_t slices_of(Geometry const& geometry, std::span<Placement const> placements) {
  std::uint32_t slices = 0;
  for (auto placement : placements) slices += geometry.profile(placement.profile).memory_slices;
  return slices;
}

/// The fewest of `idle`, then the least memory, that must go so that the rest stand beside `placement` in `state`. It fits there alone.
std::vector<Placement> fewest_to_destroy(Geometry const& geometry, StateId state, std::vector<Placement> const& idle, Placement placement) {
  std::vector<Placement> destroy, keep;
  for (auto one : idle) (geometry.window(one) & geometry.window(placement) ? destroy : keep).push_back(one);
  auto const with = *geometry.after(state, placement);
  if (state_with(geometry, with, keep)) return destroy;
  // What is left in the way holds a limit (media engines, say). It is rare and the sets are small, so all of them are tried.
  std::vector<Placement> best = keep;
  if (keep.size() > kMostInstances) return idle;  // no driver makes so many: away with all of it
  for (std::uint32_t chosen = 1; chosen < 1u << keep.size(); ++chosen) {
    std::vector<Placement> go, stay;
    for (std::size_t i = 0; i < keep.size(); ++i) (chosen >> i & 1 ? go : stay).push_back(keep[i]);
    auto const worth = [&](std::vector<Placement> const& set) { return std::pair(set.size(), slices_of(geometry, set)); };
    if (worth(go) < worth(best) && state_with(geometry, with, stay)) best = std::move(go);
  }
  destroy.insert(destroy.end(), best.begin(), best.end());
  std::sort(destroy.begin(), destroy.end());
  return destroy;
}

std::vector<Placement> idle_of(std::span<Instance const> instances) {
  std::vector<Placement> idle;
  for (auto const& instance : instances)
    if (instance.use == Use::Idle) idle.push_back(instance.placement);
  std::sort(idle.begin(), idle.end());
  return idle;
}

}  // namespace

std::optional<Room> make_room_at(Geometry const& geometry, std::span<Instance const> instances, Placement placement) {
  auto const busy = busy_state(geometry, instances);
  if (!busy || !geometry.fits(*busy, placement)) return std::nullopt;
  auto const idle = idle_of(instances);
  if (std::binary_search(idle.begin(), idle.end(), placement)) return Room{placement, {}, true};
  return Room{placement, fewest_to_destroy(geometry, *busy, idle, placement), false};
}

std::optional<Room> make_room(Geometry const& geometry, Scores const* scores, std::span<Instance const> instances, std::uint8_t profile) {
  auto const busy = busy_state(geometry, instances);
  if (!busy) return std::nullopt;
  std::optional<Room> best;
  auto worth = [&](Room const& room) {
    auto const value = scores ? -scores->value(*geometry.after(*busy, room.placement)) : 0;
    return std::tuple(!room.reuse, room.destroy.size(), slices_of(geometry, room.destroy), value, room.placement.start);
  };
  for (auto placement : geometry.placements(profile)) {
    auto room = make_room_at(geometry, instances, placement);
    if (room && (!best || worth(*room) < worth(*best))) best = std::move(room);
  }
  return best;
}

Result<std::vector<Step>> steps_between(Geometry const& geometry, std::span<Instance const> from, Layout const& to) {
  TRY_VOID(geometry.state_of(to));
  std::vector<Step> destroys, creates;
  Layout standing;
  for (auto const& instance : from) {
    standing.add(instance.placement);
    if (to.contains(instance.placement)) continue;
    if (instance.use == Use::Busy) return fail(ErrorKind::Conflict, "{} is busy and not in the layout wanted", to_text(geometry.board(), instance.placement));
    destroys.push_back({StepKind::Destroy, instance.placement});
  }
  for (auto placement : to.placements)
    if (!standing.contains(placement)) creates.push_back({StepKind::Create, placement});
  std::sort(destroys.begin(), destroys.end(), [](Step const& a, Step const& b) { return a.placement < b.placement; });
  destroys.insert(destroys.end(), creates.begin(), creates.end());
  return destroys;
}

}  // namespace nav::mig
