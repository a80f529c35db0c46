// SPDX-License-Identifier: Apache-2.0
#include "core/moving.h"

#include <algorithm>
#include <bit>

#include "base/text.h"

namespace nav {

namespace {

template <class Visit>
void each_gpu(std::uint32_t gpus, Visit&& visit) {
  for (std::uint32_t bits = gpus; bits != 0; bits &= bits - 1) visit(static_cast<std::uint32_t>(std::countr_zero(bits)));
}

}  // namespace

Result<void> may_be_moved(Pool const& pool, Job const& job, std::optional<PriorityClass> for_class, Time now) {
  auto const refused = [&](char const* why) { return fail(ErrorKind::Conflict, "job {} {}", to_text(job.id), why); };
  if (job.state != JobState::Running || job.stop != StopCause::None) return refused("does not run");
  if (!job.restartable) return refused("cannot begin anew elsewhere: it did not say it is restartable");
  if (job.no_preempt) return refused("said it must not be preempted");
  if (job.gang) return refused("is a member of a gang, whose places hang together");
  if (pool.claims->contains(job.id)) return refused("moves already");
  auto const own = class_of(pool.queues.at(job.queue).request.priority);
  if (for_class && own > *for_class)
    return fail(ErrorKind::Conflict, "job {} is of class {} and does not move for one of {}", to_text(job.id), enum_text(own), enum_text(*for_class));
  if (auto const last = pool.moved->find(job.id); last != pool.moved->end() && now < last->second + rest_after_move)
    return fail(ErrorKind::Conflict, "job {} was moved less than {} ago", to_text(job.id), to_text(rest_after_move));
  return {};
}

std::size_t moves_at_once(Pool const& pool) {
  constexpr std::size_t at_least = 16, one_of = 10;
  return std::max<std::size_t>(at_least, pool.accounts.capacity.slices / slices_of_an_uncut_gpu / one_of);
}

std::size_t moves_under_way(Pool const& pool) {
  return static_cast<std::size_t>(std::count_if(pool.claims->begin(), pool.claims->end(), [](auto const& entry) { return !entry.second.is_counted(); }));
}

Needs needs_of(RequestClass const& request, Template const& t) {
  return {request.cpu_milli ? request.cpu_milli : t.cpu_milli, request.memory_mib ? request.memory_mib : t.memory_mib};
}

std::optional<std::string> promised(Pool const& pool, JobId job, Node const& node, std::uint32_t gpus, Needs const& needs) {
  std::uint32_t own = 0, others = 0;
  JobId whose;
  std::int64_t cpu = 0, memory = 0;
  for (auto const& [id, claim] : *pool.claims) {
    if (!claim.by_moving) continue;
    Job const& mover = pool.jobs.at(id.value);
    // What it has here is counted as in use until it is gone, and will be free when it comes.
    if (mover.has_seat() && mover.seat.node == node.id) cpu -= mover.seat.cpu_milli, memory -= static_cast<std::int64_t>(mover.seat.memory_mib);
    if (claim.node != node.id) continue;
    if (id == job) {
      own |= claim.gpus;
      continue;
    }
    others |= claim.gpus;
    if ((claim.gpus & gpus) != 0) whose = id;
    auto const& request = pool.queues.at(mover.queue).request;
    if (Template const* t = claim.rung < request.on.size() ? pool.find_template(request.on[claim.rung]) : nullptr) {
      auto const its = needs_of(request, *t);
      cpu += its.cpu_milli, memory += static_cast<std::int64_t>(its.memory_mib);
    }
  }
  if ((gpus & others & ~own) != 0) return fmt::format("what is free there is promised to job {}, which moves there", to_text(whose));
  auto const too_little = [](std::uint64_t used, std::uint64_t more, std::int64_t kept, std::uint64_t all) {
    return kept > 0 && used + more + static_cast<std::uint64_t>(kept) > all;
  };
  if (too_little(node.cpu_milli_used, needs.cpu_milli, cpu, node.cpu_milli) || too_little(node.memory_mib_used, needs.memory_mib, memory, node.memory_mib))
    return fmt::format("the processors and the memory left on {} are promised to jobs that move there", node.name);
  return std::nullopt;
}

std::optional<LimitReached> limit_reached(Pool const& pool, Job const& job, Amount more) {
  std::optional<Accounts> after;
  for (auto const& [id, claim] : *pool.claims) {
    Job const& mover = pool.jobs.at(id.value);
    if (!claim.by_moving || id == job.id || mover.has_seat()) continue;
    if (!after) after = pool.accounts;
    occupy(*after, mover.project, mover.user, claim.cost, pool.now);
  }
  return limit_reached(after ? *after : pool.accounts, job.project, job.user, more);
}

std::vector<Claim> moves_for(Pool const& pool, JobId job) {
  std::vector<Claim> moves;
  for (auto const& [id, claim] : *pool.claims)
    if (claim.by_moving && id != job && claim.for_job == job) moves.push_back(claim);
  return moves;
}

std::string place_text(Pool const& pool, NodeId id, std::uint32_t gpus, std::optional<mig::Placement> placement) {
  Node const* node = pool.node(id);
  std::string text;
  each_gpu(gpus, [&](std::uint32_t index) {
    text += fmt::format("gpu{} ", index);
    if (placement && node && index < node->gpus.size() && node->gpus[index].geometry && node->gpus[index].geometry->offers(*placement))
      text += mig::to_text(node->gpus[index].geometry->board(), *placement) + " ";
  });
  return fmt::format("{}of {}", text, node ? node->name : "a node that is gone");
}

}  // namespace nav
