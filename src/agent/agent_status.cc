// SPDX-License-Identifier: Apache-2.0
// What the agent knows and tells of it: the part of class Agent that changes nothing outside.
#include <algorithm>

#include "agent/agent.h"
#include "base/text.h"

namespace nav {

bool Agent::knows_itself() const {
  return inventory_ && jobs_known_ && std::all_of(gpus_.begin(), gpus_.end(), [](auto const& g) { return g.second.seen || g.second.is_stuck; });
}

AttemptSpec const* Agent::wanted(AttemptId id) const {
  if (!spec_) return nullptr;
  auto it = std::find_if(spec_->attempts.begin(), spec_->attempts.end(), [&](AttemptSpec const& a) { return a.id == id; });
  return it == spec_->attempts.end() ? nullptr : &*it;
}

Local Agent::local() const {
  Local all;
  for (auto const& [uuid, gpu] : gpus_)
    if (gpu.seen) all.gpus.push_back(*gpu.seen);
  all.attempts = folders_;
  for (auto const& [id, attempt] : attempts_) {
    if (attempt.launch) all.launches.insert(id);
    if (attempt.over) all.gave_up.insert(id);
    if (attempt.begun && std::none_of(folders_.begin(), folders_.end(), [&, id = id](LocalAttempt const& a) { return a.status.id == id; }))
      all.attempts.push_back(*attempt.begun);
  }
  std::sort(all.attempts.begin(), all.attempts.end(), [](auto const& a, auto const& b) { return a.status.id < b.status.id; });
  return all;
}

/// What stands in the way of this GPU, or of this placement on it; empty if nothing does. With no placement named: anything.
std::string Agent::problem_of(std::string const& uuid, GpuState const& gpu, std::string const& placement) const {
  if (gpu.is_stuck) {
    auto const what = gpu.call ? to_text(*gpu.call) : fmt::format("look {}", uuid);
    return fmt::format("driver stuck: \"{}\" has not come back since {}", what, to_text(gpu.called));
  }
  if (!gpu.look_error.empty()) return gpu.look_error;
  if (!gpu.seen) return {};
  if (!gpu.seen->problem.empty()) return gpu.seen->problem;
  for (auto const& instance : gpu.seen->instances)
    if (auto const* stranger = stranger_on(instance);
        stranger && (placement.empty() || placement == instance.placement) && !is_lived_on(local(), uuid, instance.placement))
      return fmt::format("process {} ({}), which was not started here, runs on {}", stranger->pid, stranger->name, instance.placement);
  for (auto const& [what, trouble] : gpu.troubles) {
    bool const is_creation = what.starts_with("create ");
    if (is_creation && !placement.empty() && !what.ends_with(" " + placement)) continue;
    // Refusing to destroy is usual while the last process there is ending, and says something only when it lasts.
    if (is_creation ? trouble.failures < times_.tries : now_ - trouble.since < times_.blocked) continue;
    return fmt::format("{}: {}", what, trouble.why);
  }
  return {};
}

void Agent::refresh_status() {
  if (!knows_itself()) return;
  NodeStatus s{
      .node = record_.node, .boot = record_.boot, .boots = record_.boots, .generation = spec_ ? spec_->generation : Generation{}, .inventory = *inventory_};
  for (auto const& gpu : inventory_->gpus) {
    auto const& state = gpus_.at(gpu.uuid);
    auto& g = s.gpus.emplace_back(state.seen.value_or(GpuStatus{.uuid = gpu.uuid}));
    g.problem = problem_of(gpu.uuid, state, "");
  }
  for (auto const& attempt : local().attempts) {
    auto& a = s.attempts.emplace_back(attempt.status);
    if (a.phase == AttemptPhase::Ended) continue;
    a.peak_memory_mib = 0;  // these would make every moment news
    a.cpu_time = {};
  }
  // What the spec names and has no folder yet is on its way: silence would mean that it is lost.
  if (spec_)
    for (auto const& want : spec_->attempts) {
      if (std::any_of(s.attempts.begin(), s.attempts.end(), [&](AttemptStatus const& a) { return a.id == want.id; })) continue;
      auto it = attempts_.find(want.id);
      s.attempts.push_back(it != attempts_.end() && it->second.over ? *it->second.over : AttemptStatus{.id = want.id});
    }
  std::sort(s.attempts.begin(), s.attempts.end(), [](auto const& a, auto const& b) { return a.id < b.id; });
  s.xids = xids_;
  if (s == status_ && !hash_.empty()) return;
  status_ = std::move(s);
  hash_ = hash_of(status_);
}

void Agent::step_ended(std::string const& gpu, std::string const& placement) {
  auto const gone = std::erase_if(record_.steps, [&](SliceStep const& s) { return s.gpu == gpu && (placement.empty() || s.placement == placement); });
  if (gone > 0) record_changed_ = true;
}

void Agent::warn(std::string message) {
  if (message == last_warning_) return;
  last_warning_ = message;
  out_.push_back(Warn{std::move(message)});
}

Time Agent::next_wake() const {
  Time next = conversation_.next_wake(now_);
  auto sooner = [&](Time t) {
    if (t > now_) next = std::min(next, t);
  };
  if (!is_looking_) sooner(look_at_jobs_at_);
  if (!is_discovering_) sooner(discover_at_);
  for (auto const& [uuid, gpu] : gpus_) {
    if (gpu.call) {
      sooner(gpu.called + patience_with(*gpu.call));
      continue;
    }
    sooner(gpu.look_at);
    for (auto const& [what, trouble] : gpu.troubles) {
      sooner(trouble.next);
      sooner(trouble.since + times_.blocked);
    }
  }
  for (auto const& [id, attempt] : attempts_) {
    if (attempt.call) continue;
    sooner(attempt.trouble.next);
    sooner(attempt.stop_asked);
  }
  return next;
}

}  // namespace nav
