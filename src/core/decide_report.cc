// SPDX-License-Identifier: Apache-2.0
#include "core/decide_report.h"

#include <algorithm>
#include <set>

#include "base/text.h"

namespace nav {

XidMeaning meaning_of(std::uint32_t xid) {
  switch (xid) {
    case 13: case 31: case 43: case 45: case 68: case 109: return XidMeaning::Application;
    default: return XidMeaning::Hardware;
  }
}

void conclude(Job const& job, AttemptEnded ended, std::vector<PoolEvent>& events) {
  AttemptEnded const e = ended;
  events.emplace_back(std::move(ended));
  Outcome const outcome = e.outcome;
  std::string const& message = e.message;
  bool const well = outcome == Outcome::Exited && e.exit_code == 0;
  auto const end = [&](JobEnd how, std::string why) { events.push_back(JobEnded{job.id, how, std::move(why)}); };
  auto const again = [&](bool counted, std::string why) { events.push_back(JobRequeued{job.id, counted, std::move(why)}); };

  if (well) return end(JobEnd::Succeeded, "");
  if (job.stop == StopCause::Cancelled) return end(JobEnd::Cancelled, "cancelled while it ran");
  if (job.stop == StopCause::HardwareError) return again(false, "its hardware failed");
  if (job.stop == StopCause::ApplicationError) {
    if (job.retries_left > 0) return again(true, "the driver reported an error of its program");
    return end(JobEnd::Failed, "the driver reported an error of its program");
  }
  switch (outcome) {
    case Outcome::NodeError:
      if (job.node_errors + 1 < most_node_errors) return again(false, message);
      return end(JobEnd::Failed, fmt::format("could not be started on {} nodes or slices; last: {}", most_node_errors, message));
    case Outcome::LeaseExpired:
      return again(false, message);
    case Outcome::Lost:
      if (job.restartable) return again(false, message);
      if (job.retries_left > 0) return again(true, message);
      return end(JobEnd::Lost, message);
    case Outcome::CouldNotStart:
      return end(JobEnd::Failed, message);
    case Outcome::Exited:
    case Outcome::Signalled:
    case Outcome::Stopped:
    case Outcome::TimeLimit:
    case Outcome::OutOfMemory:
      break;
  }
  std::string why = !message.empty()               ? message
                    : outcome == Outcome::Exited    ? fmt::format("exit code {}", e.exit_code)
                    : outcome == Outcome::Signalled ? fmt::format("killed by signal {}", e.signal)
                                                    : enum_text(outcome);
  if (job.retries_left > 0) return again(true, std::move(why));
  end(JobEnd::Failed, std::move(why));
}

namespace {

/// One report being taken in: the pool as it was, the events so far, and what those events already ended.
struct Report {
  Pool const& pool;
  Node const& node;
  NodeStatus const& status;
  Asked const& asked;
  std::vector<PoolEvent> events{};
  std::set<AttemptId> ended{};

  void attempts();
  void missing_attempts();
  void inventory();
  void layouts();
  void problems();
  void xids();

  void xid(XidStatus const& seen);
  bool is_stopping(AttemptId id) const;
  void stop(AttemptId id, StopCause cause, std::string message);
};

bool Report::is_stopping(AttemptId id) const {
  return ended.contains(id) || pool.jobs.at(id.job.value).stop != StopCause::None;
}

void Report::stop(AttemptId id, StopCause cause, std::string message) {
  if (!is_stopping(id)) events.push_back(JobStopRequested{id, cause, std::move(message)});
}

/// Only attempts that sit on this node matter: news of any other is late, and the spec will clear it away.
void Report::attempts() {
  for (auto const& seen : status.attempts) {
    if (!node.attempts.contains(seen.id)) continue;
    Job const& job = pool.jobs.at(seen.id.job.value);
    if (job.state == JobState::Starting && (seen.phase == AttemptPhase::Running || (seen.phase == AttemptPhase::Ended && seen.started)))
      events.push_back(JobStarted{seen.id, seen.started, seen.instance_uuid});
    if (seen.phase != AttemptPhase::Ended) continue;
    ended.insert(seen.id);
    conclude(job, {.attempt = seen.id, .outcome = seen.outcome, .exit_code = seen.exit_code, .signal = seen.signal, .message = seen.message,
                   .started = seen.started, .ended = seen.ended ? seen.ended : asked.now, .peak_memory_mib = seen.peak_memory_mib, .cpu_time = seen.cpu_time},
             events);
  }
}

/// The node has seen the spec that names an attempt and yet does not know it: its record of it is gone.
void Report::missing_attempts() {
  for (AttemptId id : node.attempts) {
    if (ended.contains(id) || status.generation < node.generation) continue;
    bool const known = std::any_of(status.attempts.begin(), status.attempts.end(), [&](AttemptStatus const& a) { return a.id == id; });
    if (known) continue;
    Job const& job = pool.jobs.at(id.job.value);
    ended.insert(id);
    conclude(job, {.attempt = id, .outcome = Outcome::Lost, .message = fmt::format("{} no longer knows the attempt", node.name), .started = job.started, .ended = asked.now}, events);
  }
}

void Report::inventory() {
  if (node.inventory && *node.inventory == status.inventory) return;
  // Seats name GPUs by index, so the order may only change once nothing sits here.
  bool const same_gpus = node.gpus.size() <= status.inventory.gpus.size() &&
                         std::equal(node.gpus.begin(), node.gpus.end(), status.inventory.gpus.begin(), [](Gpu const& a, GpuInventory const& b) { return a.uuid == b.uuid; });
  if (!same_gpus && node.attempts.size() > ended.size()) return;
  events.push_back(NodeInventoried{node.id, status.inventory});
  for (auto& t : templates_for(status.inventory))
    if (!pool.find_template(t.name)) events.push_back(TemplateSet{std::move(t)});
}

/// A GPU nobody has placed anything on yet follows what is found on it: its first layout, and later changes from outside on GPUs
/// we do not manage. On managed GPUs the agent puts things back as the spec says.
void Report::layouts() {
  for (std::size_t i = 0; i < status.inventory.gpus.size(); ++i) {
    auto const& seen = status.inventory.gpus[i];
    auto const found = std::find_if(status.gpus.begin(), status.gpus.end(), [&](GpuStatus const& g) { return g.uuid == seen.uuid; });
    if (found == status.gpus.end() || !found->present) continue;
    Gpu const* known = i < node.gpus.size() && node.gpus[i].uuid == seen.uuid ? &node.gpus[i] : nullptr;
    if (known && (known->policy == GpuPolicy::Managed || !known->is_unused())) continue;
    std::vector<std::string> layout;
    for (auto const& instance : found->instances) layout.push_back(instance.placement);
    std::vector<std::string> have;
    if (known && known->geometry) for (auto const& slice : known->slices) have.push_back(mig::to_text(known->geometry->board(), slice.at));
    std::sort(layout.begin(), layout.end());
    std::sort(have.begin(), have.end());
    if (known ? known->mode == found->mode && have == layout : found->mode == GpuMode::Whole) continue;
    events.push_back(LayoutChosen{node.id, static_cast<std::uint32_t>(i), found->mode, std::move(layout)});
  }
}

/// What stands in the way of using a GPU is set aside with the reason, and taken back when the node no longer reports it.
void Report::problems() {
  static constexpr std::string_view mark = "node: ";
  for (std::uint32_t i = 0; i < node.gpus.size(); ++i) {
    Gpu const& gpu = node.gpus[i];
    auto const seen = std::find_if(status.gpus.begin(), status.gpus.end(), [&](GpuStatus const& g) { return g.uuid == gpu.uuid; });
    std::string problem;
    if (seen == status.gpus.end() || !seen->present) problem = "the driver no longer shows this GPU";
    else problem = seen->problem;
    if (!problem.empty()) problem = fmt::format("{}{}", mark, problem);
    if (problem == gpu.aside) continue;
    if (problem.empty() && gpu.aside.starts_with(mark)) events.push_back(TakenBack{node.id, i, {}});
    if (!problem.empty() && (gpu.aside.empty() || gpu.aside.starts_with(mark))) events.push_back(SetAside{node.id, i, {}, problem, {}});
    if (seen == status.gpus.end() || !seen->present)
      for (AttemptId id : node.attempts)
        if (pool.jobs.at(id.job.value).seat.gpus >> i & 1) stop(id, StopCause::HardwareError, problem);
  }
}

void Report::xid(XidStatus const& seen) {
  auto const gpu = std::find_if(node.gpus.begin(), node.gpus.end(), [&](Gpu const& g) { return g.uuid == seen.gpu; });
  if (gpu == node.gpus.end()) return;
  auto const index = static_cast<std::uint32_t>(gpu - node.gpus.begin());
  Slice const* slice = nullptr;
  for (auto const& s : gpu->slices)
    if (!seen.placement.empty() && mig::to_text(gpu->geometry->board(), s.at) == seen.placement) slice = &s;
  bool const hardware = meaning_of(seen.xid) == XidMeaning::Hardware;
  auto const text = fmt::format("XID {} at {}", seen.xid, to_text(seen.at));

  std::vector<AttemptId> struck;
  for (AttemptId id : node.attempts) {
    Seat const& seat = pool.jobs.at(id.job.value).seat;
    if (!(seat.gpus >> index & 1)) continue;
    if (seen.placement.empty() || (slice && slice->holder == id)) struck.push_back(id);
  }
  // An error of the application tells nothing about the hardware; without an instance it cannot even be told whose it was.
  if (!hardware) {
    if (struck.size() == 1) stop(struck[0], StopCause::ApplicationError, text);
    return;
  }
  AttemptId const by = struck.size() == 1 ? struck[0] : AttemptId{};
  bool const trusted = !by || pool.jobs.at(by.job.value).aside < most_set_aside;
  bool const already = slice ? !slice->aside.empty() : !gpu->aside.empty();
  if (trusted && !already && (slice || seen.placement.empty()))
    events.push_back(SetAside{node.id, index, slice ? seen.placement : std::string{}, text, by});
  for (AttemptId id : struck) stop(id, trusted ? StopCause::HardwareError : StopCause::ApplicationError, text);
}

void Report::xids() {
  std::uint64_t const from = status.boot == node.boot ? node.xids_seen : 0;
  std::uint64_t last = from;
  for (auto const& seen : status.xids) {
    if (seen.number <= last) continue;
    last = seen.number;
    xid(seen);
  }
  if (last != from) events.push_back(XidsNoted{node.id, status.boot, last});
}

Result<void> check(NodeStatus const& status) {
  if (status.inventory.gpus.size() > 32) return fail_field("inventory.gpus", "32 at most", "{} GPUs on one node", status.inventory.gpus.size());
  if (status.gpus.size() > 64) return fail_field("gpus", "one entry a GPU", "{} entries", status.gpus.size());
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
    return Unexpected(Error{ErrorKind::Conflict, fmt::format("{} was declared lost", node->name), "join it anew under a new name", ""});
  TRY_VOID(check(status));
  Report report{pool, *node, status, asked};
  if (node->state != NodeState::Ready || node->boot != status.boot) report.events.push_back(NodeConfirmed{node->id, status.boot});
  report.attempts();
  report.missing_attempts();
  report.inventory();
  report.layouts();
  report.problems();
  report.xids();
  return std::move(report.events);
}

}  // namespace nav
