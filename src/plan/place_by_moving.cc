// SPDX-License-Identifier: Apache-2.0
#include "plan/place_by_moving.h"

#include <map>

#include "plan/place.h"
#include "plan/plan_index.h"

namespace nav {
namespace {

bool may_move(Job const& job) { return job.restartable && job.state == JobState::Running && job.stop == StopCause::None; }

/// Everything held or set aside on the GPUs of one board that may be cut.
mig::TenantIndex tenants_of(Pool const& pool, plan::BoardIndex const& board) {
  mig::TenantIndex tenants(*board.geometry);
  pool.nodes.each([&](Node const& node) {
    for (auto const& gpu : node.gpus) {
      auto const number = plan::number_of(node.id, gpu.index);
      if (gpu.geometry != board.geometry || !board.cut.state_of(number)) continue;
      tenants.insert(number);
      for (auto const& slice : gpu.slices) {
        if (slice.is_free()) continue;
        Job const* holder = slice.aside.empty() ? pool.job(slice.holder.job) : nullptr;
        tenants.seat(number, {slice.at, holder && may_move(*holder) ? mig::Hold::Movable : mig::Hold::Pinned});
      }
    }
  });
  return tenants;
}

Job const& holder_of(Pool const& pool, std::uint32_t gpu, mig::Placement at) {
  for (auto const& slice : pool.nodes.at(plan::node_of(gpu).value).gpus[plan::gpu_of(gpu)].slices)
    if (slice.at == at && slice.holder) return pool.jobs.at(slice.holder.job.value);
  ensure(false, "who is to move sits there");
}

/// May everybody sit where the plan says, and have all nodes processors and memory enough then?
bool leaves_room(Pool const& pool, mig::MovePlan const& plan, plan::Beside const& need) {
  struct Change {
    std::int64_t cpu_milli = 0, memory_mib = 0;
  };
  std::map<NodeId, Change> changes;
  auto const add = [&](std::uint32_t gpu, std::int64_t cpu_milli, std::int64_t memory_mib) {
    auto& change = changes[plan::node_of(gpu)];
    change.cpu_milli += cpu_milli, change.memory_mib += memory_mib;
  };
  auto const node_at = [&](std::uint32_t gpu) -> Node const& { return pool.nodes.at(plan::node_of(gpu).value); };
  if (!admits(*need.from, node_at(plan.place.gpu))) return false;
  add(plan.place.gpu, need.cpu_milli, static_cast<std::int64_t>(need.memory_mib));
  for (auto const& move : plan.moves) {
    Job const& mover = holder_of(pool, move.from, move.was);
    auto const& seat = mover.seat;
    Template const* t = pool.find_template(pool.queues.at(mover.queue).request.on[seat.rung]);
    if (!t || !admits(*t, node_at(move.to))) return false;
    add(move.from, -std::int64_t{seat.cpu_milli}, -static_cast<std::int64_t>(seat.memory_mib));
    add(move.to, seat.cpu_milli, static_cast<std::int64_t>(seat.memory_mib));
  }
  for (auto const& [id, change] : changes) {
    Node const& node = pool.nodes.at(id.value);
    if (static_cast<std::int64_t>(node.cpu_milli_used) + change.cpu_milli > static_cast<std::int64_t>(node.cpu_milli)) return false;
    if (static_cast<std::int64_t>(node.memory_mib_used) + change.memory_mib > static_cast<std::int64_t>(node.memory_mib)) return false;
  }
  return true;
}

PlaceJob place_at(JobId job, std::uint32_t rung, std::uint32_t gpu, mig::Placement at) {
  return {.job = job, .node = plan::node_of(gpu), .rung = rung, .gpus = 1u << plan::gpu_of(gpu), .placement = at};
}

}  // namespace

std::optional<PlaceByMoving> place_by_moving(Pool const& pool, PlanIndex const& index, RequestClass const& request, JobId job, mig::MoveLimits const& limits,
                                             PriceOfMove const& price) {
  for (std::uint32_t rung = 0; rung < request.on.size(); ++rung) {
    Template const* t = pool.find_template(request.on[rung]);
    if (!t || t->kind != TemplateKind::Slice) continue;
    auto const need = plan::beside(request, *t);
    if (plan::place_on(pool, index, *t, need)) return std::nullopt;
    std::optional<PlaceByMoving> best;
    for (auto const& board : index.body().boards) {
      auto const profile = board->geometry->profile_named(t->profile);
      if (!profile) continue;
      auto const found = mig::find_moves(
          *board->geometry, board->scores, board->cut, tenants_of(pool, *board), *profile, limits,
          [&](std::uint32_t gpu, mig::Placement at) { return price(holder_of(pool, gpu, at)).us; },
          [&](mig::MovePlan const& plan) { return leaves_room(pool, plan, need); });
      if (!found || (best && best->price <= Duration{found->price})) continue;
      best = PlaceByMoving{place_at(job, rung, found->place.gpu, found->place.placement), {}, Duration{found->price}};
      for (auto const& move : found->moves) {
        Job const& mover = holder_of(pool, move.from, move.was);
        best->moves.push_back(place_at(mover.id, mover.seat.rung, move.to, move.now));
      }
    }
    if (best) return best;
  }
  return std::nullopt;
}

}  // namespace nav
