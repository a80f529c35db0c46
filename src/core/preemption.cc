// SPDX-License-Identifier: Apache-2.0
#include "core/preemption.h"

#include <algorithm>
#include <bit>
#include <set>

namespace nav {

Preemption::Preemption(Pool const& pool, Job const& job, Amount cost)
    : pool_(pool), job_(job), cost_(cost), class_(class_of(pool.queues.at(job.queue).request.priority)), path_(pool.accounts.path(job.project)) {}

Preemption::Sides Preemption::sides(Job const& victim) const {
  auto const other = pool_.accounts.path(victim.project);
  // From the top down, as long as both ways are one.
  std::size_t common = 0;
  while (common < path_.size() && common < other.size() && path_[path_.size() - 1 - common] == other[other.size() - 1 - common]) ++common;
  Sides sides;
  if (common < path_.size()) sides.own = path_[path_.size() - 1 - common];
  if (common < other.size()) sides.victim = other[other.size() - 1 - common];
  return sides;
}

/// With this job too it stays within what is its own.
bool Preemption::is_entitled(Account const& own) const {
  return own.quota.slices && without(own.used.slices, own.leaving.slices) + own.claimed.slices + cost_.slices <= *own.quota.slices;
}

bool Preemption::borrows(Account const& account) const {
  auto const picked = picked_.find(&account);
  std::uint64_t const going = account.leaving.slices + (picked == picked_.end() ? 0 : picked->second);
  return without(account.used.slices, going) > account.quota.slices.value_or(0);
}

std::optional<PreemptionGround> Preemption::ground(Job const& victim) const {
  if (!victim.has_seat() || victim.stop != StopCause::None || !victim.restartable || victim.no_preempt || victim.id == job_.id) return std::nullopt;
  bool const lower = class_of(pool_.queues.at(victim.queue).request.priority) < class_;
  if (victim.project == job_.project) return lower ? std::optional(PreemptionGround::Priority) : std::nullopt;
  Sides const sides = this->sides(victim);
  if (sides.victim && !borrows(*sides.victim)) return std::nullopt;
  if (sides.own && is_entitled(*sides.own)) return PreemptionGround::Lent;
  return lower ? std::optional(PreemptionGround::Priority) : std::nullopt;
}

void Preemption::pick(Job const& victim) {
  for (Account const* account : pool_.accounts.path(victim.project)) picked_[account] += victim.seat.cost.slices;
}

std::string Preemption::sentence(Job const& victim, PreemptionGround ground) const {
  auto const title = [&](Account const* account) { return account ? pool_.accounts.title(*account) : std::string("nobody"); };
  auto const by = fmt::format("preempted by job {} of {}", to_text(job_.id), title(pool_.accounts.project(job_.project)));
  if (ground == PreemptionGround::Lent) {
    Sides const sides = this->sides(victim);
    return fmt::format("{}: {} had borrowed what is {}'s own", by, title(sides.victim), title(sides.own));
  }
  return fmt::format("{}: its priority is {}, and this one's {}", by, enum_text(class_), enum_text(class_of(pool_.queues.at(victim.queue).request.priority)));
}

Result<std::vector<Victim>> victims_at(Pool const& pool, Job const& job, Node const& node, std::uint32_t gpus, std::optional<mig::Placement> placement) {
  std::set<AttemptId> holders;
  for (std::uint32_t bits = gpus; bits != 0; bits &= bits - 1) {
    Gpu const& gpu = node.gpus.at(static_cast<std::size_t>(std::countr_zero(bits)));
    if (gpu.holder) holders.insert(gpu.holder);
    for (auto const& slice : gpu.slices) {
      bool const in_the_way = !placement || (gpu.geometry->window(slice.at) & gpu.geometry->window(*placement)) != 0;
      if (!in_the_way) continue;
      if (!slice.aside.empty()) return fail(ErrorKind::Conflict, "a slice there is set aside");
      if (slice.holder) holders.insert(slice.holder);
    }
  }
  Preemption preemption(pool, job, cost_of(node, gpus, placement));
  std::vector<Victim> victims;
  for (AttemptId holder : holders) {
    Job const& victim = pool.jobs.at(holder.job.value);
    if (victim.stop != StopCause::None) continue;  // it goes anyhow
    auto const ground = preemption.ground(victim);
    if (!ground) return fail(ErrorKind::Conflict, "job {} may not be stopped for job {}", to_text(holder.job), to_text(job.id));
    victims.push_back({holder, preemption.sentence(victim, *ground)});
    preemption.pick(victim);
  }
  return victims;
}

}  // namespace nav
