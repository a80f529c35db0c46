// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "base/text.h"
#include "core/command.h"
#include "core/decide_cloud.h"
#include "core/decide_report.h"
#include "core/gang.h"
#include "core/moving.h"
#include "core/offer.h"
#include "core/preemption.h"
#include "mig/transition.h"

namespace nav {

NAV_SEALED_HERE(PoolCommand)

namespace {

using Events = std::vector<PoolEvent>;

Result<Job const*> job_named(Pool const& pool, JobId id) {
  if (Job const* job = pool.job(id)) return job;
  if (id.value != 0 && id.value < pool.next_job) return fail(ErrorKind::Conflict, "job {} is over", to_text(id));
  return fail(ErrorKind::NotFound, "there is no job {}", to_text(id));
}

Result<Node const*> node_named(Pool const& pool, NodeId id) {
  if (Node const* node = pool.node(id)) return node;
  return fail(ErrorKind::NotFound, "there is no {}", to_text(id));
}

Unexpected no_such_template(Pool const& pool, std::string const& wanted, std::string const& field) {
  std::vector<std::string> names;
  for (auto const& [name, t] : *pool.templates) names.push_back(name);
  auto near = nearest(wanted, names);
  std::string hint = names.empty()  ? "no node has joined yet, so there are no templates: see nav nodes"
                     : near.empty() ? fmt::format("there are: {}", shortened(fmt::format("{}", fmt::join(names, ", ")), 400))
                                    : fmt::format("did you mean {}?", fmt::join(near, " or "));
  if (wanted.starts_with("mig-") && near.empty() && !names.empty()) {
    std::erase_if(names, [](std::string const& n) { return !n.starts_with("mig-"); });
    hint = names.empty() ? "no GPU in the pool can be cut with MIG" : fmt::format("profiles in this pool: {}", fmt::join(names, ", "));
  }
  return fail_field(field, hint, "there is no template \"{}\"", shortened(wanted, 70));
}

/// That this job may ask for its rung `i` on the template's terms.
Result<void> check_rung(Pool const& pool, SubmitJobs const& c, std::size_t i, UserId by) {
  std::string const& name = c.request.on[i];
  std::string const field = fmt::format("on[{}]", i);
  Template const* t = pool.find_template(name);
  if (!t) return no_such_template(pool, name, field);
  if (!is_for(*t, {by, c.project, c.teams}))
    return Unexpected(Error{ErrorKind::Forbidden, fmt::format("{} is not for you or this project", name), "nav template show says who may use it", field});
  if (t->priority_ceiling && c.request.priority > *t->priority_ceiling)
    return fail_field(field, fmt::format("ask for a priority of {} at most, or leave {} out", *t->priority_ceiling, name), "{} takes no job of priority {}",
                      name, c.request.priority);
  RungLimits const limits = i < c.request.limits.size() ? c.request.limits[i] : RungLimits{};
  if (limits.wait.us < 0) return fail_field(field + ".wait", "a length of time, as 2m", "rung {}: wait is negative", i + 1);
  if (limits.price_micro && *limits.price_micro < 0) return fail_field(field + ".price", "zero or more", "rung {}: price is negative", i + 1);
  if (t->longest.us > 0 && c.request.time_limit > t->longest)
    return fail_field(field, fmt::format("ask for a time limit of {} at most, or leave {} out", to_text(t->longest), name), "{} runs no job for {}", name,
                      to_text(c.request.time_limit));
  return {};
}

/// What its team, its project and its user allow a submission at once; what must only wait for its turn is not refused.
Result<void> check_shares(Pool const& pool, SubmitJobs const& c, std::uint32_t jobs, UserId by) {
  for (Account const* account : pool.accounts.path(c.project)) {
    auto const& ceiling = account->quota.priority_ceiling;
    if (ceiling && c.request.priority > *ceiling)
      return fail_field("priority", fmt::format("at most {}", *ceiling), "{} goes up to priority {}, and it asks for {}", pool.accounts.title(*account),
                        *ceiling, c.request.priority);
  }
  UserAccount const* user = pool.accounts.user(by);
  if (user && user->limits.queued && user->queued + jobs > *user->limits.queued)
    return Unexpected(Error{ErrorKind::TooMany,
                            fmt::format("user {} may have {} jobs waiting: {} wait already", user->name, *user->limits.queued, user->queued),
                            fmt::format("submit {} at most, or wait until some have started", without(*user->limits.queued, user->queued)), "count"});
  return {};
}

Result<Events> decide_on(Pool const& pool, SubmitJobs const& c, Asked const& asked) {
  JobRequest const& request = c.request;
  if (c.count == 0 || c.count > most_jobs_at_once) return fail_field("count", fmt::format("1 to {}", most_jobs_at_once), "count is {}", c.count);
  if (request.on.empty()) return fail_field("on", "name at least one template, as in --on cpu", "no template is named");
  if (request.command.empty() || request.command[0].empty()) return fail_field("command", "give the program and its arguments", "no command is given");
  if (request.time_limit.us < 0) return fail_field("time_limit", "a length of time above zero, or leave it out", "time_limit is negative");
  if (request.on.size() > 32) return fail_field("on", "at most 32 rungs", "the compute list has {} rungs", request.on.size());
  if (!request.limits.empty() && request.limits.size() != request.on.size())
    return fail_field("on", "one for each rung", "{} limits are given", request.limits.size());
  for (std::size_t i = 0; i < request.on.size(); ++i) TRY_VOID(check_rung(pool, c, i, asked.by));
  if (request.climbs && !request.restartable)
    return fail_field("upgrade", "say restartable too, or leave upgrade out", "only a job that may be begun anew can climb back");
  if (request.members > 0) TRY_VOID(check_gang(pool, c));
  if (request.service) TRY_VOID(check(*request.service));
  if (request.service && request.members > 0) return fail_field("members", "leave members out", "a {} is one job", enum_text(request.service->kind));
  if (request.service && c.count > 1)
    return fail_field("count", "submit it again for another", "a {} is one job, with an address of its own", enum_text(request.service->kind));
  std::uint32_t const jobs = c.count * std::max(request.members, 1u);
  TRY_VOID(check_shares(pool, c, jobs, asked.by));
  JobsQueued queued{.first = JobId{pool.next_job},
                    .count = jobs,
                    .body = to_text(c.body),
                    .user = asked.by,
                    .project = c.project,
                    .on = request.on,
                    .cpu_milli = request.cpu_milli,
                    .memory_mib = request.memory_mib,
                    .priority = request.priority,
                    .time_limit = request.time_limit,
                    .retries = request.retries,
                    .restartable = request.restartable,
                    .no_preempt = request.no_preempt,
                    .limits = request.limits,
                    .climbs = request.climbs,
                    .on_out_of_memory = request.on_out_of_memory,
                    .members = request.members,
                    .service = request.service};
  // A list without any limit is written as it always was.
  if (std::all_of(queued.limits.begin(), queued.limits.end(), [](RungLimits const& l) { return l == RungLimits{}; })) queued.limits.clear();
  return Events{std::move(queued)};
}

Result<Events> decide_on(Pool const& pool, CancelJob const& c, Asked const&) {
  TRY(Job const* job, job_named(pool, c.job));
  bool const is_early = !c.stopped_early.empty();
  if (job->gang)
    return cancel(pool, pool.gangs.at(job->gang.value), is_early ? StopCause::StoppedEarly : StopCause::Cancelled, is_early ? c.stopped_early : "cancelled");
  if (job->state == JobState::Queued) return Events{JobEnded{job->id, JobEnd::Cancelled, is_early ? "stopped early" : "cancelled while it waited"}};
  if (job->stop == StopCause::Cancelled || (is_early && job->stop == StopCause::StoppedEarly)) return Events{};
  if (is_early) return Events{JobStopRequested{job->attempt_id(), StopCause::StoppedEarly, c.stopped_early}};
  return Events{JobStopRequested{job->attempt_id(), StopCause::Cancelled, "cancelled"}};
}

/// Which idle slices must go for this placement; Conflict if a held one is in the way.
Result<std::vector<std::string>> slices_in_the_way(Gpu const& gpu, mig::Placement at) {
  std::vector<mig::Instance> instances;
  for (auto const& slice : gpu.slices) instances.push_back({slice.at, slice.is_free() ? mig::Use::Idle : mig::Use::Busy});
  auto const room = mig::make_room_at(*gpu.geometry, instances, at);
  if (!room) return fail(ErrorKind::Conflict, "{} is not free", mig::to_text(gpu.geometry->board(), at));
  std::vector<std::string> removed;
  for (auto p : room->destroy) removed.push_back(mig::to_text(gpu.geometry->board(), p));
  return removed;
}

Result<void> check_slice(Gpu const& gpu, Template const& t, mig::Placement at) {
  if (!gpu.geometry || gpu.policy == GpuPolicy::Whole || gpu.holder || !gpu.aside.empty() || !gpu.geometry->offers(at) ||
      gpu.geometry->profile(at.profile).name != t.profile)
    return fail(ErrorKind::Conflict, "GPU {} does not give slices of {}", gpu.uuid, t.profile);
  if (gpu.policy == GpuPolicy::Managed) return {};
  for (auto const& slice : gpu.slices)
    if (slice.at == at && slice.is_free()) return {};
  return fail(ErrorKind::Conflict, "GPU {} has a fixed layout", gpu.uuid);
}

Result<void> check_whole(Gpu const& gpu, Template const& t) {
  bool const right_mode = gpu.mode == GpuMode::Whole || gpu.policy == GpuPolicy::Managed;
  if (gpu.family == t.family && gpu.is_unused() && right_mode) return {};
  return fail(ErrorKind::Conflict, "GPU {} is not free", gpu.uuid);
}

/// Of two limits the one that comes first; zero is none.
Duration shorter(Duration a, Duration b) { return a.us == 0 ? b : b.us == 0 ? a : std::min(a, b); }

}  // namespace

Result<JobPlaced> seated(Pool const& pool, PlaceJob const& c) {
  TRY(Job const* job, job_named(pool, c.job));
  if (job->state != JobState::Queued) return fail(ErrorKind::Conflict, "job {} does not wait", to_text(c.job));
  TRY(Node const* node, node_named(pool, c.node));
  if (!node->takes_jobs()) return fail(ErrorKind::Conflict, "{} takes no jobs now", node->name);
  RequestClass const& request = pool.queues.at(job->queue).request;
  if (c.rung >= request.on.size()) return fail(ErrorKind::Conflict, "job {} has no rung {}", to_text(c.job), c.rung);
  // Who was moved goes on where it was promised, on whichever rung it ran.
  auto const claim = pool.claims->find(c.job);
  bool const was_promised = claim != pool.claims->end() && claim->second.by_moving && claim->second.rung == c.rung && claim->second.node == c.node &&
                            claim->second.gpus == c.gpus && claim->second.placement == c.placement;
  if (c.rung > request.rung && !was_promised) return fail(ErrorKind::Conflict, "job {} waits for something better before its rung {}", to_text(c.job), c.rung);
  Template const* t = pool.find_template(request.on[c.rung]);
  if (!t) return fail(ErrorKind::Conflict, "there is no template {} any more", request.on[c.rung]);

  auto const needs = needs_of(request, *t);
  JobPlaced placed{.attempt = {job->id, job->attempt + 1},
                   .node = c.node,
                   .rung = c.rung,
                   .gpus = {},
                   .placement = {},
                   .removed = {},
                   .cpu_milli = needs.cpu_milli,
                   .memory_mib = needs.memory_mib,
                   .time_limit = shorter(job->time_limit, t->longest),
                   .price_micro = t->price_micro,
                   .tried = c.tried};
  if (auto const open = check_open(*t, request, c.rung); !open) return Unexpected(open.error());
  if (!admits(*t, *node)) return fail(ErrorKind::Conflict, "{} is not to be had on {}", t->name, node->name);
  if (node->cpu_milli_used + placed.cpu_milli > node->cpu_milli || node->memory_mib_used + placed.memory_mib > node->memory_mib)
    return fail(ErrorKind::Conflict, "{} has not enough processors or memory left", node->name);
  std::uint32_t const wanted = t->kind == TemplateKind::Gpus ? t->gpus : t->kind == TemplateKind::Slice ? 1 : 0;
  if (std::popcount(c.gpus) != static_cast<int>(wanted) || (t->kind == TemplateKind::Slice) != c.placement.has_value())
    return fail(ErrorKind::Conflict, "the place is not what {} means", t->name);
  for (std::uint32_t bits = c.gpus; bits != 0; bits &= bits - 1) {
    auto const index = static_cast<std::uint32_t>(std::countr_zero(bits));
    if (index >= node->gpus.size()) return fail(ErrorKind::Conflict, "{} has no GPU {}", node->name, index);
    Gpu const& gpu = node->gpus[index];
    placed.gpus.push_back(index);
    if (!c.placement) {
      TRY_VOID(check_whole(gpu, *t));
      continue;
    }
    TRY_VOID(check_slice(gpu, *t, *c.placement));
    TRY(placed.removed, slices_in_the_way(gpu, *c.placement));
    placed.placement = mig::to_text(gpu.geometry->board(), *c.placement);
  }
  if (auto const other = promised(pool, job->id, *node, c.gpus, needs)) return fail(ErrorKind::Conflict, "{}", *other);
  if (auto const reached = limit_reached(pool, *job, cost_of(*node, c.gpus, c.placement))) return fail(ErrorKind::Conflict, "{}", to_text(*reached));
  return placed;
}

namespace {

Result<Events> decide_on(Pool const& pool, PlaceJob const& c, Asked const&) {
  TRY(auto placed, seated(pool, c));
  if (pool.jobs.at(c.job.value).gang) return fail(ErrorKind::Conflict, "job {} is a member of a gang and placed with all of it", to_text(c.job));
  return Events{std::move(placed)};
}

Result<Events> decide_on(Pool const& pool, PassRung const& c, Asked const& asked) {
  TRY(Job const* job, job_named(pool, c.job));
  if (job->state != JobState::Queued) return fail(ErrorKind::Conflict, "job {} does not wait", to_text(c.job));
  RequestClass const& request = pool.queues.at(job->queue).request;
  if (request.is_last(request.rung)) return fail(ErrorKind::Conflict, "job {} is on its last rung", to_text(c.job));
  if (asked.now < job->rung_since + request.limits_of(request.rung).wait) return fail(ErrorKind::Conflict, "job {} still waits on its rung", to_text(c.job));
  RungPassed const passed{c.job, request.rung, next_stop(pool, request, request.rung + 1), job->rung_since, c.why};
  if (!job->gang) return Events{passed};
  Gang const& gang = pool.gangs.at(job->gang.value);
  if (!is_complete(pool, gang)) return fail(ErrorKind::Conflict, "not all members of gang {} wait", to_text(gang.first));
  Events events;
  for (std::uint32_t rank = 0; rank < gang.members; ++rank) {
    RungPassed one = passed;
    one.job.value = gang.first.value + rank;
    events.emplace_back(std::move(one));
  }
  return events;
}

Result<Events> decide_on(Pool const& pool, ClimbJob const& c, Asked const&) {
  TRY(Job const* job, job_named(pool, c.job));
  if (job->state != JobState::Running || !job->climbs || !job->restartable || job->stop != StopCause::None || c.rung >= job->seat.rung)
    return fail(ErrorKind::Conflict, "job {} does not climb now", to_text(c.job));
  return Events{JobStopRequested{job->attempt_id(), StopCause::Climb, fmt::format("{} is free", pool.queues.at(job->queue).request.on[c.rung])}};
}

Result<Events> decide_on(Pool const& pool, ReclaimIdle const& c, Asked const& asked) {
  TRY(Job const* job, job_named(pool, c.job));
  auto const service = pool.services->find(c.job);
  Time const deadline = service == pool.services->end() ? Time{} : idle_deadline(service->second);
  if (!job->has_seat() || job->stop != StopCause::None || !deadline || asked.now < deadline)
    return fail(ErrorKind::Conflict, "job {} is not idle for too long", to_text(c.job));
  return Events{JobStopRequested{job->attempt_id(), StopCause::Idle, idle_sentence(service->second)}};
}

Result<Events> decide_on(Pool const& pool, MakeRoom const& c, Asked const&) {
  PlaceJob const& place = c.place;
  TRY(Job const* job, job_named(pool, place.job));
  if (job->state != JobState::Queued) return fail(ErrorKind::Conflict, "job {} does not wait", to_text(place.job));
  if (job->gang) return fail(ErrorKind::Conflict, "no room is made for a gang");
  if (pool.claims->contains(place.job)) return fail(ErrorKind::Conflict, "room is being made for job {} already", to_text(place.job));
  TRY(Node const* node, node_named(pool, place.node));
  if (!node->takes_jobs()) return fail(ErrorKind::Conflict, "{} takes no jobs now", node->name);
  RequestClass const& request = pool.queues.at(job->queue).request;
  Template const* t = place.rung < request.on.size() ? pool.find_template(request.on[place.rung]) : nullptr;
  if (!t) return fail(ErrorKind::Conflict, "job {} has no rung {}", to_text(place.job), place.rung);
  if (auto const open = check_open(*t, request, place.rung); !open) return Unexpected(open.error());
  std::uint32_t const wanted = t->kind == TemplateKind::Gpus ? t->gpus : t->kind == TemplateKind::Slice ? 1 : 0;
  if (wanted == 0 || std::popcount(place.gpus) != static_cast<int>(wanted) || (t->kind == TemplateKind::Slice) != place.placement.has_value())
    return fail(ErrorKind::Conflict, "the place is not what {} means", t->name);
  PlaceClaimed claimed{.job = place.job, .node = place.node, .rung = place.rung, .gpus = {}, .placement = {}};
  for (std::uint32_t bits = place.gpus; bits != 0; bits &= bits - 1) {
    auto const index = static_cast<std::uint32_t>(std::countr_zero(bits));
    if (index >= node->gpus.size()) return fail(ErrorKind::Conflict, "{} has no GPU {}", node->name, index);
    Gpu const& gpu = node->gpus[index];
    bool const gives = place.placement ? gpu.geometry && gpu.policy == GpuPolicy::Managed && gpu.geometry->offers(*place.placement) &&
                                             gpu.geometry->profile(place.placement->profile).name == t->profile
                                       : gpu.family == t->family && (gpu.mode == GpuMode::Whole || gpu.policy == GpuPolicy::Managed);
    if (!gives || !gpu.aside.empty()) return fail(ErrorKind::Conflict, "GPU {} does not give {}", gpu.uuid, t->name);
    if (auto const other = promised(pool, job->id, *node, 1u << index, {})) return fail(ErrorKind::Conflict, "{}", *other);
    claimed.gpus.push_back(index);
    if (place.placement) claimed.placement = mig::to_text(gpu.geometry->board(), *place.placement);
  }
  TRY(auto const victims, victims_at(pool, *job, *node, place.gpus, place.placement));
  // What goes makes room in its owners' quotas too.
  Accounts after = pool.accounts;
  for (auto const& victim : victims) {
    Job const& gone = pool.jobs.at(victim.attempt.job.value);
    vacate(after, gone.project, gone.user, gone.seat.cost, false, pool.now);
  }
  if (auto const reached = limit_reached(after, job->project, job->user, cost_of(*node, place.gpus, place.placement)))
    return fail(ErrorKind::Conflict, "{}", to_text(*reached));
  Events events{std::move(claimed)};
  for (auto const& victim : victims)
    events.push_back(JobStopRequested{.attempt = victim.attempt, .cause = StopCause::Preempted, .message = victim.sentence, .for_job = place.job});
  return events;
}

Result<Events> decide_on(Pool const& pool, DropClaim const& c, Asked const&) {
  if (!pool.claims->contains(c.job)) return Events{};
  return Events{ClaimDropped{c.job, c.message}};
}

Result<Events> decide_on(Pool const& pool, SetHalfLife const& c, Asked const&) {
  if (c.half_life < minutes(1) || c.half_life > days(365))
    return fail_field("half_life", "from one minute to 365 days", "the half-life is {}", to_text(c.half_life));
  if (c.half_life == pool.accounts.half_life) return Events{};
  return Events{HalfLifeSet{c.half_life}};
}

Result<Events> decide_on(Pool const& pool, JoinNode const& c, Asked const&) {
  TRY_VOID(check_name(c.name, "name"));
  TRY_VOID(check_name(c.site, "site"));
  auto it = pool.node_named->find(c.name);
  if (it != pool.node_named->end())
    return Unexpected(Error{ErrorKind::Conflict, fmt::format("a node named {} has joined already", c.name),
                            fmt::format("choose another name, or `nav node lost {}` if that machine is gone for ever", c.name), "name"});
  TRY(RentalId const rental, rental_joining(pool, c.name, c.site));
  return Events{NodeJoined{NodeId{pool.next_node}, c.name, c.site, c.labels, rental}};
}

Result<Events> decide_on(Pool const& pool, ReportNode const& c, Asked const& asked) { return decide_report(pool, c.status, asked); }

Result<Events> decide_on(Pool const& pool, MissNode const& c, Asked const&) {
  TRY(Node const* node, node_named(pool, c.node));
  if (node->state != NodeState::Ready && node->state != NodeState::Unreachable) return Events{};
  return Events{NodeUnreachable{c.node}};
}

Result<Events> decide_on(Pool const& pool, ExpireLeases const& c, Asked const& asked) {
  TRY(Node const* node, node_named(pool, c.node));
  Events events;
  if (node->state == NodeState::Ready) return events;
  for (AttemptId id : node->attempts) {
    Job const& job = pool.jobs.at(id.job.value);
    if (!job.restartable) continue;
    AttemptEnded ended{.attempt = id,
                       .outcome = Outcome::LeaseExpired,
                       .message = fmt::format("{} was cut off; its lease has run out", node->name),
                       .started = job.started,
                       .ended = asked.now};
    conclude(pool, job, std::move(ended), events);
  }
  return events;
}

Result<Events> decide_on(Pool const& pool, DrainNode const& c, Asked const&) {
  TRY(Node const* node, node_named(pool, c.node));
  if (node->state == NodeState::Lost) return fail(ErrorKind::Conflict, "{} is lost", node->name);
  if (node->draining) return Events{};
  return Events{NodeDrained{c.node, c.message}};
}

Result<Events> decide_on(Pool const& pool, ResumeNode const& c, Asked const&) {
  TRY(Node const* node, node_named(pool, c.node));
  if (node->state == NodeState::Lost) return fail(ErrorKind::Conflict, "{} is lost", node->name);
  if (!node->draining) return Events{};
  return Events{NodeResumed{c.node}};
}

Result<Events> decide_on(Pool const& pool, DeclareNodeLost const& c, Asked const& asked) {
  TRY(Node const* node, node_named(pool, c.node));
  if (node->state == NodeState::Lost) return Events{};
  if (node->state == NodeState::Ready)
    return Unexpected(Error{ErrorKind::Conflict, fmt::format("{} answers, so it is not lost", node->name),
                            "`nav node drain` takes it out of use; stop its agent first if it is to go for ever", ""});
  Events events;
  for (AttemptId id : node->attempts) {
    Job const& job = pool.jobs.at(id.job.value);
    AttemptEnded ended{
        .attempt = id, .outcome = Outcome::Lost, .message = fmt::format("{} was declared lost", node->name), .started = job.started, .ended = asked.now};
    conclude(pool, job, std::move(ended), events);
  }
  events.push_back(NodeLost{c.node});
  return events;
}

Result<Gpu const*> gpu_named(Pool const& pool, NodeId id, std::uint32_t index) {
  TRY(Node const* node, node_named(pool, id));
  if (index < node->gpus.size()) return &node->gpus[index];
  return fail_field("gpu", fmt::format("{} has {} GPUs, counted from 0", node->name, node->gpus.size()), "{} has no GPU {}", node->name, index);
}

Result<Events> decide_on(Pool const& pool, SetGpuPolicy const& c, Asked const&) {
  TRY(Gpu const* gpu, gpu_named(pool, c.node, c.gpu));
  if (gpu->policy == c.policy) return Events{};
  if (c.policy == GpuPolicy::Whole && gpu->mode == GpuMode::Mig && !gpu->is_unused())
    return fail(ErrorKind::Conflict, "GPU {} is cut and in use: wait for its jobs to end, or cancel them", gpu->uuid);
  Events events{GpuPolicySet{c.node, c.gpu, c.policy}};
  if (c.policy == GpuPolicy::Whole && gpu->mode == GpuMode::Mig) events.push_back(LayoutChosen{c.node, c.gpu, GpuMode::Whole, {}});
  return events;
}

/// The slice of that placement, as it is written.
Result<Slice const*> slice_named(Pool const& pool, NodeId id, Gpu const& gpu, std::string const& placement) {
  std::vector<std::string> there;
  for (auto const& slice : gpu.slices) {
    there.push_back(mig::to_text(gpu.geometry->board(), slice.at));
    if (there.back() == placement) return &slice;
  }
  std::string const hint = there.empty() ? "it is not cut; leave the placement out for the GPU as a whole"
                                         : fmt::format("there are {}", fmt::join(there, ", "));
  return Unexpected(Error{ErrorKind::NotFound, fmt::format("there is no slice {} on GPU {} of {}", shortened(placement, 64), gpu.index, pool.node(id)->name),
                          hint, "placement"});
}

Result<Events> decide_on(Pool const& pool, KeepAside const& c, Asked const&) {
  TRY(Gpu const* gpu, gpu_named(pool, c.node, c.gpu));
  if (c.reason.empty()) return fail_field("reason", "say why, for whoever finds it", "no reason is given");
  std::string const* aside = &gpu->aside;
  if (!c.placement.empty()) {
    TRY(Slice const* slice, slice_named(pool, c.node, *gpu, c.placement));
    aside = &slice->aside;
  }
  std::string reason = fmt::format("{}{}", told_by_hand, c.reason);
  if (*aside == reason) return Events{};
  return Events{SetAside{c.node, c.gpu, c.placement, std::move(reason), {}}};
}

Result<Events> decide_on(Pool const& pool, TakeBack const& c, Asked const&) {
  TRY(Gpu const* gpu, gpu_named(pool, c.node, c.gpu));
  // It would not be set aside again before the node's next news.
  if (c.placement.empty() && is_reported(gpu->aside))
    return Unexpected(Error{ErrorKind::Conflict, fmt::format("GPU {} of {} is still not as it should be: {}", c.gpu, pool.node(c.node)->name, gpu->aside),
                            "it is taken back by itself once its node no longer reports that", "gpu"});
  if (c.placement.empty()) return gpu->aside.empty() ? Events{} : Events{TakenBack{c.node, c.gpu, {}}};
  TRY(Slice const* slice, slice_named(pool, c.node, *gpu, c.placement));
  return slice->aside.empty() ? Events{} : Events{TakenBack{c.node, c.gpu, c.placement}};
}

Result<Events> decide_on(Pool const& pool, SetTemplate const& c, Asked const&) {
  Template const* known = pool.find_template(c.what.name);
  if (c.wish == TemplateWish::Make && known)
    return Unexpected(Error{ErrorKind::Conflict, fmt::format("there is a template {} already", c.what.name), "nav template edit changes it", "name"});
  if (c.wish == TemplateWish::Replace && !known) return fail(ErrorKind::NotFound, "there is no template {}", c.what.name);
  TRY_VOID(check_form(c.what));
  Template what = with_usual_share(pool, c.what);
  what.seeded = false;
  if (c.hardware == Hardware::There) TRY_VOID(check_offer(pool, what));
  if (known && *known == what) return Events{};
  return Events{TemplateSet{std::move(what)}};
}

Result<Events> decide_on(Pool const& pool, RemoveTemplate const& c, Asked const&) {
  if (!pool.find_template(c.name)) return fail(ErrorKind::NotFound, "there is no template {}", c.name);
  return Events{TemplateRemoved{c.name}};
}

}  // namespace

Result<std::vector<PoolEvent>> decide(Pool const& pool, PoolCommand const& command, Asked const& asked) {
  auto events = std::visit([&](auto const& c) { return decide_on(pool, c, asked); }, command);
  if (events && pool.gangs.size() > 0) settle_gangs(pool, *events);
  return events;
}

}  // namespace nav
