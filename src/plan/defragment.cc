// SPDX-License-Identifier: Apache-2.0
#include "plan/defragment.h"

#include <algorithm>
#include <bit>
#include <map>

#include "core/moving.h"
#include "plan/clear.h"
#include "plan/place_by_moving.h"

namespace nav {

namespace {

/// A cut GPU whose jobs may all move.
struct Emptiable {
  double price = 0;
  std::uint32_t gpu = 0;
  std::vector<Job const*> jobs;
};

std::vector<Emptiable> emptiable_gpus(Pool const& pool, PlanIndex::Body const& body, Time now) {
  std::vector<Emptiable> found;
  pool.nodes.each([&](Node const& node) {
    for (auto const& gpu : node.gpus) {
      auto const number = plan::number_of(node.id, gpu.index);
      bool const cut = std::any_of(body.boards.begin(), body.boards.end(), [&](auto const& board) { return board->cut.state_of(number).has_value(); });
      Emptiable one{.gpu = number};
      bool movable = cut;
      for (auto const& slice : gpu.slices) {
        if (slice.is_free()) continue;
        Job const* holder = slice.aside.empty() ? pool.job(slice.holder.job) : nullptr;
        movable = movable && holder && may_be_moved(pool, *holder, {}, now);
        if (!movable) break;
        one.price += price_of_moving(*holder, now);
        one.jobs.push_back(holder);
      }
      if (movable && !one.jobs.empty()) found.push_back(std::move(one));
    }
  });
  std::sort(found.begin(), found.end(), [](Emptiable const& a, Emptiable const& b) { return std::tie(a.price, a.gpu) < std::tie(b.price, b.gpu); });
  return found;
}

std::vector<FreePlaces> places(Pool const& pool, PlanIndex::Body const& body, std::vector<PlaceJob> const& moves) {
  std::map<std::string, FreePlaces> by_name;
  for (auto const& board : body.boards) {
    mig::BucketIndex after = board->cut;
    for (auto const& move : moves) {
      Seat const& seat = pool.jobs.at(move.job.value).seat;
      auto const from = plan::number_of(seat.node, static_cast<std::uint32_t>(std::countr_zero(seat.gpus)));
      auto const to = plan::number_of(move.node, static_cast<std::uint32_t>(std::countr_zero(move.gpus)));
      if (!after.state_of(from)) continue;
      after.move(from, board->geometry->without(*after.state_of(from), *seat.placement));
      after.move(to, *board->geometry->after(*after.state_of(to), *move.placement));
    }
    for (std::size_t profile = 0; profile < board->geometry->profiles(); ++profile) {
      auto const number = static_cast<std::uint8_t>(profile);
      auto const name = template_name_of_profile(board->geometry->profile(number).name);
      auto& one = by_name[name];
      one.on = name;
      one.before += board->cut.capacity(number);
      one.after += after.capacity(number);
    }
  }
  std::vector<FreePlaces> changed;
  for (auto& [name, one] : by_name)
    if (one.before != one.after) changed.push_back(std::move(one));
  return changed;
}

}  // namespace

Defragmentation defragment(Pool const& pool, std::size_t most, Time now) {
  PlanIndex index;
  index.rebuild(pool);
  auto const& body = index.body();
  plan::Rehousing rehousing(pool, body);
  rehousing.only_on_used_gpus();
  for (auto const& [id, claim] : *pool.claims) rehousing.keep_clear(claim.node, claim.gpus);
  Defragmentation found;
  most = std::min({most, most_moves, without(moves_at_once(pool), moves_under_way(pool))});
  for (auto const& gpu : emptiable_gpus(pool, body, now)) {
    if (found.plan.moves.size() + gpu.jobs.size() > most || rehousing.is_taken(gpu.gpu)) continue;
    auto tried = rehousing;
    tried.keep_clear(plan::node_of(gpu.gpu), 1u << plan::gpu_of(gpu.gpu));
    auto const moves = tried.rehouse(gpu.jobs);  // onto GPUs that are in use and stay so
    if (!moves) continue;
    MoveJobs plan{{}, found.plan.moves};
    plan.moves.insert(plan.moves.end(), moves->begin(), moves->end());
    if (!decide(pool, plan, Asked{UserId{}, now})) continue;
    rehousing = std::move(tried);
    found.plan = std::move(plan);
    found.price += gpu.price;
    ++found.emptied;
  }
  found.places = places(pool, body, found.plan.moves);
  return found;
}

}  // namespace nav
