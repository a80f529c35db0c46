// SPDX-License-Identifier: Apache-2.0
#include "plan/preempt.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/offer.h"
#include "core/preemption.h"
#include "plan/place.h"

namespace nav::plan {

namespace {

constexpr double per_attempt_s = 60;         // slice-seconds: to stop, cut and start again
constexpr std::size_t most_sets_tried = 16;  // of the cheapest sets, held against the rules for sets

struct Victim {
  double price = 0;
  PlaceJob place;
};

/// Prices of what stands on the GPUs, for one job on one template.
class Search {
 public:
  Search(Pool const& pool, Job const& job, Amount cost) : pool_(pool), preemption_(pool, job, cost) {}

  /// What stopping these costs; nothing if one of them may not be, or if there is nobody to be stopped.
  std::optional<double> price(std::set<AttemptId> const& holders, bool& anybody) const {
    double sum = 0;
    for (AttemptId id : holders) {
      Job const& victim = pool_.jobs.at(id.job.value);
      if (victim.stop != StopCause::None) continue;  // it goes anyhow
      if (!preemption_.ground(victim)) return std::nullopt;
      anybody = true;
      double const ran = victim.started ? std::max(0.0, (pool_.now - victim.started).seconds()) : 0;
      sum += static_cast<double>(victim.seat.cost.slices) * ran + per_attempt_s;
    }
    return sum;
  }

  static std::set<AttemptId> holders_of(Gpu const& gpu) {
    std::set<AttemptId> holders;
    if (gpu.holder) holders.insert(gpu.holder);
    for (auto const& slice : gpu.slices)
      if (slice.holder) holders.insert(slice.holder);
    return holders;
  }

 private:
  Pool const& pool_;
  Preemption preemption_;
};

/// Room is being made there for somebody else already. (What is only reserved gives way to a better right.)
bool is_claimed(Pool const& pool, Node const& node, Gpu const& gpu, std::optional<mig::Placement> at) {
  return std::any_of(pool.claims->begin(), pool.claims->end(), [&](auto const& entry) {
    Claim const& claim = entry.second;
    if (claim.node != node.id || !(claim.gpus >> gpu.index & 1)) return false;
    return !at || !claim.placement || (gpu.geometry->window(*claim.placement) & gpu.geometry->window(*at)) != 0;
  });
}

bool fits_beside(Pool const& pool, Node const& node, std::set<AttemptId> const& going, Beside const& need) {
  std::uint64_t cpu = node.cpu_milli - node.cpu_milli_used, memory = node.memory_mib - node.memory_mib_used;
  for (AttemptId id : going) {
    Seat const& seat = pool.jobs.at(id.job.value).seat;
    cpu += seat.cpu_milli;
    memory += seat.memory_mib;
  }
  return need.cpu_milli <= cpu && need.memory_mib <= memory;
}

void add_slices(Pool const& pool, Node const& node, Template const& t, Beside const& need, Job const& job, std::vector<Victim>& out) {
  for (auto const& gpu : node.gpus) {
    if (!gpu.geometry || gpu.policy != GpuPolicy::Managed || gpu.has_trouble()) continue;
    auto const profile = gpu.geometry->profile_named(t.profile);
    if (!profile) continue;
    auto const& offered = gpu.geometry->profile(*profile);
    Search const search(pool, job, {offered.compute_slices, offered.memory_mib});
    for (auto at : gpu.geometry->placements(*profile)) {
      if (is_claimed(pool, node, gpu, at)) continue;
      std::set<AttemptId> holders;
      if (gpu.holder) holders.insert(gpu.holder);
      for (auto const& slice : gpu.slices)
        if (slice.holder && (gpu.geometry->window(slice.at) & gpu.geometry->window(at))) holders.insert(slice.holder);
      bool anybody = false;
      auto const price = search.price(holders, anybody);
      if (!price || !anybody || !fits_beside(pool, node, holders, need)) continue;
      out.push_back({*price, {.job = job.id, .node = node.id, .rung = 0, .gpus = 1u << gpu.index, .placement = at}});
    }
  }
}

void add_gpus(Pool const& pool, Node const& node, Template const& t, Beside const& need, Job const& job, std::vector<Victim>& out) {
  std::vector<std::pair<double, std::uint32_t>> each;
  std::map<std::uint32_t, bool> taken;
  Amount cost;
  for (auto const& gpu : node.gpus)
    if (gpu.family == t.family) {
      cost = cost_of(node, 1u << gpu.index, {});
      break;
    }
  Search const search(pool, job, {cost.slices * t.gpus, cost.memory_mib * t.gpus});
  for (auto const& gpu : node.gpus) {
    bool const gives = gpu.family == t.family && (gpu.mode == GpuMode::Whole || gpu.policy == GpuPolicy::Managed);
    if (!gives || gpu.has_trouble() || is_claimed(pool, node, gpu, {})) continue;
    bool anybody = false;
    auto const price = search.price(Search::holders_of(gpu), anybody);
    if (price) each.emplace_back(*price, gpu.index), taken[gpu.index] = anybody;
  }
  if (each.size() < t.gpus || t.gpus == 0) return;
  std::sort(each.begin(), each.end());
  Victim candidate{0, {.job = job.id, .node = node.id, .rung = 0, .gpus = 0, .placement = {}}};
  std::set<AttemptId> holders;
  bool anybody = false;
  for (std::uint32_t i = 0; i < t.gpus; ++i) {
    auto const [price, index] = each[i];
    candidate.price += price;
    candidate.place.gpus |= 1u << index;
    anybody = anybody || taken[index];
    holders.merge(Search::holders_of(node.gpus[index]));
  }
  if (anybody && fits_beside(pool, node, holders, need)) out.push_back(candidate);
}

}  // namespace

std::optional<PlaceJob> make_room(Pool const& pool, RequestClass const& request, Job const& job) {
  for (std::uint32_t rung = 0; rung <= request.rung && rung < request.on.size(); ++rung) {
    Template const* t = pool.find_template(request.on[rung]);
    if (!t || t->kind == TemplateKind::Cpu || !check_open(*t, request, rung)) continue;
    auto const need = beside(request, *t);
    std::vector<Victim> candidates;
    pool.nodes.each([&](Node const& node) {
      if (!node.takes_jobs()) return;
      if (t->kind == TemplateKind::Slice) add_slices(pool, node, *t, need, job, candidates);
      else add_gpus(pool, node, *t, need, job, candidates);
    });
    auto const some = std::min(candidates.size(), most_sets_tried);
    std::partial_sort(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(some), candidates.end(),
                      [](Victim const& a, Victim const& b) { return a.price < b.price; });
    for (std::size_t i = 0; i < some; ++i) {
      candidates[i].place.rung = rung;
      if (decide(pool, MakeRoom{candidates[i].place}, Asked{UserId{}, pool.now})) return candidates[i].place;
    }
  }
  return std::nullopt;
}

}  // namespace nav::plan
