// SPDX-License-Identifier: Apache-2.0
#include "controller/division.h"

#include <algorithm>
#include <bit>

namespace nav {

using telemetry::Division;
using telemetry::Part;
using telemetry::PartKind;

Reach::Most Reach::most(std::shared_ptr<mig::Geometry const> const& geometry, mig::StateId state) {
  auto& table = known_[geometry];
  table.resize(geometry->states());
  if (table[state]) return *table[state];
  Most best;
  for (auto const& placement : geometry->placements()) {
    auto const next = geometry->after(state, placement);
    if (!next) continue;
    Most const rest = most(geometry, *next);
    auto const& profile = geometry->profile(placement.profile);
    best.memory = std::max(best.memory, rest.memory + profile.memory_slices);
    best.compute = std::max(best.compute, rest.compute + profile.compute_slices);
  }
  known_[geometry][state] = best;
  return best;
}

Wanted wanted_by_waiting(Pool const& pool) {
  Wanted wanted;
  pool.queues.each([&](ClassQueue const& queue) {
    if (queue.waiting == 0) return;
    // Rungs behind the current one are not open to these jobs yet.
    for (std::size_t rung = 0; rung < queue.request.on.size() && rung <= queue.request.rung; ++rung) {
      Template const* what = pool.find_template(queue.request.on[rung]);
      if (!what) continue;
      if (what->kind == TemplateKind::Slice) wanted.profiles.insert(what->profile);
      if (what->kind == TemplateKind::Gpus) wanted.families.insert(what->family);
    }
  });
  return wanted;
}

namespace {

/// Without a geometry a GPU is one piece.
std::uint32_t memory_slices_of(Gpu const& gpu) { return gpu.geometry ? gpu.geometry->board().memory_slices : 1; }
std::uint32_t compute_slices_of(Gpu const& gpu) { return gpu.geometry ? gpu.geometry->board().compute_slices : 1; }

Part held_part(Pool const& pool, AttemptId attempt, std::uint32_t gpu) {
  Part part{.kind = PartKind::Held, .attempt = attempt};
  Job const* job = pool.job(attempt.job);
  if (job && job->state == JobState::Starting) part.kind = PartKind::Reconfiguring;
  // Of an attempt on several GPUs the first one counts what the host gives.
  if (job && (job->seat.gpus == 0 || static_cast<std::uint32_t>(std::countr_zero(job->seat.gpus)) == gpu)) part.cpu_milli = job->seat.cpu_milli;
  return part;
}

bool fits_something(Gpu const& gpu, mig::StateId state, bool is_unused, Wanted const& wanted) {
  if (is_unused && wanted.families.contains(gpu.family)) return true;
  if (!gpu.geometry || gpu.policy == GpuPolicy::Whole) return false;
  if (gpu.policy == GpuPolicy::Fixed)
    return std::any_of(gpu.slices.begin(), gpu.slices.end(),
                       [&](Slice const& s) { return s.is_free() && wanted.profiles.contains(gpu.geometry->profile(s.at.profile).name); });
  for (std::uint8_t p = 0; p < gpu.geometry->profiles(); ++p)
    if (wanted.profiles.contains(gpu.geometry->profile(p).name) && gpu.geometry->fits(state, p)) return true;
  return false;
}

/// The rest of a cut GPU: what could still be used, and what could not.
void add_rest(Division& division, Gpu const& gpu, mig::Layout const& taken, std::uint32_t memory, std::uint32_t compute, Wanted const& wanted, Reach& reach) {
  mig::StateId state = mig::kEmptyGpu;
  Reach::Most most;
  if (auto const found = gpu.geometry->state_of(taken)) {
    state = *found;
    most = reach.most(gpu.geometry, state);
  }
  if (gpu.policy == GpuPolicy::Fixed) {
    most = {};
    for (auto const& slice : gpu.slices) {
      if (!slice.is_free()) continue;
      most.memory += gpu.geometry->profile(slice.at.profile).memory_slices;
      most.compute += gpu.geometry->profile(slice.at.profile).compute_slices;
    }
  }
  most.memory = std::min(most.memory, memory);
  most.compute = std::min(most.compute, compute);
  Part idle{.memory_slices = most.memory, .compute_slices = most.compute};
  idle.is_stranded = !wanted.is_empty() && !fits_something(gpu, state, gpu.is_unused(), wanted);
  Part const loss{.kind = PartKind::Loss, .memory_slices = memory - most.memory, .compute_slices = compute - most.compute};
  for (auto const& part : {idle, loss})
    if (part.memory_slices > 0 || part.compute_slices > 0) division.parts.push_back(part);
}

}  // namespace

Division division_of(Pool const& pool, Node const& node, Gpu const& gpu, Wanted const& wanted, Reach& reach) {
  Division division{memory_slices_of(gpu), compute_slices_of(gpu), {}};
  std::uint32_t memory = division.memory_slices, compute = division.compute_slices;
  auto const take = [&](Part part, std::uint32_t memory_slices, std::uint32_t compute_slices) {
    part.memory_slices = std::min(memory, memory_slices);
    part.compute_slices = std::min(compute, compute_slices);
    part.memory_mib = gpu.memory_mib * part.memory_slices / division.memory_slices;
    memory -= part.memory_slices;
    compute -= part.compute_slices;
    division.parts.push_back(std::move(part));
  };
  if (gpu.holder) take(held_part(pool, gpu.holder, gpu.index), memory, compute);
  mig::Layout taken;
  for (auto const& slice : gpu.slices) {
    if (slice.is_free() || gpu.holder || !gpu.geometry) continue;
    auto const& profile = gpu.geometry->profile(slice.at.profile);
    Part part = slice.holder ? held_part(pool, slice.holder, gpu.index) : Part{.kind = PartKind::SetAside};
    part.placement = mig::to_text(gpu.geometry->board(), slice.at);
    taken.add(slice.at);
    take(std::move(part), profile.memory_slices, profile.compute_slices);
    if (division.parts.back().attempt) division.parts.back().memory_mib = profile.memory_mib;
  }
  if (memory == 0 && compute == 0) return division;
  if (!gpu.aside.empty() || !node.takes_jobs()) {
    take({.kind = PartKind::SetAside}, memory, compute);
  } else if (gpu.geometry) {
    add_rest(division, gpu, taken, memory, compute, wanted, reach);
  } else {
    bool const is_stranded = !wanted.is_empty() && !wanted.families.contains(gpu.family);
    take({.is_stranded = is_stranded}, memory, compute);
  }
  return division;
}

Division processors_of(Pool const& pool, Node const& node) {
  Division division;
  for (AttemptId attempt : node.attempts) {
    Job const& job = pool.jobs.at(attempt.job.value);
    if (job.seat.gpus == 0) division.parts.push_back(held_part(pool, attempt, 0));
  }
  return division;
}

}  // namespace nav
