// SPDX-License-Identifier: Apache-2.0
#include "core/more_memory.h"

#include <algorithm>
#include <bit>
#include <tuple>

#include "base/text.h"
#include "core/offer.h"

namespace nav {

namespace {

/// The GPU memory that a template is sure to give, as far as the pool's hardware tells; 0 for processors, and where there is no such hardware.
std::uint64_t gpu_memory_of(Pool const& pool, Template const& t) {
  std::uint64_t least = 0;
  auto const see = [&](std::uint64_t mib) { least = least == 0 ? mib : std::min(least, mib); };
  pool.nodes.each([&](Node const& node) {
    if (node.state == NodeState::Lost || !admits(t, node)) return;
    for (auto const& gpu : node.gpus) {
      if (t.kind == TemplateKind::Gpus && gpu.family == t.family) see(gpu.memory_mib * t.gpus);
      if (t.kind != TemplateKind::Slice || !gpu.geometry) continue;
      if (auto const profile = gpu.geometry->profile_named(t.profile)) see(gpu.geometry->profile(*profile).memory_mib);
    }
  });
  return least;
}

/// One job's search for more.
struct Search {
  Pool const& pool;
  Job const& job;
  Memory short_of;
  RequestClass const& request = pool.queues.at(job.queue).request;
  Node const& node = pool.nodes.at(job.seat.node.value);
  std::uint64_t had = short_of == Memory::Gpu ? cost_of(node, job.seat.gpus, job.seat.placement).memory_mib : job.seat.memory_mib;

  bool has_more(Template const& t) const { return (short_of == Memory::Gpu ? gpu_memory_of(pool, t) : t.memory_mib) > had; }

  ComputeList own_rungs() const {
    ComputeList list;
    for (std::size_t i = 0; i < request.on.size(); ++i) {
      Template const* t = pool.find_template(request.on[i]);
      if (!t || !has_more(*t)) continue;
      list.on.push_back(t->name);
      list.limits.push_back(request.limits_of(i));
    }
    return list;
  }

  /// It may be used by this job, on the terms of the rung it had.
  bool is_open(Template const& t) const {
    Asker who{job.user, job.project, {}};
    if (Account const* project = pool.accounts.project(job.project); project && project->parent != 0) who.teams = {TeamId{project->parent}};
    if (!is_for(t, who) || (t.longest.us > 0 && job.time_limit > t.longest)) return false;
    return check_open(t, request, job.seat.rung) && check_offer(pool, t);
  }

  Template const* next_profile() const {
    if (!job.seat.placement) return nullptr;
    auto const geometry = node.gpus.at(static_cast<std::size_t>(std::countr_zero(job.seat.gpus))).geometry;
    if (!geometry) return nullptr;
    auto const profile_of = [&](Template const& t) {
      auto const number = t.kind == TemplateKind::Slice ? geometry->profile_named(t.profile) : std::nullopt;
      return number ? &geometry->profile(*number) : nullptr;
    };
    auto const rank = [&](Template const& t) {
      auto const* profile = profile_of(t);
      return std::tuple(profile->memory_mib, profile->compute_slices, profile->media, t.price_micro, !t.seeded, t.name);
    };
    std::uint64_t const had_on_gpu = geometry->profile(job.seat.placement->profile).memory_mib;
    Template const* best = nullptr;
    for (auto const& [name, t] : *pool.templates) {
      auto const* profile = profile_of(t);
      if (!profile || profile->memory_mib <= had_on_gpu || !has_more(t) || !is_open(t)) continue;
      if (!best || rank(t) < rank(*best)) best = &t;
    }
    return best;
  }
};

}  // namespace

Result<ComputeList> with_more_memory(Pool const& pool, Job const& job, Memory short_of) {
  Search const search{pool, job, short_of};
  if (short_of == Memory::Machine && search.request.memory_mib != 0)
    return fail(ErrorKind::Conflict, "it asked for {} itself, and gets that anywhere", mib_text(search.request.memory_mib));
  ComputeList list = search.own_rungs();
  if (list.on.empty()) {
    Template const* next = search.next_profile();
    if (!next) return fail(ErrorKind::Conflict, "there is nothing larger for it than {}", search.request.on.at(job.seat.rung));
    list = {{next->name}, {{Duration{}, search.request.limits_of(job.seat.rung).price_micro}}};
  }
  if (std::all_of(list.limits.begin(), list.limits.end(), [](RungLimits const& l) { return l == RungLimits{}; })) list.limits.clear();
  return list;
}

}  // namespace nav
