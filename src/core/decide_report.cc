// SPDX-License-Identifier: Apache-2.0
#include "core/decide_report.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "core/gang.h"
#include "core/more_memory.h"

namespace nav {

XidMeaning meaning_of(std::uint32_t xid) {
  switch (xid) {
    case 13:
    case 31:
    case 43:
    case 45:
    case 68:
    case 109: return XidMeaning::Application;
    default: return XidMeaning::Hardware;
  }
}

namespace {

std::string reason_in_words(Pool const& pool, Job const& job, AttemptEnded const& e) {
  switch (e.outcome) {
    case Outcome::Exited: return fmt::format("exit code {}", e.exit_code);
    case Outcome::Signalled: return fmt::format("killed by signal {}", e.signal);
    case Outcome::TimeLimit: return fmt::format("it reached its time limit of {}", to_text(job.seat.time_limit));
    case Outcome::OutOfMemory:
      if (e.short_of == Memory::Machine) return fmt::format("it needed more memory than its {}", mib_text(job.seat.memory_mib));
      return fmt::format("it needed more GPU memory than its {}",
                         mib_text(cost_of(pool.nodes.at(job.seat.node.value), job.seat.gpus, job.seat.placement).memory_mib));
    default: return enum_text(e.outcome);
  }
}

/// Ends one attempt and says what becomes of its job.
void conclude_job(Pool const& pool, Job const& job, AttemptEnded ended, std::vector<PoolEvent>& events) {
  // What an attempt was told to go for is how it ended, and stays with it.
  bool const told_to_go = job.stop == StopCause::Preempted || job.stop == StopCause::Moved;
  auto const told = pool.preempted->find(job.id);
  if (told_to_go && told != pool.preempted->end() && (ended.outcome == Outcome::Stopped || ended.outcome == Outcome::Signalled || ended.exit_code != 0))
    ended.message = told->second.sentence;
  AttemptEnded const e = ended;
  events.emplace_back(std::move(ended));
  Outcome const outcome = e.outcome;
  std::string const& message = e.message;
  bool const well = outcome == Outcome::Exited && e.exit_code == 0;
  auto const end = [&](JobEnd how, std::string why) { events.push_back(JobEnded{job.id, how, std::move(why)}); };
  auto const again = [&](bool counted, std::string why) { events.push_back(JobRequeued{job.id, counted, std::move(why)}); };

  auto const service = pool.services->find(job.id);
  bool const is_endpoint = service != pool.services->end() && service->second.kind == ServiceKind::Endpoint;
  // Nobody asked an endpoint to end, so that it did is no success as long as it may be tried again.
  if (well && is_endpoint && job.stop == StopCause::None && job.retries_left > 0) return again(true, "it ended by itself (exit code 0)");
  if (well) return end(JobEnd::Succeeded, "");
  if (job.stop == StopCause::Cancelled) return end(JobEnd::Cancelled, "cancelled while it ran");
  if (job.stop == StopCause::StoppedEarly) return end(JobEnd::Cancelled, "stopped early");
  if (job.stop == StopCause::Idle) return end(JobEnd::Cancelled, service == pool.services->end() ? "nobody used it" : idle_sentence(service->second));
  if (job.stop == StopCause::Unhealthy) {
    auto why = fmt::format("it answered no more: {}", service == pool.services->end() ? message : service->second.reason);
    if (job.retries_left > 0) return again(true, std::move(why));
    return end(JobEnd::Failed, std::move(why));
  }
  bool const by_itself = outcome == Outcome::TimeLimit || outcome == Outcome::OutOfMemory || outcome == Outcome::CouldNotStart;
  if (told_to_go && !by_itself) return again(false, told == pool.preempted->end() ? "it was told to make room" : told->second.sentence);
  if (job.stop == StopCause::HardwareError) return again(false, "its hardware failed");
  if (job.stop == StopCause::Climb) return again(false, "it begins anew on a better rung");
  if (job.stop == StopCause::ApplicationError) {
    auto why = meaning_of(job.stop_xid) == XidMeaning::Application
                   ? fmt::format("the driver reported XID {}, an error of its program", job.stop_xid)
                   : fmt::format("the driver reported XID {} under it after {} parts of GPUs were set aside for the same", job.stop_xid, job.aside);
    if (job.retries_left > 0) return again(true, std::move(why));
    return end(JobEnd::Failed, std::move(why));
  }
  switch (outcome) {
    case Outcome::NodeError:
      if (job.node_errors + 1 < most_node_errors) return again(false, message);
      return end(JobEnd::Failed, fmt::format("could not be started on {} nodes or slices; last: {}", most_node_errors, message));
    case Outcome::LeaseExpired: return again(false, message);
    case Outcome::Lost:
      if (job.restartable) return again(false, message);
      if (job.retries_left > 0) return again(true, message);
      return end(JobEnd::Lost, message);
    case Outcome::CouldNotStart: return end(JobEnd::Failed, message);
    case Outcome::Exited:
    case Outcome::Signalled:
    case Outcome::Stopped:
    case Outcome::TimeLimit:
    case Outcome::OutOfMemory: break;
  }
  std::string why = message.empty() ? reason_in_words(pool, job, e) : message;
  if (outcome == Outcome::OutOfMemory && job.on_out_of_memory == OnOutOfMemory::Climb) {
    // Not one of its retries: the same place would not do.
    auto more = with_more_memory(pool, job, e.short_of);
    if (more) {
      why = fmt::format("{} ran out of memory: {}; it begins anew on {}", pool.queues.at(job.queue).request.on.at(job.seat.rung), why,
                        fmt::join(more->on, " or "));
      events.push_back(JobRequeued{job.id, false, std::move(why), std::move(more->on), std::move(more->limits)});
      return;
    }
    why = fmt::format("{}; {}", why, more.error().message);
  }
  if (job.retries_left > 0) return again(true, std::move(why));
  end(JobEnd::Failed, std::move(why));
}

}  // namespace

void conclude(Pool const& pool, Job const& job, AttemptEnded ended, std::vector<PoolEvent>& events) {
  if (!job.gang) return conclude_job(pool, job, std::move(ended), events);
  // The first that ends badly decides for all; settle_gangs() sees to the others.
  Gang const& gang = pool.gangs.at(job.gang.value);
  Job member = job;
  for (std::uint32_t rank = 0; rank < gang.members; ++rank)
    if (rank != job.rank()) member.node_errors += pool.jobs.at(gang.first.value + rank).node_errors;
  bool const well = ended.outcome == Outcome::Exited && ended.exit_code == 0;
  std::vector<PoolEvent> alone;
  conclude_job(pool, member, std::move(ended), alone);
  events.push_back(std::move(alone.front()));
  auto const says_so = [&](PoolEvent const& event) {
    auto const* broken = std::get_if<GangBroken>(&event);
    return broken && broken->gang == job.gang;
  };
  if (!well && !gang.broken && std::none_of(events.begin(), events.end(), says_so)) events.push_back(broken_by(job, alone.back()));
}

namespace {

/// One report being taken in: the pool as it was, the events so far, and what those events already ended or stopped.
struct Report {
  Pool const& before;
  NodeStatus const& status;
  Asked const& asked;
  Pool after{};  // with the events of `inventory`, if it came to any
  Pool const* pool = &before;
  Node const* node = before.node(status.node);
  std::vector<PoolEvent> events{};
  std::set<AttemptId> ended{};
  std::map<AttemptId, StopCause> stopped{};
  std::set<std::pair<std::uint32_t, std::string>> set_aside{};
  std::map<AttemptId, std::uint32_t> blamed{};  // how much of that under which attempt

  void xids();
  void attempts();
  void service(AttemptStatus const& seen, Job const& job);
  void missing_attempts();
  void inventory();
  void layouts();
  void problems();
  void restarted();

  void xid(XidStatus const& seen);
  bool is_stopping(AttemptId id) const;
  bool has_erred(std::uint32_t gpu) const;
  void stop(AttemptId id, StopCause cause, std::string message, std::uint32_t xid = 0);
  void finish(AttemptEnded how);
};

bool Report::is_stopping(AttemptId id) const { return ended.contains(id) || stopped.contains(id) || pool->jobs.at(id.job.value).stop != StopCause::None; }

void Report::stop(AttemptId id, StopCause cause, std::string message, std::uint32_t xid) {
  if (is_stopping(id)) return;
  stopped[id] = cause;
  events.push_back(JobStopRequested{id, cause, std::move(message), xid});
}

void Report::finish(AttemptEnded how) {
  AttemptId const id = how.attempt;
  ended.insert(id);
  Job job = pool->jobs.at(id.job.value);
  if (auto it = stopped.find(id); it != stopped.end()) job.stop = it->second;
  conclude(*pool, job, std::move(how), events);
}

/// A workspace is its owner's to look after; an endpoint that answers no more begins anew, as often as it may.
void Report::service(AttemptStatus const& seen, Job const& job) {
  auto const known = before.services->find(job.id);
  if (!seen.service || known == before.services->end() || seen.phase == AttemptPhase::Ended) return;
  ServiceStatus news = *seen.service;
  // What it is and how long it may be idle is what was asked for, whatever a node says.
  news.kind = known->second.kind;
  news.idle_after = known->second.idle_after;
  if (news.reason.size() > longest_reason) news.reason = shortened(news.reason, longest_reason);
  if (known->second == news) return;
  events.push_back(ServiceReported{seen.id, news});
  if (news.kind == ServiceKind::Endpoint && news.phase == ServicePhase::Unhealthy)
    stop(seen.id, StopCause::Unhealthy, fmt::format("it answers no more: {}", news.reason));
}

/// Only attempts that sit on this node matter: news of any other is late, and the spec will clear it away.
void Report::attempts() {
  for (auto const& seen : status.attempts) {
    if (!node->attempts.contains(seen.id) || ended.contains(seen.id)) continue;
    Job const& job = pool->jobs.at(seen.id.job.value);
    if (job.state == JobState::Starting && (seen.phase == AttemptPhase::Running || (seen.phase == AttemptPhase::Ended && seen.started)))
      events.push_back(JobStarted{seen.id, seen.started, seen.instance_uuid});
    service(seen, job);
    if (seen.phase != AttemptPhase::Ended) continue;
    finish({.attempt = seen.id,
            .outcome = seen.outcome,
            .exit_code = seen.exit_code,
            .signal = seen.signal,
            .message = seen.message,
            .started = seen.started,
            .ended = seen.ended ? seen.ended : asked.now,
            .peak_memory_mib = seen.peak_memory_mib,
            .cpu_time = seen.cpu_time,
            .short_of = seen.short_of});
  }
}

/// The node has seen the spec that names an attempt and yet does not know it: its record of it is gone.
void Report::missing_attempts() {
  if (status.generation < node->generation) return;
  for (AttemptId id : node->attempts) {
    if (ended.contains(id)) continue;
    bool const known = std::any_of(status.attempts.begin(), status.attempts.end(), [&](AttemptStatus const& a) { return a.id == id; });
    if (known) continue;
    finish({.attempt = id,
            .outcome = Outcome::Lost,
            .message = fmt::format("{} no longer knows the attempt", node->name),
            .started = pool->jobs.at(id.job.value).started,
            .ended = asked.now});
  }
}

void Report::inventory() {
  if (node->inventory && *node->inventory == status.inventory) return;
  // Seats name GPUs by index, so the order may only change once nothing sits here.
  bool const same_gpus = node->gpus.size() <= status.inventory.gpus.size() && std::equal(node->gpus.begin(), node->gpus.end(), status.inventory.gpus.begin(),
                                                                                         [](Gpu const& a, GpuInventory const& b) { return a.uuid == b.uuid; });
  if (!same_gpus && node->attempts.size() > ended.size()) return;
  events.push_back(NodeInventoried{node->id, status.inventory});
  // A machine that is here for an hour brings nothing that stays.
  for (auto& t : node->rental ? std::vector<Template>{} : templates_for(status.inventory))
    if (!pool->find_template(t.name) && !pool->retired->contains(t.name)) events.push_back(TemplateSet{std::move(t)});
  // What follows speaks of the GPUs by their new numbers. A node that changes nothing may not report again.
  after = before;
  Stamp stamp{before.sequence, before.epoch, asked.now, asked.by};
  for (auto const& event : events) {
    ++stamp.sequence;
    apply(after, event, stamp);
  }
  pool = &after;
  node = after.node(status.node);
}

/// A GPU that is new here follows what is found on it, and so do GPUs we do not manage when they are changed from outside. On managed
/// GPUs the agent puts things back as the spec says.
void Report::layouts() {
  std::vector<Gpu> const& known = before.node(status.node)->gpus;
  for (auto const& gpu : node->gpus) {
    auto const seen = std::find_if(status.gpus.begin(), status.gpus.end(), [&](GpuStatus const& g) { return g.uuid == gpu.uuid; });
    if (seen == status.gpus.end() || !seen->present || !gpu.geometry) continue;
    bool const is_new = std::none_of(known.begin(), known.end(), [&](Gpu const& g) { return g.uuid == gpu.uuid; });
    if (!is_new && (gpu.policy == GpuPolicy::Managed || !gpu.is_unused())) continue;
    mig::Layout found;
    bool readable = true;
    for (auto const& instance : seen->instances) {
      auto const at = mig::parse_placement(gpu.geometry->board(), instance.placement);
      if (at) found.add(*at);
      else readable = false;  // of a board that was not taken in yet
    }
    if (seen->mode == GpuMode::Whole) found = {};
    if (!readable || !gpu.geometry->state_of(found) || (gpu.mode == seen->mode && gpu.layout() == found)) continue;
    std::vector<std::string> layout;
    for (auto at : found.placements) layout.push_back(mig::to_text(gpu.geometry->board(), at));
    events.push_back(LayoutChosen{node->id, gpu.index, seen->mode, std::move(layout)});
  }
}

/// What stands in the way of using a GPU is set aside with the reason, and taken back when the node no longer reports it.
void Report::problems() {
  for (auto const& gpu : node->gpus) {
    auto const seen = std::find_if(status.gpus.begin(), status.gpus.end(), [&](GpuStatus const& g) { return g.uuid == gpu.uuid; });
    std::string problem;
    if (seen == status.gpus.end() || !seen->present) problem = "the driver no longer shows this GPU";
    else problem = seen->problem;
    if (!problem.empty()) problem = fmt::format("{}{}", reported_by_node, problem);
    if (problem == gpu.aside) continue;
    if (problem.empty() && is_reported(gpu.aside)) events.push_back(TakenBack{node->id, gpu.index, {}});
    if (!problem.empty() && (gpu.aside.empty() || is_reported(gpu.aside))) events.push_back(SetAside{node->id, gpu.index, {}, problem, {}});
    if (seen == status.gpus.end() || !seen->present)
      for (AttemptId id : node->attempts)
        if (pool->jobs.at(id.job.value).seat.gpus >> gpu.index & 1) stop(id, StopCause::HardwareError, problem);
  }
}

/// A machine that was started anew has reset its GPUs, and put spare rows of memory in place of bad ones. What an error had set aside before that
/// is used again where the driver finds nothing wrong with the GPU.
void Report::restarted() {
  for (auto const& gpu : node->gpus) {
    if (gpu.erred >= status.boots) continue;
    auto const seen = std::find_if(status.gpus.begin(), status.gpus.end(), [&](GpuStatus const& g) { return g.uuid == gpu.uuid; });
    if (seen == status.gpus.end() || !seen->present || !seen->problem.empty() || has_erred(gpu.index)) continue;
    if (!gpu.aside.empty() && !is_reported(gpu.aside) && !is_by_hand(gpu.aside)) events.push_back(TakenBack{node->id, gpu.index, {}});
    for (auto const& slice : gpu.slices)
      if (!slice.aside.empty() && !is_by_hand(slice.aside)) events.push_back(TakenBack{node->id, gpu.index, mig::to_text(gpu.geometry->board(), slice.at)});
  }
}

/// In this very report.
bool Report::has_erred(std::uint32_t gpu) const {
  return std::any_of(set_aside.begin(), set_aside.end(), [&](auto const& what) { return what.first == gpu; });
}

void Report::xid(XidStatus const& seen) {
  auto const gpu = std::find_if(node->gpus.begin(), node->gpus.end(), [&](Gpu const& g) { return g.uuid == seen.gpu; });
  if (gpu == node->gpus.end()) return;
  auto const index = static_cast<std::uint32_t>(gpu - node->gpus.begin());
  Slice const* slice = nullptr;
  for (auto const& s : gpu->slices)
    if (!seen.placement.empty() && mig::to_text(gpu->geometry->board(), s.at) == seen.placement) slice = &s;
  bool const hardware = meaning_of(seen.xid) == XidMeaning::Hardware;
  auto const text = fmt::format("XID {} at {}", seen.xid, to_text(seen.at));

  std::vector<AttemptId> struck;
  for (AttemptId id : node->attempts) {
    Seat const& seat = pool->jobs.at(id.job.value).seat;
    if (!(seat.gpus >> index & 1)) continue;
    if (seen.placement.empty() || (slice && slice->holder == id)) struck.push_back(id);
  }
  // An error of the application tells nothing about the hardware; without an instance it cannot even be told whose it was.
  if (!hardware) {
    if (struck.size() == 1) stop(struck[0], StopCause::ApplicationError, text, seen.xid);
    return;
  }
  AttemptId const by = struck.size() == 1 ? struck[0] : AttemptId{};
  bool const trusted = !by || pool->jobs.at(by.job.value).aside + blamed[by] < most_set_aside;
  // One that comes back after a restart is told again: the restart was no cure.
  std::string const& aside = slice ? slice->aside : gpu->aside;
  bool const already = is_by_hand(aside) || (!aside.empty() && gpu->erred >= status.boots);
  if (trusted && !already && (slice || seen.placement.empty()) && set_aside.emplace(index, seen.placement).second) {
    ++blamed[by];
    events.push_back(SetAside{node->id, index, slice ? seen.placement : std::string{}, text, by});
  }
  for (AttemptId id : struck) stop(id, trusted ? StopCause::HardwareError : StopCause::ApplicationError, text, seen.xid);
}

void Report::xids() {
  std::uint64_t const from = status.boot == node->boot ? node->xids_seen : 0;
  std::uint64_t last = from;
  for (auto const& seen : status.xids) {
    if (seen.number <= last) continue;
    last = seen.number;
    xid(seen);
  }
  if (last != from) events.push_back(XidsNoted{node->id, status.boot, last});
}

Result<void> check(NodeStatus const& status) {
  if (status.inventory.gpus.size() > 32) return fail_field("inventory.gpus", "32 at most", "{} GPUs on one node", status.inventory.gpus.size());
  if (status.gpus.size() > 64) return fail_field("gpus", "one entry a GPU", "{} entries", status.gpus.size());
  std::set<std::string_view> uuids;
  for (std::size_t i = 0; i < status.inventory.gpus.size(); ++i)
    if (!uuids.insert(status.inventory.gpus[i].uuid).second)
      return fail_field(fmt::format("inventory.gpus[{}].uuid", i), "each GPU once", "GPU {} is there twice", status.inventory.gpus[i].uuid);
  for (std::size_t i = 0; i < status.inventory.boards.size(); ++i) {
    auto checked = mig::check(status.inventory.boards[i]);
    if (checked) continue;
    Error error = std::move(checked).error();
    error.field = fmt::format("inventory.boards[{}].{}", i, error.field);
    return Unexpected(std::move(error));
  }
  for (auto const& gpu : status.gpus) {
    auto const seen = std::find_if(status.inventory.gpus.begin(), status.inventory.gpus.end(), [&](GpuInventory const& g) { return g.uuid == gpu.uuid; });
    if (gpu.instances.empty()) continue;
    if (seen == status.inventory.gpus.end() || seen->board >= status.inventory.boards.size())
      return fail_field("gpus", "every GPU with instances is in the inventory, with its board", "GPU {} is not", gpu.uuid);
    for (auto const& instance : gpu.instances) TRY_VOID(mig::parse_placement(status.inventory.boards[seen->board], instance.placement));
  }
  return {};
}

}  // namespace

Result<std::vector<PoolEvent>> decide_report(Pool const& pool, NodeStatus const& status, Asked const& asked) {
  Node const* node = pool.node(status.node);
  if (!node) return fail(ErrorKind::NotFound, "there is no {}", to_text(status.node));
  if (node->state == NodeState::Lost)
    return Unexpected(
        Error{ErrorKind::Conflict, fmt::format("{} was declared lost", node->name), "join the machine anew: nav agent --join ADDRESS --token-file FILE", ""});
  TRY_VOID(check(status));
  if (status.boots < node->boots)
    return Unexpected(Error{ErrorKind::Conflict, fmt::format("this report is of an earlier boot of {}", node->name),
                            "a node whose folder was put back from a backup must join anew: nav agent --join ADDRESS --token-file FILE", ""});
  Report report{pool, status, asked};
  if (node->state != NodeState::Ready || node->boot != status.boot) report.events.push_back(NodeConfirmed{node->id, status.boot, status.boots});
  report.xids();  // before the attempts: one that an error ended is not its job's own failure
  report.attempts();
  report.missing_attempts();
  report.inventory();
  report.layouts();
  report.problems();
  report.restarted();
  return std::move(report.events);
}

}  // namespace nav
