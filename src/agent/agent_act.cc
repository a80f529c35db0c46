// SPDX-License-Identifier: Apache-2.0
// What the agent does about what it knows: the half of class Agent that decides when.
#include <algorithm>

#include "agent/agent.h"
#include "mig/placement.h"

namespace nav {

namespace {

/// Below this much of a lease nothing new is begun: its supervisor would end it at once.
constexpr Duration least_lease = seconds(5);

}  // namespace

void Agent::act() {
  if (!spec_ || !inventory_ || !jobs_known_) return;
  for (auto const& action : reconcile(*spec_, local())) carry_out(action);
  give_up_what_cannot_be();
}

void Agent::carry_out(Action const& action) {
  struct {
    Agent& agent;
    Action const& action;

    void operator()(StopAttempt const& a) {
      auto& attempt = agent.attempts_[a.attempt];
      if (attempt.call || agent.now_ < attempt.stop_asked) return;
      attempt.call = action;
      attempt.stop_asked = agent.now_ + agent.times_.repeat_stop;
      agent.out_.push_back(a);
    }
    void operator()(ForgetAttempt const& a) {
      auto& attempt = agent.attempts_[a.attempt];
      if (attempt.call) return;
      attempt.call = action;
      agent.out_.push_back(a);
    }
    void operator()(FetchLaunch const& a) {
      auto& attempt = agent.attempts_[a.attempt];
      if (attempt.call || !attempt.trouble.may_try(agent.now_)) return;
      attempt.call = action;
      agent.out_.push_back(a);
    }
    void operator()(StartAttempt const& a) { agent.start(a); }
    void operator()(SetMode const& a) { agent.call_driver({.gpu = a.gpu, .what = a.mode == GpuMode::Mig ? "mig" : "whole"}, a); }
    void operator()(CreateInstance const& a) { agent.call_driver({.gpu = a.gpu, .placement = a.placement, .what = "create", .attempt = a.attempt}, a); }
    void operator()(DestroyInstance const& a) { agent.call_driver({.gpu = a.gpu, .placement = a.placement, .what = "destroy"}, a); }
  } visitor{*this, action};
  std::visit(visitor, action);
}

/// The step is written down before the call is made.
void Agent::call_driver(SliceStep step, Output call) {
  GpuState& gpu = gpus_.at(step.gpu);
  if (gpu.call) return;
  if (auto it = gpu.troubles.find(to_text(call)); it != gpu.troubles.end() && !it->second.may_try(now_)) return;
  // What is being taken down is nothing to start on.
  if (std::holds_alternative<DestroyInstance>(call))
    for (auto& instance : gpu.seen->instances)
      if (instance.placement == step.placement) instance.uuid.clear();
  gpu.call = call;
  gpu.called = now_;
  step.since = now_;
  record_.steps.push_back(std::move(step));
  record_changed_ = true;
  out_.push_back(std::move(call));
}

bool Agent::is_switching(std::string const& gpu) const {
  auto it = gpus_.find(gpu);
  return it != gpus_.end() && it->second.call && std::holds_alternative<SetMode>(*it->second.call);
}

namespace {

/// Of the slice, or of the GPUs together, that an attempt is given.
std::uint64_t gpu_memory_mib(Inventory const& inventory, AttemptSpec const& want) {
  std::uint64_t mib = 0;
  for (auto const& gpu : inventory.gpus) {
    if (std::find(want.gpus.begin(), want.gpus.end(), gpu.uuid) == want.gpus.end()) continue;
    if (want.placement.empty()) mib += gpu.memory_mib;
    else if (gpu.board < inventory.boards.size())
      if (auto const at = mig::parse_placement(inventory.boards[gpu.board], want.placement))
        mib += inventory.boards[gpu.board].profiles[at->profile].memory_mib;
  }
  return mib;
}

}  // namespace

void Agent::start(StartAttempt const& action) {
  AttemptSpec const* want = wanted(action.attempt);
  auto& attempt = attempts_[action.attempt];
  if (!want || attempt.call || !attempt.launch || !attempt.trouble.may_try(now_)) return;
  // Nothing new is begun on a lease that has run out: the controller may have placed the job elsewhere by now.
  if (leased_until_ - now_ < least_lease) return;
  if (std::any_of(want->gpus.begin(), want->gpus.end(), [&](auto const& gpu) { return is_switching(gpu); })) return;
  attempt.call = action;
  attempt.leased_until = leased_until_;
  attempt.begun = LocalAttempt{.status = {.id = want->id, .instance_uuid = action.instance_uuid}, .gpus = want->gpus, .placement = want->placement};
  Launch launch{.attempt = want->id,
                .request = attempt.launch->request,
                .token = attempt.launch->token,
                .project = attempt.launch->request.project,
                .controller = start_.controller};
  if (want->placement.empty()) launch.gpus = want->gpus;
  else launch.gpu_of_instance = want->gpus.at(0);
  launch.instance_uuid = action.instance_uuid;
  launch.placement = want->placement;
  launch.cpu_milli = want->cpu_milli;
  launch.memory_mib = want->memory_mib;
  launch.gpu_memory_mib = gpu_memory_mib(*inventory_, *want);
  launch.time_limit = want->time_limit;
  launch.restartable = want->restartable;
  launch.member = want->member;
  launch.lease = leased_until_ - now_;
  out_.push_back(StartJob{std::move(launch)});
}

/// What waits for something that will not come is told to the controller, which can place it elsewhere.
void Agent::give_up_what_cannot_be() {
  Local const now_here = local();
  for (auto const& want : spec_->attempts) {
    auto& attempt = attempts_[want.id];
    if (attempt.over || attempt.call || attempt.begun) continue;
    if (std::any_of(folders_.begin(), folders_.end(), [&](LocalAttempt const& a) { return a.status.id == want.id; })) continue;
    if (want.stop != StopCause::None) {
      end_without_folder(want.id, Outcome::Stopped, "stopped before it began");
      continue;
    }
    if (seat_of(want, *spec_, now_here)) continue;
    for (auto const& uuid : want.gpus) {
      auto it = gpus_.find(uuid);
      std::string const problem = it == gpus_.end() ? fmt::format("there is no GPU {} here", uuid) : problem_of(uuid, it->second, want.placement);
      if (problem.empty()) continue;
      end_without_folder(want.id, Outcome::NodeError, problem);
      break;
    }
  }
}

void Agent::end_without_folder(AttemptId id, Outcome outcome, std::string message) {
  AttemptStatus over{.id = id, .phase = AttemptPhase::Ended, .ended = now_, .outcome = outcome, .message = std::move(message)};
  attempts_[id].over = std::move(over);
}

/// Attempts nobody speaks of any more are forgotten, and troubles with slices nobody wants changed any more.
void Agent::clear_the_gone() {
  if (!spec_) return;
  std::erase_if(attempts_, [&](auto const& entry) {
    auto const& [id, attempt] = entry;
    if (attempt.call || attempt.begun || wanted(id)) return false;
    return std::none_of(folders_.begin(), folders_.end(), [&, id = id](LocalAttempt const& a) { return a.status.id == id; });
  });
  if (!inventory_ || !jobs_known_) return;
  auto const actions = reconcile(*spec_, local());
  for (auto& [uuid, gpu] : gpus_) {
    if (gpu.call) continue;
    std::erase_if(gpu.troubles, [&](auto const& trouble) {
      return std::none_of(actions.begin(), actions.end(), [&](Action const& a) { return to_text(a) == trouble.first; });
    });
  }
}

Duration Agent::patience_with(Output const& call) const { return std::holds_alternative<SetMode>(call) ? times_.stuck_mode : times_.stuck; }

void Agent::mark_stuck() {
  for (auto& [uuid, gpu] : gpus_)
    if (gpu.call && now_ - gpu.called >= patience_with(*gpu.call)) gpu.is_stuck = true;
}

void Agent::look() {
  if (!is_discovering_ && (discover_again_ || now_ >= discover_at_)) {
    is_discovering_ = true;
    discover_again_ = false;
    discover_at_ = {};
    out_.push_back(Discover{});
  }
  for (auto& [uuid, gpu] : gpus_) {
    if (gpu.call || now_ < gpu.look_at) continue;
    gpu.call = LookAtGpu{uuid};
    gpu.called = now_;
    out_.push_back(LookAtGpu{uuid});
  }
  if (!is_looking_ && (look_again_ || now_ >= look_at_jobs_at_)) {
    is_looking_ = true;
    look_again_ = false;
    out_.push_back(LookAtJobs{++looks_});
  }
}

void Agent::talk() {
  Generation const have = spec_ ? spec_->generation : Generation{};
  for (auto& sync : conversation_.requests(record_.node, record_.boot, have, knows_itself() ? &status_ : nullptr, hash_, now_)) out_.push_back(std::move(sync));
}

}  // namespace nav
