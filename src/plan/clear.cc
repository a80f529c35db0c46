// SPDX-License-Identifier: Apache-2.0
#include "plan/clear.h"

#include <algorithm>
#include <set>

#include "core/offer.h"
#include "plan/place_by_moving.h"
#include "plan/reserve.h"

namespace nav::plan {

namespace {

constexpr std::size_t most_moves_for_gpus = 16;
constexpr std::size_t most_tried = 16;  // nodes for which places are looked for

std::set<JobId> holders_of(Gpu const& gpu) {
  std::set<JobId> holders;
  if (gpu.holder) holders.insert(gpu.holder.job);
  for (auto const& slice : gpu.slices)
    if (slice.holder) holders.insert(slice.holder.job);
  return holders;
}

/// GPUs of one node, and who is on them.
struct Candidate {
  double price = 0;
  NodeId node;
  std::uint32_t gpus = 0;
  std::set<JobId> holders;
};

std::optional<Candidate> cheapest_of(Pool const& pool, PlanIndex::Body const& body, Node const& node, Template const& t,
                                     std::function<bool(Job const&)> const& may_move) {
  std::vector<std::tuple<double, std::size_t, std::uint32_t>> each;
  for (auto const& gpu : node.gpus) {
    if (!gives_whole(gpu, t) || body.is_withheld(node.id, gpu.index)) continue;
    auto const holders = holders_of(gpu);
    double price = 0;
    bool movable = true;
    for (JobId id : holders) {
      Job const& holder = pool.jobs.at(id.value);
      movable = movable && may_move(holder);
      price += price_of_moving(holder, pool.now);
    }
    if (movable) each.emplace_back(price, holders.size(), gpu.index);
  }
  if (each.size() < t.gpus || t.gpus == 0) return std::nullopt;
  std::sort(each.begin(), each.end());
  Candidate candidate{.node = node.id};
  for (std::uint32_t i = 0; i < t.gpus; ++i) {
    auto const index = std::get<2>(each[i]);
    candidate.gpus |= 1u << index;
    candidate.holders.merge(holders_of(node.gpus[index]));
  }
  for (JobId id : candidate.holders) candidate.price += price_of_moving(pool.jobs.at(id.value), pool.now);
  if (candidate.holders.empty() || candidate.holders.size() > most_moves_for_gpus) return std::nullopt;
  return candidate;
}

/// The template on which it runs.
Template const* template_of(Pool const& pool, Job const& job) {
  auto const& on = pool.queues.at(job.queue).request.on;
  return job.seat.rung < on.size() ? pool.find_template(on[job.seat.rung]) : nullptr;
}

std::optional<MoveJobs> plan_of(Pool const& pool, PlanIndex::Body const& body, Candidate const& candidate) {
  std::vector<Job const*> movers;
  for (JobId id : candidate.holders) movers.push_back(&pool.jobs.at(id.value));
  Rehousing rehousing(pool, body);
  rehousing.keep_clear(candidate.node, candidate.gpus);
  auto moves = rehousing.rehouse(std::move(movers));
  if (!moves) return std::nullopt;
  return MoveJobs{PlaceJob{.job = {}, .node = candidate.node, .rung = 0, .gpus = candidate.gpus, .placement = {}}, std::move(*moves)};
}

}  // namespace

bool Rehousing::is_clear(NodeId node, std::uint32_t gpu) const {
  auto const kept = clear_.find(node);
  auto const given = given_.find(node);
  return (kept != clear_.end() && (kept->second >> gpu & 1)) || (given != given_.end() && (given->second >> gpu & 1));
}

bool Rehousing::has_room(Node const& node, Job const& job, Template const& t) const {
  if (!admits(t, node)) return false;
  auto const taken = taken_.find(node.id);
  Taken const more = taken == taken_.end() ? Taken{} : taken->second;
  // On its own node its processors go with it.
  std::uint64_t const own_cpu = job.seat.node == node.id ? job.seat.cpu_milli : 0, own_memory = job.seat.node == node.id ? job.seat.memory_mib : 0;
  return node.cpu_milli_used + more.cpu_milli + job.seat.cpu_milli <= node.cpu_milli + own_cpu &&
         node.memory_mib_used + more.memory_mib + job.seat.memory_mib <= node.memory_mib + own_memory;
}

std::optional<std::vector<PlaceJob>> Rehousing::rehouse(std::vector<Job const*> jobs) {
  // The widest have the fewest places to go.
  std::stable_sort(jobs.begin(), jobs.end(), [](Job const* a, Job const* b) { return a->seat.cost.memory_mib > b->seat.cost.memory_mib; });
  std::vector<PlaceJob> places;
  for (Job const* job : jobs) {
    auto const place = place_for(*job);
    if (!place) return std::nullopt;
    places.push_back(*place);
  }
  return places;
}

std::optional<PlaceJob> Rehousing::place_for(Job const& job) {
  Template const* t = template_of(*pool_, job);
  if (!t || t->kind == TemplateKind::Cpu) return std::nullopt;
  auto place = t->kind == TemplateKind::Slice ? slice_for(job, *t) : gpus_for(job, *t);
  if (!place) return std::nullopt;
  place->job = job.id;
  place->rung = job.seat.rung;
  if (place->node != job.seat.node) {
    auto& taken = taken_[place->node];
    taken.cpu_milli += job.seat.cpu_milli;
    taken.memory_mib += job.seat.memory_mib;
  }
  return place;
}

std::optional<PlaceJob> Rehousing::slice_for(Job const& job, Template const& t) {
  for (auto const& board : body_->boards) {
    auto const profile = board->geometry->profile_named(t.profile);
    if (!profile) continue;
    auto const may_take = [&](std::uint32_t gpu) {
      if (only_on_used_ && *board->cut.state_of(gpu) == mig::kEmptyGpu) return false;
      return !cut_.contains(gpu) && !is_clear(node_of(gpu), gpu_of(gpu)) && has_room(pool_->nodes.at(node_of(gpu).value), job, t);
    };
    auto found = board->cut.best(*profile, may_take);
    std::int32_t cost = found ? board->scores.cost(*board->cut.state_of(found->gpu), *profile) : 0;
    for (auto const& [gpu, state] : cut_) {
      if (!board->cut.state_of(gpu) || !has_room(pool_->nodes.at(node_of(gpu).value), job, t)) continue;
      auto const at = board->scores.best(state, *profile);
      if (!at || (found && board->scores.cost(state, *profile) >= cost)) continue;
      found = mig::BucketIndex::Choice{gpu, *at};
      cost = board->scores.cost(state, *profile);
    }
    if (!found) continue;
    auto const before = cut_.contains(found->gpu) ? cut_.at(found->gpu) : *board->cut.state_of(found->gpu);
    cut_[found->gpu] = *board->geometry->after(before, found->placement);
    return PlaceJob{.job = {}, .node = node_of(found->gpu), .rung = 0, .gpus = 1u << gpu_of(found->gpu), .placement = found->placement};
  }
  return std::nullopt;
}

std::optional<PlaceJob> Rehousing::gpus_for(Job const& job, Template const& t) {
  auto const family = body_->whole.find(t.family);
  if (family == body_->whole.end()) return std::nullopt;
  for (std::size_t free = t.gpus; free < family->second.size(); ++free) {
    auto const& nodes = family->second[free];
    for (auto id = nodes.first(); id; id = nodes.next(*id + 1)) {
      Node const& node = pool_->nodes.at(*id);
      if (!has_room(node, job, t)) continue;
      PlaceJob place{.job = {}, .node = node.id, .rung = 0, .gpus = 0, .placement = {}};
      std::uint32_t count = 0;
      for (auto const& gpu : node.gpus) {
        if (count == t.gpus) break;
        bool const free_whole = gpu.family == t.family && is_free_whole(gpu) && !body_->is_withheld(node.id, gpu.index);
        if (!free_whole || is_clear(node.id, gpu.index) || cut_.contains(number_of(node.id, gpu.index))) continue;
        place.gpus |= 1u << gpu.index;
        ++count;
      }
      if (count < t.gpus) continue;
      given_[node.id] |= place.gpus;
      return place;
    }
  }
  return std::nullopt;
}

std::optional<MoveJobs> clear_gpus(Pool const& pool, PlanIndex::Body const& body, Template const& t, Beside const& need,
                                   std::function<bool(Job const&)> const& may_move, std::function<bool(MoveJobs&)> const& accept) {
  std::vector<Candidate> candidates;
  pool.nodes.each([&](Node const& node) {
    if (!node.takes_jobs() || !need.is_on(node) || !admits(t, node)) return;
    if (auto candidate = cheapest_of(pool, body, node, t, may_move)) candidates.push_back(std::move(*candidate));
  });
  auto const some = std::min(candidates.size(), most_tried);
  std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(some), candidates.end(),
                    [](Candidate const& a, Candidate const& b) { return std::tie(a.price, a.node) < std::tie(b.price, b.node); });
  for (std::size_t i = 0; i < some; ++i)
    if (auto plan = plan_of(pool, body, candidates[i]); plan && accept(*plan)) return plan;
  return std::nullopt;
}

}  // namespace nav::plan
