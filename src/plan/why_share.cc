// SPDX-License-Identifier: Apache-2.0
#include "plan/why_share.h"

#include <bit>

#include "base/text.h"
#include "core/moving.h"

namespace nav::plan {

namespace {

/// What a template counts: of the first GPU of the pool that gives it.
std::optional<Amount> cost_of(Pool const& pool, Template const& t) {
  if (t.kind == TemplateKind::Cpu) return Amount{};
  std::optional<Amount> cost;
  if (t.kind == TemplateKind::Slice) {
    for (auto const& geometry : *pool.geometries)
      if (auto const profile = geometry->profile_named(t.profile); profile && !cost)
        cost = Amount{geometry->profile(*profile).compute_slices, geometry->profile(*profile).memory_mib};
    return cost;
  }
  pool.nodes.each([&](Node const& node) {
    for (auto const& gpu : node.gpus) {
      if (cost || gpu.family != t.family) continue;
      auto const one = nav::cost_of(node, 1u << gpu.index, {});
      cost = Amount{one.slices * t.gpus, one.memory_mib * t.gpus};
    }
  });
  return cost;
}

/// The limit that stands before every rung, of the first. All members of a gang are counted together.
std::optional<LimitReached> limit_on_all(Pool const& pool, Job const& job, RequestClass const& request) {
  std::optional<LimitReached> first;
  std::uint32_t const jobs = job.gang ? pool.gangs.at(job.gang.value).members : 1;
  for (std::uint32_t rung = 0; rung <= request.rung && rung < request.on.size(); ++rung) {
    Template const* t = pool.find_template(request.on[rung]);
    if (!t) continue;
    auto const cost = cost_of(pool, *t);
    if (!cost) continue;
    auto const reached = limit_reached(pool.accounts, job.project, job.user, {cost->slices * jobs, cost->memory_mib * jobs}, jobs);
    if (!reached) return std::nullopt;
    if (!first) first = reached;
  }
  return first;
}

/// For the job, or for a member of the gang it is of.
bool is_kept_for(Pool const& pool, Reservation const& kept, Job const& job) {
  if (kept.job == job.id) return true;
  Job const* whose = pool.job(kept.job);
  return job.gang && whose && whose->gang == job.gang;
}

std::string place_text(Pool const& pool, Reservation const& kept) {
  Node const* node = pool.node(kept.node);
  std::string gpus;
  for (std::uint32_t bits = kept.gpus; bits != 0; bits &= bits - 1) gpus += fmt::format("{}{}", gpus.empty() ? "" : ", ", std::countr_zero(bits));
  return fmt::format("GPU{} {} of {}", std::popcount(kept.gpus) == 1 ? "" : "s", gpus, node ? node->name : "a node that is gone");
}

/// "job 7 moves to gpu1 3g.20gb@4 of dgx-0, and then it begins on gpu0 7g.40gb@0 of dgx-0"
std::string moves_text(Pool const& pool, Claim const& own, std::vector<Claim> const& moves) {
  auto const place = [&](Claim const& claim) { return place_text(pool, claim.node, claim.gpus, claim.placement); };
  if (own.for_job != own.job) return fmt::format("it was moved and begins again on {}, which is kept for it, as soon as that is free", place(own));
  std::string text;
  for (auto const& move : moves) text += fmt::format("{}job {} moves to {}", text.empty() ? "" : ", ", to_text(move.job), place(move));
  return fmt::format("{}{} it begins on {}", text, moves.empty() ? "what is promised to it is not free yet:" : ", and then", place(own));
}

/// The largest part of what is spent at any fork on the way up.
double share_of_path(Pool const& pool, ProjectId project) {
  auto const& accounts = pool.accounts;
  double largest = 0;
  for (Account const* account : accounts.path(project)) {
    double all = 0;
    auto const add = [&](Account const& one) {
      if (one.parent == account->parent) all += spent_at(one, pool.now, accounts.half_life);
    };
    accounts.projects.each(add);
    accounts.teams.each(add);
    if (all > 0) largest = std::max(largest, spent_at(*account, pool.now, accounts.half_life) / all);
  }
  return largest;
}

}  // namespace

void add_share(Pool const& pool, PlanIndex const& index, Job const& job, RequestClass const& request, Reason& reason) {
  reason.share = share_of_path(pool, job.project);
  if (auto const stopped = pool.preempted->find(job.id); stopped != pool.preempted->end()) reason.preempted = stopped->second.sentence;
  Reservation const* own = nullptr;
  Reservation const* before = nullptr;
  for (auto const& kept : index.reservations()) {
    if (is_kept_for(pool, kept, job)) own = own ? own : &kept;
    else if (kept.priority >= class_of(request.priority) && !before) before = &kept;
  }
  if (own) {
    reason.reservation = *own;
    reason.reservation->job = job.id;
  }
  if (auto const claim = pool.claims->find(job.id); claim != pool.claims->end() && claim->second.by_moving) {
    reason.lack = Lack::Room;
    reason.moves = moves_for(pool, job.id);
    reason.sentence = moves_text(pool, claim->second, reason.moves);
    return;
  }
  if (own && own->is_claimed) {
    reason.lack = Lack::Room;
    reason.sentence = fmt::format("others were told to make room for it on {}", place_text(pool, *own));
    return;
  }
  if (auto const reached = limit_on_all(pool, job, request)) {
    reason.lack = Lack::Quota;
    reason.limit = reached;
    reason.sentence = to_text(*reached);
    // What is held back may be lent again; what is asked for beyond a ceiling never fits below it.
    if (reached->limit != Limit::Lending && reached->asked > reached->most) reason.sentence += "; it can never have that as long as the limit stands";
    return;
  }
  if (own) return;
  if (reason.lack != Lack::Turn || !before) return;
  reason.lack = Lack::Reserved;
  reason.reservation = *before;
  reason.sentence = fmt::format("what is free is kept for job {}, which goes before it: {}", to_text(before->job), place_text(pool, *before));
}

}  // namespace nav::plan
