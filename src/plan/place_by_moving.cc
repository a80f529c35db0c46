// SPDX-License-Identifier: Apache-2.0
#include "plan/place_by_moving.h"

#include <algorithm>

#include "core/moving.h"
#include "core/offer.h"
#include "mig/moves.h"
#include "plan/clear.h"
#include "plan/place.h"
#include "plan/plan_index.h"
#include "plan/reserve.h"

namespace nav {
namespace {

constexpr double restart_s = 30;                  // of each slice that moves: until its job is where it was when it began
constexpr double cutting_s = 10;                  // of each move: to stop, and to cut anew
constexpr Duration wait_nobody_knows = hours(1);  // of who waits for jobs of which nothing is known
constexpr std::uint32_t most_moves_for_a_slice = 3;
constexpr std::size_t most_plans_checked = 2'000;  // of one search

/// One job, one template: who may move for it, and what that costs.
class Search {
 public:
  Search(Pool const& pool, PlanIndex::Body const& body, RequestClass const& request, Job const& job, Template const& t)
      : pool_(pool), body_(body), class_(class_of(request.priority)), job_(job), t_(t), need_(plan::beside(request, t)) {}

  std::optional<MoveJobs> for_slice(std::uint32_t rung) const {
    std::optional<MoveJobs> best;
    std::int64_t best_price = std::numeric_limits<std::int64_t>::max();
    for (auto const& board : body_.boards) {
      auto const profile = board->geometry->profile_named(t_.profile);
      if (!profile) continue;
      mig::MoveLimits const limits{.most = mig::moves_worth(*board->geometry, *profile, most_moves_for_a_slice), .chains = true, .most_price = best_price};
      if (limits.most == 0) continue;
      auto const found = mig::find_moves(
          *board->geometry, board->scores, board->cut, tenants_of(*board), *profile, limits,
          [&](std::uint32_t gpu, mig::Placement at) { return static_cast<std::int64_t>(price_of_moving(holder_of(gpu, at), pool_.now) * 1e6); },
          [&](mig::MovePlan const& plan) { return is_accepted(command_of(plan, rung)); });
      if (!found || found->price >= best_price) continue;
      best_price = found->price;
      best = command_of(*found, rung);
    }
    return best;
  }

  std::optional<MoveJobs> for_gpus(std::uint32_t rung) const {
    return plan::clear_gpus(
        pool_, body_, t_, need_, [&](Job const& holder) { return may_move(holder); },
        [&](MoveJobs& plan) {
          plan.place->job = job_.id;
          plan.place->rung = rung;
          return is_accepted(plan);
        });
  }

 private:
  bool may_move(Job const& job) const { return may_be_moved(pool_, job, class_, pool_.now).has_value(); }
  bool is_accepted(MoveJobs const& plan) const { return ++checked_ <= most_plans_checked && decide(pool_, plan, Asked{UserId{}, pool_.now}).has_value(); }

  /// Everything held or set aside on the GPUs of one board that may be cut now.
  mig::TenantIndex tenants_of(plan::BoardIndex const& board) const {
    mig::TenantIndex tenants(*board.geometry);
    pool_.nodes.each([&](Node const& node) {
      for (auto const& gpu : node.gpus) {
        auto const number = plan::number_of(node.id, gpu.index);
        if (gpu.geometry != board.geometry || !board.cut.state_of(number)) continue;
        tenants.insert(number);
        for (auto const& slice : gpu.slices) {
          if (slice.is_free()) continue;
          Job const* holder = slice.aside.empty() ? pool_.job(slice.holder.job) : nullptr;
          tenants.seat(number, {slice.at, holder && may_move(*holder) ? mig::Hold::Movable : mig::Hold::Pinned});
        }
      }
    });
    return tenants;
  }

  Job const& holder_of(std::uint32_t gpu, mig::Placement at) const {
    for (auto const& slice : pool_.nodes.at(plan::node_of(gpu).value).gpus[plan::gpu_of(gpu)].slices)
      if (slice.at == at && slice.holder) return pool_.jobs.at(slice.holder.job.value);
    ensure(false, "who is to move sits there");
  }

  static PlaceJob place_at(JobId job, std::uint32_t rung, std::uint32_t gpu, mig::Placement at) {
    return {.job = job, .node = plan::node_of(gpu), .rung = rung, .gpus = 1u << plan::gpu_of(gpu), .placement = at};
  }

  MoveJobs command_of(mig::MovePlan const& plan, std::uint32_t rung) const {
    MoveJobs command{place_at(job_.id, rung, plan.place.gpu, plan.place.placement), {}};
    for (auto const& move : plan.moves) {
      Job const& mover = holder_of(move.from, move.was);
      command.moves.push_back(place_at(mover.id, mover.seat.rung, move.to, move.now));
    }
    return command;
  }

  Pool const& pool_;
  PlanIndex::Body const& body_;
  PriorityClass class_;
  Job const& job_;
  Template const& t_;
  plan::Beside need_;
  mutable std::size_t checked_ = 0;
};

/// How long it waits if nobody moves: until what would be kept for it is free.
Duration expected_wait(Pool const& pool, PlanIndex::Body const& body, RequestClass const& request, Job const& job) {
  auto const kept = plan::reserve(pool, body, request, job);
  return kept && kept->ready ? kept->ready - pool.now : wait_nobody_knows;
}

}  // namespace

double price_of_moving(Job const& job, Time now) {
  auto const slices = static_cast<double>(std::max<std::uint64_t>(1, job.seat.cost.slices));
  double const ran = job.started ? std::max(0.0, (now - job.started).seconds()) : 0;
  return slices * (ran + restart_s) + cutting_s;
}

std::optional<PlaceByMoving> place_by_moving(Pool const& pool, PlanIndex const& index, RequestClass const& request, Job const& job) {
  for (std::uint32_t rung = 0; rung <= request.rung && rung < request.on.size(); ++rung) {
    Template const* t = pool.find_template(request.on[rung]);
    if (!t || t->kind == TemplateKind::Cpu || !check_open(*t, request, rung)) continue;
    Search const search(pool, index.body(), request, job, *t);
    auto plan = t->kind == TemplateKind::Slice ? search.for_slice(rung) : search.for_gpus(rung);
    if (!plan) continue;
    PlaceByMoving found;
    for (auto const& move : plan->moves) found.price += price_of_moving(pool.jobs.at(move.job.value), pool.now);
    auto const cost = cost_of(pool.nodes.at(plan->place->node.value), plan->place->gpus, plan->place->placement);
    found.saves = static_cast<double>(std::max<std::uint64_t>(1, cost.slices)) * expected_wait(pool, index.body(), request, job).seconds();
    found.plan = std::move(*plan);
    return found;
  }
  return std::nullopt;
}

}  // namespace nav
