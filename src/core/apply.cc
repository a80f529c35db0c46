// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "core/decide_report.h"
#include "core/offer.h"
#include "core/pool.h"
#include "core/seat.h"

namespace nav {

namespace {

/// The queue of a class, ordered by job number: a job that comes back after an attempt takes its old place.
void enqueue(Pool& pool, Job& job) {
  ClassQueue& queue = pool.queues.edit(job.queue);
  JobId before = queue.tail;
  // Back jobs are older than nearly all that wait: look from the front for them, from the end for new ones.
  if (queue.tail && queue.tail > job.id) {
    before = {};
    for (JobId at = queue.head; at && at < job.id; at = pool.jobs.at(at.value).after) before = at;
  }
  JobId const after = before ? pool.jobs.at(before.value).after : queue.head;
  job.before = before;
  job.after = after;
  (before ? pool.jobs.edit(before.value).after : queue.head) = job.id;
  (after ? pool.jobs.edit(after.value).before : queue.tail) = job.id;
  ++queue.waiting;
  ++pool.waiting;
  count_queued(pool.accounts, job.user, 1);
}

void dequeue(Pool& pool, Job& job) {
  ClassQueue& queue = pool.queues.edit(job.queue);
  (job.before ? pool.jobs.edit(job.before.value).after : queue.head) = job.after;
  (job.after ? pool.jobs.edit(job.after.value).before : queue.tail) = job.before;
  job.before = job.after = {};
  --queue.waiting;
  --pool.waiting;
  count_queued(pool.accounts, job.user, -1);
}

void drop_claim_of(Pool& pool, Job const& job) {
  auto const it = pool.claims->find(job.id);
  if (it == pool.claims->end()) return;
  if (it->second.is_counted()) drop_claim(pool.accounts, job.project, it->second.cost);
  pool.claims.edit().erase(job.id);
}

/// The class of this request, made if there is none, with one more job alive in it.
std::uint64_t join_class(Pool& pool, RequestClass request) {
  auto& index = pool.queue_of.edit();
  auto [it, fresh] = index.try_emplace(request, pool.next_queue);
  std::uint64_t const number = it->second;
  if (fresh) {
    pool.queues.insert(number, {.number = number, .request = std::move(request)});
    ++pool.next_queue;
  }
  ++pool.queues.edit(number).alive;
  return number;
}

void leave_class(Pool& pool, std::uint64_t number) {
  ClassQueue& queue = pool.queues.edit(number);
  if (--queue.alive > 0) return;
  pool.queue_of.edit().erase(queue.request);
  pool.queues.erase(number);
}

/// A job that is in no queue comes into the class of another request.
void come_to(Pool& pool, Job& job, RequestClass request, Time now) {
  job.rung_since = now;
  if (request == pool.queues.at(job.queue).request) return;
  std::uint64_t const before = job.queue;
  job.queue = join_class(pool, std::move(request));
  leave_class(pool, before);
}

/// It comes to another rung of its list.
void come_to(Pool& pool, Job& job, std::uint32_t rung, Time now) {
  RequestClass request = pool.queues.at(job.queue).request;
  request.rung = rung;
  come_to(pool, job, std::move(request), now);
}

/// The spec of the node is another one from this event on.
Node& change(Pool& pool, NodeId id) {
  Node& node = pool.nodes.edit(id.value);
  node.generation = {pool.epoch, pool.sequence};
  return node;
}

Slice* slice_at(Gpu& gpu, mig::Placement at) {
  auto it = std::find_if(gpu.slices.begin(), gpu.slices.end(), [&](Slice const& s) { return s.at == at; });
  return it == gpu.slices.end() ? nullptr : &*it;
}

Slice& slice_for(Gpu& gpu, mig::Placement at) {
  if (Slice* found = slice_at(gpu, at)) return *found;
  auto it = std::find_if(gpu.slices.begin(), gpu.slices.end(), [&](Slice const& s) { return at < s.at; });
  return *gpu.slices.insert(it, Slice{at, {}, {}});
}

mig::Placement placement_in(Gpu const& gpu, std::string const& text) {
  ensure(gpu.geometry, "a slice is named on a GPU that cannot be cut");
  auto placement = mig::parse_placement(gpu.geometry->board(), text);
  ensure(placement, "an event names a placement its board does not offer");
  return *placement;
}

/// As before anybody has seen anything of it.
ServiceStatus unseen(ServiceStatus const& service) {
  return {.kind = service.kind, .phase = ServicePhase::Starting, .reason = {}, .idle_since = {}, .idle_after = service.idle_after};
}

void leave_seat(Pool& pool, Job& job) {
  Node& node = change(pool, job.seat.node);
  leave_node(node, job);
  node.attempts.erase(job.attempt_id());
  if (node.rental && node.attempts.empty()) pool.rentals.edit().at(node.rental).idle_since = pool.now;
  if (pool.climbers->contains(job.id)) pool.climbers.edit().erase(job.id);
  if (auto const service = pool.services->find(job.id); service != pool.services->end()) pool.services.edit()[job.id] = unseen(service->second);
  vacate(pool.accounts, job.project, job.user, job.seat.cost, job.seat.leaving, pool.now);
  job.seat = {};
}

void on(Pool& pool, ControllerStarted const&, Stamp const& stamp) {
  pool.epoch = stamp.epoch;
  std::vector<NodeId> ids;
  pool.nodes.each([&](Node const& node) { ids.push_back(node.id); });
  for (NodeId id : ids) {
    Node& node = change(pool, id);
    if (node.state == NodeState::Ready) node.state = NodeState::Unreachable, node.since = stamp.at;
  }
}

/// Before a new attempt of all of them.
void begin_anew(Gang& gang) {
  gang.well = gang.port = 0;
  gang.nodes.clear();
  gang.broken.reset();
}

void on(Pool& pool, JobsQueued const& e, Stamp const& stamp) {
  RequestClass request{e.on, e.cpu_milli, e.memory_mib, e.priority, e.project, e.limits};
  request.user = e.user;
  request.rung = next_stop(pool, request, 0);
  std::uint64_t number = 0;
  std::uint32_t const alike = e.members > 0 ? e.members : e.count;  // jobs of one class
  for (std::uint32_t i = 0; i < e.count; ++i) {
    JobId const id{e.first.value + i};
    if (i % alike == 0) {
      if (e.members > 0) {
        request.gang = id;
        pool.gangs.insert(id.value, Gang{.first = id, .members = e.members, .nodes = {}, .broken = {}});
      }
      number = join_class(pool, request);
      pool.queues.edit(number).alive += alike - 1;
    }
    Job& job = pool.jobs.insert(id.value, {.id = id,
                                           .queue = number,
                                           .body = digest_of(e.body),
                                           .user = e.user,
                                           .project = e.project,
                                           .submitted = stamp.at,
                                           .since = stamp.at,
                                           .rung_since = stamp.at,
                                           .time_limit = e.time_limit,
                                           .restartable = e.restartable,
                                           .climbs = e.climbs,
                                           .no_preempt = e.no_preempt,
                                           .on_out_of_memory = e.on_out_of_memory,
                                           .retries_left = e.retries,
                                           .gang = request.gang});
    if (e.service) pool.services.edit()[id] = unseen({.kind = e.service->kind, .reason = {}, .idle_since = {}, .idle_after = e.service->idle_after});
    enqueue(pool, job);
  }
  pool.next_job = std::max(pool.next_job, e.first.value + e.count);
}

void on(Pool& pool, JobPlaced const& e, Stamp const& stamp) {
  Job& job = pool.jobs.edit(e.attempt.job.value);
  dequeue(pool, job);
  Node& node = change(pool, e.node);
  job.state = JobState::Starting;
  job.since = stamp.at;
  job.attempt = e.attempt.number;
  job.stop = StopCause::None;
  job.seat = {
      .node = e.node, .rung = e.rung, .cpu_milli = e.cpu_milli, .memory_mib = e.memory_mib, .time_limit = e.time_limit.us > 0 ? e.time_limit : job.time_limit};
  for (std::uint32_t index : e.gpus) {
    Gpu& gpu = node.gpus.at(index);
    job.seat.gpus |= 1u << index;
    if (e.placement.empty()) {
      gpu.mode = GpuMode::Whole;
      gpu.slices.clear();
      gpu.holder = e.attempt;
      continue;
    }
    gpu.mode = GpuMode::Mig;
    for (auto const& text : e.removed) std::erase_if(gpu.slices, [at = placement_in(gpu, text)](Slice const& s) { return s.at == at; });
    job.seat.placement = placement_in(gpu, e.placement);
    slice_for(gpu, *job.seat.placement).holder = e.attempt;
  }
  node.cpu_milli_used += e.cpu_milli;
  node.memory_mib_used += e.memory_mib;
  node.attempts.insert(e.attempt);
  if (node.rental) pool.rentals.edit().at(node.rental).idle_since = {};
  if (job.climbs && e.rung > 0) pool.climbers.edit().insert(job.id);
  job.seat.cost = cost_of(node, job.seat.gpus, job.seat.placement);
  occupy(pool.accounts, job.project, job.user, job.seat.cost, stamp.at);
  drop_claim_of(pool, job);
  if (pool.preempted->contains(job.id)) pool.preempted.edit().erase(job.id);
  if (!job.gang) return;
  Gang& gang = pool.gangs.edit(job.gang.value);
  if (job.rank() == 0) gang.port = e.port;
  gang.nodes.push_back(e.node);
}

void on(Pool& pool, JobStarted const& e, Stamp const& stamp) {
  Job& job = pool.jobs.edit(e.attempt.job.value);
  job.state = JobState::Running;
  job.since = stamp.at;
  job.started = e.started;
}

void on(Pool& pool, ServiceReported const& e, Stamp const&) { pool.services.edit()[e.attempt.job] = e.status; }

void on(Pool& pool, JobStopRequested const& e, Stamp const& stamp) {
  Job& job = pool.jobs.edit(e.attempt.job.value);
  job.stop = e.cause;
  job.stop_xid = static_cast<std::uint16_t>(e.xid);
  if (e.cause == StopCause::Preempted && !job.seat.leaving) {
    job.seat.leaving = true;
    begin_leaving(pool.accounts, job.project, job.seat.cost);
    pool.preempted.edit()[job.id] = {e.for_job, e.message, stamp.at};
  }
  // It goes on elsewhere, so its project gets nothing back.
  if (e.cause == StopCause::Moved) {
    pool.preempted.edit()[job.id] = {e.for_job, e.message, stamp.at};
    pool.moved.edit()[job.id] = stamp.at;
  }
  change(pool, job.seat.node);
}

void on(Pool& pool, AttemptEnded const& e, Stamp const& stamp) {
  Job& job = pool.jobs.edit(e.attempt.job.value);
  leave_seat(pool, job);
  if (e.started && e.ended > e.started) note_run(pool.accounts, job.project, e.ended - e.started);
  job.since = stamp.at;
  if (e.outcome == Outcome::NodeError) ++job.node_errors;
  if (!job.gang) return;
  job.state = JobState::Finishing;
  job.stop = StopCause::None;
  if (e.outcome == Outcome::Exited && e.exit_code == 0) ++pool.gangs.edit(job.gang.value).well;
}

void on(Pool& pool, GangBroken const& e, Stamp const&) { pool.gangs.edit(e.gang.value).broken = e; }

void on(Pool& pool, JobRequeued const& e, Stamp const& stamp) {
  Job& job = pool.jobs.edit(e.job.value);
  job.state = JobState::Queued;
  job.since = stamp.at;
  job.stop = StopCause::None;
  job.started = {};
  if (e.counted && job.retries_left > 0) --job.retries_left;
  if (job.gang) begin_anew(pool.gangs.edit(job.gang.value));
  RequestClass request = pool.queues.at(job.queue).request;
  if (!e.on.empty()) request.on = e.on, request.limits = e.limits;
  request.rung = next_stop(pool, request, 0);
  come_to(pool, job, std::move(request), stamp.at);
  enqueue(pool, job);
}

void on(Pool& pool, JobEnded const& e, Stamp const&) {
  Job& job = pool.jobs.edit(e.job.value);
  if (job.state == JobState::Queued) dequeue(pool, job);
  drop_claim_of(pool, job);
  if (pool.preempted->contains(job.id)) pool.preempted.edit().erase(job.id);
  if (pool.moved->contains(job.id)) pool.moved.edit().erase(job.id);
  if (pool.services->contains(job.id)) pool.services.edit().erase(job.id);
  leave_class(pool, job.queue);
  // They end in one step, in order of rank.
  if (job.gang && job.rank() + 1 == pool.gangs.at(job.gang.value).members) pool.gangs.erase(job.gang.value);
  pool.jobs.erase(e.job.value);
}

void on(Pool& pool, RungPassed const& e, Stamp const& stamp) {
  Job& job = pool.jobs.edit(e.job.value);
  dequeue(pool, job);
  come_to(pool, job, e.to, stamp.at);
  enqueue(pool, job);
}

void on(Pool& pool, NodeJoined const& e, Stamp const& stamp) {
  pool.nodes.insert(e.node.value, {.id = e.node, .name = e.name, .site = e.site, .labels = e.labels, .since = stamp.at, .rental = e.rental});
  if (e.rental) pool.rentals.edit().at(e.rental).node = e.node;
  pool.node_named.edit()[e.name] = e.node;
  pool.next_node = std::max(pool.next_node, e.node.value + 1);
}

std::shared_ptr<mig::Geometry const> geometry_of(Pool& pool, mig::Board const& board) {
  if (board.profiles.empty()) return nullptr;
  for (auto const& known : *pool.geometries)
    if (known->board() == board) return known;
  auto compiled = mig::Geometry::compile(board);
  if (!compiled) return nullptr;  // decide() let it through as a board that is only given whole
  auto shared = std::make_shared<mig::Geometry const>(std::move(*compiled));
  pool.geometries.edit().push_back(shared);
  return shared;
}

/// A driver's update may offer other profiles on the same GPU: what stands on it is found again by name. While something that the new
/// board has no name for is held, the old board stays.
void change_board(Pool& pool, Node const& node, Gpu& gpu, std::shared_ptr<mig::Geometry const> const& geometry) {
  auto const again = [&](mig::Placement at) -> std::optional<mig::Placement> {
    if (!geometry) return {};
    auto const found = mig::parse_placement(geometry->board(), mig::to_text(gpu.geometry->board(), at));
    return found ? std::optional(*found) : std::nullopt;
  };
  std::vector<Slice> slices;
  mig::Layout layout;
  for (auto const& slice : gpu.slices) {
    auto const at = again(slice.at);
    if (!at && !slice.is_free()) return;
    if (!at) continue;
    slices.push_back({*at, slice.holder, slice.aside});
    layout.add(*at);
  }
  if (geometry && !geometry->state_of(layout)) return;
  for (AttemptId attempt : node.attempts) {
    Seat& seat = pool.jobs.edit(attempt.job.value).seat;
    if (seat.gpus == 1u << gpu.index && seat.placement) seat.placement = again(*seat.placement);
  }
  std::sort(slices.begin(), slices.end(), [](Slice const& a, Slice const& b) { return a.at < b.at; });
  gpu.slices = std::move(slices);
  gpu.geometry = geometry;
}

void on(Pool& pool, NodeInventoried const& e, Stamp const& stamp) {
  Node& node = change(pool, e.node);
  pool.accounts.capacity -= capacity_of(node);
  node.inventory = std::make_shared<Inventory const>(e.inventory);
  node.cpu_milli = std::uint64_t{e.inventory.cpus} * 1000;
  node.memory_mib = e.inventory.memory_mib;
  std::vector<Gpu> gpus;
  for (auto const& seen : e.inventory.gpus) {
    auto known = std::find_if(node.gpus.begin(), node.gpus.end(), [&](Gpu const& g) { return g.uuid == seen.uuid; });
    Gpu gpu;
    if (known != node.gpus.end()) gpu = *known;
    gpu.index = static_cast<std::uint32_t>(gpus.size());
    gpu.uuid = seen.uuid;
    gpu.model = seen.model;
    gpu.family = family_of(seen.model);
    gpu.memory_mib = seen.memory_mib;
    auto const geometry = seen.mig_capable && seen.board < e.inventory.boards.size() ? geometry_of(pool, e.inventory.boards[seen.board]) : nullptr;
    if (gpu.geometry != geometry) change_board(pool, node, gpu, geometry);
    gpus.push_back(std::move(gpu));
  }
  node.gpus = std::move(gpus);
  pool.accounts.capacity += capacity_of(node);
  // A driver's update may give its profiles other sizes.
  for (AttemptId id : node.attempts) {
    Job& job = pool.jobs.edit(id.job.value);
    auto const cost = cost_of(node, job.seat.gpus, job.seat.placement);
    if (cost == job.seat.cost) continue;
    vacate(pool.accounts, job.project, job.user, job.seat.cost, job.seat.leaving, stamp.at);
    job.seat.cost = cost;
    occupy(pool.accounts, job.project, job.user, cost, stamp.at);
    if (job.seat.leaving) begin_leaving(pool.accounts, job.project, cost);
  }
}

void on(Pool& pool, NodeConfirmed const& e, Stamp const& stamp) {
  Node& node = pool.nodes.edit(e.node.value);
  node.state = NodeState::Ready;
  node.since = stamp.at;
  if (node.boot != e.boot) node.xids_seen = 0;
  node.boot = e.boot;
  node.boots = e.boots;
  if (!node.rental) return;
  Rental& rental = pool.rentals.edit().at(node.rental);
  if (rental.state != RentalState::Booting) return;
  rental.state = RentalState::Ready;
  Cloud& cloud = pool.clouds.edit().at(rental.cloud);
  cloud.problem.clear();
  cloud.not_before = {};
  rental.since = rental.idle_since = stamp.at;
}

void on(Pool& pool, NodeUnreachable const& e, Stamp const& stamp) {
  Node& node = pool.nodes.edit(e.node.value);
  if (node.state != NodeState::Unreachable) node.since = stamp.at;  // said again after a restart, it is silent as long as before
  node.state = NodeState::Unreachable;
}

void on(Pool& pool, NodeDrained const& e, Stamp const&) {
  Node& node = pool.nodes.edit(e.node.value);
  node.draining = true;
  node.drain_message = e.message;
}

void on(Pool& pool, NodeResumed const& e, Stamp const&) {
  Node& node = pool.nodes.edit(e.node.value);
  node.draining = false;
  node.drain_message.clear();
}

void on(Pool& pool, NodeLost const& e, Stamp const& stamp) {
  Node& node = change(pool, e.node);
  pool.accounts.capacity -= capacity_of(node);
  node.state = NodeState::Lost;
  node.since = stamp.at;
  node.gpus.clear();
  pool.node_named.edit().erase(node.name);
}

void on(Pool& pool, LayoutChosen const& e, Stamp const&) {
  Gpu& gpu = change(pool, e.node).gpus.at(e.gpu);
  gpu.mode = e.mode;
  std::vector<Slice> slices;
  for (auto const& text : e.layout) {
    auto const at = placement_in(gpu, text);
    Slice* known = slice_at(gpu, at);
    slices.push_back(known ? *known : Slice{at, {}, {}});
  }
  std::sort(slices.begin(), slices.end(), [](Slice const& a, Slice const& b) { return a.at < b.at; });
  gpu.slices = std::move(slices);
}

void on(Pool& pool, GpuPolicySet const& e, Stamp const&) { change(pool, e.node).gpus.at(e.gpu).policy = e.policy; }

void on(Pool& pool, SetAside const& e, Stamp const&) {
  Node& node = change(pool, e.node);
  Gpu& gpu = node.gpus.at(e.gpu);
  if (!is_reported(e.reason) && !is_by_hand(e.reason)) gpu.erred = node.boots;
  (e.placement.empty() ? gpu.aside : slice_for(gpu, placement_in(gpu, e.placement)).aside) = e.reason;
  if (e.by && pool.jobs.find(e.by.job.value)) ++pool.jobs.edit(e.by.job.value).aside;
}

void on(Pool& pool, TakenBack const& e, Stamp const&) {
  Gpu& gpu = change(pool, e.node).gpus.at(e.gpu);
  if (e.placement.empty()) gpu.aside.clear();
  else slice_for(gpu, placement_in(gpu, e.placement)).aside.clear();
}

void on(Pool& pool, XidsNoted const& e, Stamp const&) {
  Node& node = pool.nodes.edit(e.node.value);
  node.boot = e.boot;
  node.xids_seen = e.number;
}

void on(Pool& pool, PlaceClaimed const& e, Stamp const& stamp) {
  Node const& node = pool.nodes.at(e.node.value);
  Claim claimed{.job = e.job, .node = e.node, .rung = e.rung, .placement = {}, .cost = {}, .since = stamp.at, .by_moving = e.by_moving, .for_job = e.for_job};
  for (std::uint32_t index : e.gpus) {
    claimed.gpus |= 1u << index;
    if (!e.placement.empty()) claimed.placement = placement_in(node.gpus.at(index), e.placement);
  }
  claimed.cost = cost_of(node, claimed.gpus, claimed.placement);
  Job const& job = pool.jobs.at(e.job.value);
  drop_claim_of(pool, job);
  if (claimed.is_counted()) claim(pool.accounts, job.project, claimed.cost);
  pool.claims.edit()[e.job] = std::move(claimed);
}

void on(Pool& pool, ClaimDropped const& e, Stamp const&) { drop_claim_of(pool, pool.jobs.at(e.job.value)); }

void on(Pool& pool, HalfLifeSet const& e, Stamp const& stamp) { set_half_life(pool.accounts, e.half_life, stamp.at); }

void on(Pool& pool, TemplateSet const& e, Stamp const&) {
  pool.templates.edit()[e.what.name] = e.what;
  if (pool.retired->contains(e.what.name)) pool.retired.edit().erase(e.what.name);
}

void on(Pool& pool, CloudSet const& e, Stamp const&) { pool.clouds.edit()[e.what.name] = e.what; }

void on(Pool& pool, RentalWanted const& e, Stamp const& stamp) {
  pool.rentals.edit()[e.rental] = {.id = e.rental, .cloud = e.cloud, .job = e.job, .price_micro = e.price_micro, .wanted = stamp.at, .since = stamp.at};
  pool.next_rental = std::max(pool.next_rental, e.rental.value + 1);
}

void on(Pool& pool, RentalReleased const& e, Stamp const& stamp) {
  Rental& rental = pool.rentals.edit().at(e.rental);
  rental.state = RentalState::Releasing;
  rental.since = stamp.at;
}

void on(Pool& pool, RentalEnded const& e, Stamp const& stamp) {
  Cloud& cloud = pool.clouds.edit().at(pool.rentals->at(e.rental).cloud);
  if (e.failed) cloud.problem = e.why, cloud.not_before = stamp.at + cloud_rest;
  NodeId const node = pool.rentals->at(e.rental).node;
  if (node) pool.nodes.edit(node.value).rental = {};
  pool.rentals.edit().erase(e.rental);
}

void on(Pool& pool, TemplateRemoved const& e, Stamp const&) {
  pool.templates.edit().erase(e.name);
  pool.retired.edit().insert(e.name);
}

}  // namespace

void apply(Pool& pool, PoolEvent const& event, Stamp const& stamp) {
  ensure(stamp.sequence > pool.sequence, "events are applied once and in order");
  pool.sequence = stamp.sequence;
  pool.now = stamp.at;
  std::visit([&](auto const& e) { on(pool, e, stamp); }, event);
}

}  // namespace nav
