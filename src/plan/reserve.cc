// SPDX-License-Identifier: Apache-2.0
#include "plan/reserve.h"

#include <algorithm>
#include <bit>
#include <map>
#include <tuple>

#include "core/gang.h"
#include "core/offer.h"
#include "plan/place.h"

namespace nav::plan {

namespace {

constexpr Duration grace = seconds(30);  // between being told to end and having ended

/// When a piece will be free: the fewest whose end nobody knows first, then the earliest.
struct Wait {
  std::uint32_t unknown = 0;
  Time ready;
  bool exact = true;

  void add(Leaves const& leaves) {
    if (!leaves.at) ++unknown;
    ready = std::max(ready, leaves.at);
    exact = exact && leaves.exact;
  }
  void add(Wait const& other) {
    unknown += other.unknown;
    ready = std::max(ready, other.ready);
    exact = exact && other.exact;
  }
  bool operator<(Wait const& other) const { return std::tie(unknown, ready) < std::tie(other.unknown, other.ready); }
};

void wait_for(Pool const& pool, AttemptId holder, Wait& wait) {
  if (holder) wait.add(leaves(pool, pool.jobs.at(holder.job.value)));
}

Wait wait_for_gpu(Pool const& pool, Gpu const& gpu) {
  Wait wait;
  wait_for(pool, gpu.holder, wait);
  for (auto const& slice : gpu.slices) wait_for(pool, slice.holder, wait);
  return wait;
}

/// The place of this profile on the GPU that is free first.
std::optional<Wait> wait_for_slice(Pool const& pool, Gpu const& gpu, Template const& t) {
  if (!gpu.geometry || gpu.policy != GpuPolicy::Managed || gpu.has_trouble()) return std::nullopt;
  auto const profile = gpu.geometry->profile_named(t.profile);
  if (!profile) return std::nullopt;
  std::optional<Wait> best;
  for (auto at : gpu.geometry->placements(*profile)) {
    Wait wait;
    wait_for(pool, gpu.holder, wait);
    for (auto const& slice : gpu.slices)
      if (gpu.geometry->window(slice.at) & gpu.geometry->window(at)) wait_for(pool, slice.holder, wait);
    if (!best || wait < *best) best = wait;
  }
  return best;
}

/// Processors and memory that jobs beside these GPUs leave.
bool leaves_enough_beside(Pool const& pool, Node const& node, std::uint32_t gpus, Beside const& need, std::uint32_t times = 1) {
  std::uint64_t cpu = node.cpu_milli - node.cpu_milli_used, memory = node.memory_mib - node.memory_mib_used;
  for (AttemptId id : node.attempts) {
    Seat const& seat = pool.jobs.at(id.job.value).seat;
    if ((seat.gpus & gpus) != 0) cpu += seat.cpu_milli, memory += seat.memory_mib;
  }
  return std::uint64_t{need.cpu_milli} * times <= cpu && need.memory_mib * times <= memory;
}

/// The GPUs of one node for this template, and their wait.
std::optional<std::pair<std::uint32_t, Wait>> gpus_of(Pool const& pool, PlanIndex::Body const& body, Node const& node, Template const& t) {
  std::vector<std::pair<Wait, std::uint32_t>> each;
  for (auto const& gpu : node.gpus) {
    if (body.is_withheld(node.id, gpu.index)) continue;
    if (t.kind == TemplateKind::Gpus) {
      if (gives_whole(gpu, t)) each.emplace_back(wait_for_gpu(pool, gpu), gpu.index);
    } else if (auto const wait = wait_for_slice(pool, gpu, t)) {
      each.emplace_back(*wait, gpu.index);
    }
  }
  std::size_t const count = t.kind == TemplateKind::Gpus ? t.gpus : 1;
  if (each.size() < count || count == 0) return std::nullopt;
  std::stable_sort(each.begin(), each.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
  std::uint32_t gpus = 0;
  Wait wait;
  for (std::size_t i = 0; i < count; ++i) {
    gpus |= 1u << each[i].second;
    wait.add(each[i].first);
  }
  return std::pair{gpus, wait};
}

}  // namespace

bool gives_whole(Gpu const& gpu, Template const& t) {
  return gpu.family == t.family && !gpu.has_trouble() && (gpu.mode == GpuMode::Whole || gpu.policy == GpuPolicy::Managed);
}

Leaves leaves(Pool const& pool, Job const& seated) {
  Time const began = seated.started ? seated.started : seated.since;
  if (seated.stop != StopCause::None) return {pool.now + grace, true};
  if (seated.seat.time_limit.us > 0) return {std::max(began + seated.seat.time_limit, pool.now) + grace, true};
  Account const* project = pool.accounts.project(seated.project);
  if (!project || project->typical_run_s == 0) return {};
  Time const likely = began + microseconds(static_cast<std::int64_t>(project->typical_run_s * 1e6));
  // Who runs longer than usual already: nobody can say.
  return likely > pool.now ? Leaves{likely, false} : Leaves{};
}

std::optional<Reservation> reserve(Pool const& pool, PlanIndex::Body const& body, RequestClass const& request, Job const& job) {
  std::optional<Reservation> best;
  Wait best_wait;
  for (std::uint32_t rung = 0; rung <= request.rung && rung < request.on.size(); ++rung) {
    Template const* t = pool.find_template(request.on[rung]);
    if (!t || t->kind == TemplateKind::Cpu || !check_open(*t, request, rung)) continue;
    auto const need = beside(request, *t);
    pool.nodes.each([&](Node const& node) {
      if (!node.takes_jobs() || !need.is_on(node)) return;
      auto const found = gpus_of(pool, body, node, *t);
      if (!found || (best && !(found->second < best_wait))) return;
      auto const& [gpus, wait] = *found;
      best_wait = wait;
      best = Reservation{.job = job.id,
                         .priority = class_of(request.priority),
                         .node = node.id,
                         .rung = rung,
                         .gpus = gpus,
                         .all_of_it = !leaves_enough_beside(pool, node, gpus, need),
                         .ready = wait.unknown == 0 ? std::max(wait.ready, pool.now) : Time{},
                         .exact = wait.unknown == 0 && wait.exact,
                         .is_claimed = false};
    });
  }
  return best;
}

namespace {

/// GPUs that go to members together: one member's several, or one GPU for as many slices as it gives.
struct Piece {
  Wait wait;
  NodeId node;
  std::uint32_t gpus = 0, members = 1;

  bool operator<(Piece const& other) const { return wait < other.wait; }
  void add(Piece const& other) {
    wait.add(other.wait);
    gpus |= other.gpus;
    members += other.members;
  }
};

/// What of one node could be kept for at most so many members: those that are free first come first.
std::vector<Piece> pieces_of(Pool const& pool, PlanIndex::Body const& body, Node const& node, Template const& t, Beside const& need, std::uint64_t most) {
  bool const whole = t.kind == TemplateKind::Gpus;
  std::vector<Piece> each;
  for (auto const& gpu : node.gpus) {
    if (body.is_withheld(node.id, gpu.index)) continue;
    if (whole ? !gives_whole(gpu, t) : !wait_for_slice(pool, gpu, t)) continue;
    auto const members = whole ? 1 : static_cast<std::uint32_t>(slices_of(gpu, t.profile));
    each.push_back({wait_for_gpu(pool, gpu), node.id, 1u << gpu.index, members});
  }
  std::stable_sort(each.begin(), each.end());
  std::vector<Piece> pieces;
  // No more than the node, when idle, has processors and memory for.
  if (need.cpu_milli > 0) most = std::min<std::uint64_t>(most, node.cpu_milli / need.cpu_milli);
  if (need.memory_mib > 0) most = std::min<std::uint64_t>(most, node.memory_mib / need.memory_mib);
  std::size_t const together = whole ? t.gpus : 1;
  for (std::size_t i = 0; i + together <= each.size() && most > 0; i += together) {
    Piece piece = each[i];
    for (std::size_t k = i + 1; k < i + together; ++k) piece.add(each[k]);
    piece.members = whole ? 1 : static_cast<std::uint32_t>(std::min<std::uint64_t>(piece.members, most));
    most -= piece.members;
    pieces.push_back(piece);
  }
  return pieces;
}

/// Of one site's pieces those that are free first, put together by node; nothing if they are not enough for all.
std::optional<std::map<NodeId, Piece>> enough_of(std::vector<Piece> pieces, std::uint32_t members) {
  std::stable_sort(pieces.begin(), pieces.end());
  std::map<NodeId, Piece> taken;
  for (auto& piece : pieces) {
    if (members == 0) break;
    piece.members = std::min(piece.members, members);
    members -= piece.members;
    auto const [here, fresh] = taken.try_emplace(piece.node, piece);
    if (!fresh) here->second.add(piece);
  }
  return members == 0 ? std::optional(std::move(taken)) : std::nullopt;
}

}  // namespace

std::vector<Reservation> reserve_for_gang(Pool const& pool, PlanIndex::Body const& body, RequestClass const& request, Gang const& gang) {
  std::vector<Reservation> best;
  Wait best_wait;
  for (std::uint32_t rung = 0; rung <= request.rung && rung < request.on.size(); ++rung) {
    Template const* t = pool.find_template(request.on[rung]);
    if (!t || t->kind == TemplateKind::Cpu || !check_open(*t, request, rung)) continue;
    auto const need = beside(request, *t);
    std::map<std::string, std::vector<Piece>> sites;
    pool.nodes.each([&](Node const& node) {
      if (!node.takes_jobs() || !admits(*t, node)) return;
      auto& pieces = sites[node.site];
      for (auto const& piece : pieces_of(pool, body, node, *t, need, gang.members)) pieces.push_back(piece);
    });
    for (auto& [site, pieces] : sites) {
      auto const taken = enough_of(std::move(pieces), gang.members);
      if (!taken) continue;
      Wait wait;
      for (auto const& [node, piece] : *taken) wait.add(piece.wait);
      if (!best.empty() && !(wait < best_wait)) continue;
      best_wait = wait;
      best.clear();
      for (auto const& [node, piece] : *taken)
        best.push_back({.job = JobId{gang.first.value + best.size()},
                        .priority = class_of(request.priority),
                        .node = node,
                        .rung = rung,
                        .gpus = piece.gpus,
                        .all_of_it = !leaves_enough_beside(pool, pool.nodes.at(node.value), piece.gpus, need, piece.members),
                        .ready = wait.unknown == 0 ? std::max(wait.ready, pool.now) : Time{},
                        .exact = wait.unknown == 0 && wait.exact,
                        .members = piece.members});
    }
  }
  return best;
}

bool renew(Pool const& pool, Reservation& reservation) {
  Job const* job = pool.job(reservation.job);
  Node const* node = pool.node(reservation.node);
  if (!job || job->state != JobState::Queued || !node || !node->takes_jobs()) return false;
  auto const& request = pool.queues.at(job->queue).request;
  Template const* t = reservation.rung < request.on.size() ? pool.find_template(request.on[reservation.rung]) : nullptr;
  if (!t) return false;
  Wait wait;
  for (std::uint32_t bits = reservation.gpus; bits != 0; bits &= bits - 1) {
    auto const index = static_cast<std::size_t>(std::countr_zero(bits));
    if (index >= node->gpus.size()) return false;
    Gpu const& gpu = node->gpus[index];
    if (t->kind == TemplateKind::Gpus) {
      if (!gives_whole(gpu, *t)) return false;
      wait.add(wait_for_gpu(pool, gpu));
    } else if (request.gang) {
      if (!wait_for_slice(pool, gpu, *t)) return false;
      wait.add(wait_for_gpu(pool, gpu));
    } else {
      auto const one = wait_for_slice(pool, gpu, *t);
      if (!one) return false;
      wait.add(*one);
    }
  }
  reservation.all_of_it = !leaves_enough_beside(pool, *node, reservation.gpus, beside(request, *t), reservation.members);
  reservation.ready = wait.unknown == 0 ? std::max(wait.ready, pool.now) : Time{};
  reservation.exact = wait.unknown == 0 && wait.exact;
  return true;
}

}  // namespace nav::plan
