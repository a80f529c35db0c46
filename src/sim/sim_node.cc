// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_node.h"

#include <algorithm>

#include "base/ensure.h"

namespace nav::sim {

namespace {

mig::Geometry compiled(mig::Board const& board) {
  auto geometry = mig::Geometry::compile(board);
  ensure(geometry, "the simulator's boards are good");
  return std::move(*geometry);
}

}  // namespace

SimNode::SimNode(Schedule& schedule, Random random, std::string name_in, mig::Board board, std::size_t count, Outside outside)
    : name(std::move(name_in)), schedule_(schedule), random_(random), board_(board), geometry_(compiled(board)), outside_(std::move(outside)) {
  for (std::size_t i = 0; i < count; ++i) gpus.push_back({.uuid = fmt::format("GPU-{}-{}", name, i)});
}

void SimNode::start_agent() {
  if (agent_) return;
  ++life_;
  agent_ = std::make_unique<Agent>(random_.child(fmt::format("agent {}", life_)));
  Machine const machine{.hostname = name, .os = "simulated", .boot = fmt::format("{}-boot-{}", name, boot_), .cpus = 64, .memory_mib = 256 * 1024};
  give(Start{.record = record, .machine = machine, .agent_version = "0.1.0", .controller = ""}, life_);
  tick();
}

void SimNode::kill_agent() {
  agent_.reset();
  ++life_;
}

void SimNode::give(Input input, std::uint64_t life) {
  if (!agent_ || life != life_) return;
  carry_out(agent_->step(std::move(input), schedule_.now()));
}

/// A tick when the agent asked for it, and no more often than every 100 ms.
void SimNode::tick() {
  if (!agent_) return;
  Time const next = std::clamp(agent_->next_wake(), schedule_.now() + milliseconds(100), schedule_.now() + seconds(2));
  schedule_.at(next, [this, life = life_] {
    if (!agent_ || life != life_) return;
    if (!xids_.empty()) give(XidsSeen{std::exchange(xids_, {})}, life);
    give(Tick{}, life);
    tick();
  });
}

void SimNode::carry_out(std::vector<Output> outputs) {
  for (auto const& output : outputs) carry_out(output);
}

void SimNode::carry_out(Output const& output) {
  std::uint64_t const life = life_;
  if (std::holds_alternative<Discover>(output)) {
    schedule_.after(milliseconds(5), [this, life] { give(Discovered{inventory()}, life); });
  } else if (auto const* one = std::get_if<LookAtGpu>(&output)) {
    schedule_.after(milliseconds(2), [this, life, uuid = one->gpu] { give(GpuLooked{uuid, look(uuid)}, life); });
  } else if (auto const* jobs = std::get_if<LookAtJobs>(&output)) {
    schedule_.after(milliseconds(2), [this, life, number = jobs->number] {
      JobsLooked looked{number, {}};
      for (auto const& [id, attempt] : attempts) {
        std::vector<std::string> on = attempt.launch.gpus;
        if (!attempt.launch.gpu_of_instance.empty()) on = {attempt.launch.gpu_of_instance};
        looked.attempts.push_back({attempt.status, on, attempt.launch.placement, attempt.log_delivered});
      }
      give(std::move(looked), life);
    });
  } else if (auto const* fetch = std::get_if<FetchLaunch>(&output)) {
    outside_.fetch_launch(*this, fetch->attempt);
  } else if (auto const* mode = std::get_if<SetMode>(&output)) {
    set_mode(*mode);
  } else if (auto const* make = std::get_if<CreateInstance>(&output)) {
    create(*make);
  } else if (auto const* remove = std::get_if<DestroyInstance>(&output)) {
    destroy(*remove);
  } else if (auto const* stop = std::get_if<StopAttempt>(&output)) {
    stop_job(stop->attempt);
    done(*stop, {}, life);
  } else if (auto const* forget = std::get_if<ForgetAttempt>(&output)) {
    auto it = attempts.find(forget->attempt);
    if (it != attempts.end() && it->second.status.phase == AttemptPhase::Ended) attempts.erase(it);
    done(*forget, {}, life);
  } else if (auto const* start = std::get_if<StartJob>(&output)) {
    schedule_.after(milliseconds(10), [this, life, start = *start] {
      if (life == life_) start_job(start);
    });
  } else if (auto const* call = std::get_if<Sync>(&output)) {
    outside_.sync(*this, *call);
  } else if (auto const* save = std::get_if<SaveRecord>(&output)) {
    record = save->record;
  } else if (auto const* renew = std::get_if<RenewLease>(&output)) {
    auto it = attempts.find(renew->attempt);
    if (it != attempts.end() && it->second.alive) it->second.lease_until = std::max(it->second.lease_until, schedule_.now() + renew->lease);
  }
}

void SimNode::done(Action action, Result<void> result, std::uint64_t life, InstanceStatus made) {
  schedule_.after(milliseconds(1), [this, life, action = std::move(action), result = std::move(result), made = std::move(made)] {
    give(Done{action, result, made}, life);
  });
}

// ---- the driver ------------------------------------------------------------------------------------------------------------------

SimGpu* SimNode::gpu(std::string const& uuid) {
  auto it = std::find_if(gpus.begin(), gpus.end(), [&](SimGpu const& g) { return g.uuid == uuid; });
  return it == gpus.end() || !it->present ? nullptr : &*it;
}

Inventory SimNode::inventory() const {
  Inventory inventory{.driver_version = "550.0", .simulated = true, .boards = {board_}};
  for (std::uint32_t i = 0; i < gpus.size(); ++i)
    inventory.gpus.push_back(
        {.index = i, .uuid = gpus[i].uuid, .model = board_.model, .board = 0, .memory_mib = board_.memory_mib, .minor = i, .mig_capable = true});
  return inventory;
}

bool SimNode::lives_on(std::string const& uuid, std::string const& placement) const {
  return std::any_of(attempts.begin(), attempts.end(), [&](auto const& entry) {
    SimAttempt const& a = entry.second;
    if (!a.alive) return false;
    bool const whole = std::find(a.launch.gpus.begin(), a.launch.gpus.end(), uuid) != a.launch.gpus.end() && a.launch.placement.empty();
    return whole || (a.launch.gpu_of_instance == uuid && (placement.empty() || a.launch.placement == placement));
  });
}

Result<GpuStatus> SimNode::look(std::string const& uuid) {
  SimGpu* g = gpu(uuid);
  if (!g) return fail(ErrorKind::NotFound, "GPU {} is lost", uuid);
  GpuStatus status{.uuid = uuid, .mode = g->mode};
  for (auto const& instance : g->instances)
    status.instances.push_back({instance.placement, instance.complete ? fmt::format("MIG-{}-{}", uuid, instance.placement) : "", {}});
  std::sort(status.instances.begin(), status.instances.end(), [](auto const& a, auto const& b) { return a.placement < b.placement; });
  return status;
}

void SimNode::set_mode(SetMode const& action) {
  std::uint64_t const life = life_;
  schedule_.after(milliseconds(300), [this, life, action] {
    if (life != life_ && random_.chance(0.5)) return;  // the agent was killed before the call reached the driver
    SimGpu* g = gpu(action.gpu);
    if (!g) return done(action, fail(ErrorKind::NotFound, "GPU {} is lost", action.gpu), life);
    if (!g->instances.empty() || lives_on(action.gpu, "")) return done(action, fail(ErrorKind::Conflict, "GPU {} is in use", action.gpu), life);
    g->mode = action.mode;
    outside_.changed("mode");
    done(action, {}, life);
  });
}

void SimNode::create(CreateInstance const& action) {
  std::uint64_t const life = life_;
  SimGpu* slow = gpu(action.gpu);
  Duration const wait = milliseconds(100) + (slow ? slow->slow : Duration{});
  schedule_.after(wait, [this, life, action] {
    bool const killed = life != life_;
    if (killed && random_.chance(0.4)) return;
    SimGpu* g = gpu(action.gpu);
    if (!g) return done(action, fail(ErrorKind::NotFound, "GPU {} is lost", action.gpu), life);
    if (g->mode != GpuMode::Mig) return done(action, fail(ErrorKind::Conflict, "MIG is off"), life);
    if (g->refuse_creations > 0) {
      --g->refuse_creations;
      return done(action, fail(ErrorKind::Unavailable, "insufficient resources"), life);
    }
    auto it = std::find_if(g->instances.begin(), g->instances.end(), [&](SimInstance const& i) { return i.placement == action.placement; });
    if (it == g->instances.end()) {
      mig::Layout layout;
      for (auto const& i : g->instances) layout.add(*mig::parse_placement(board_, i.placement));
      layout.add(*mig::parse_placement(board_, action.placement));
      if (!geometry_.state_of(layout)) return done(action, fail(ErrorKind::Conflict, "insufficient resources"), life);
      it = g->instances.insert(g->instances.end(), SimInstance{action.placement, false});
    }
    // Killed between the GPU instance and its compute instance: half a slice stays.
    if (!(killed && random_.chance(0.5))) it->complete = true;
    outside_.changed("create");
    done(action, {}, life, {action.placement, fmt::format("MIG-{}-{}", action.gpu, action.placement), {}});
  });
}

void SimNode::destroy(DestroyInstance const& action) {
  std::uint64_t const life = life_;
  schedule_.after(milliseconds(200), [this, life, action] {
    if (life != life_ && random_.chance(0.5)) return;
    SimGpu* g = gpu(action.gpu);
    if (!g) return done(action, fail(ErrorKind::NotFound, "GPU {} is lost", action.gpu), life);
    bool const busy = g->busy_destroys > 0 && g->busy_destroys-- > 0;
    if (busy || lives_on(action.gpu, action.placement)) return done(action, fail(ErrorKind::Conflict, "in use by another client"), life);
    std::erase_if(g->instances, [&](SimInstance const& i) { return i.placement == action.placement; });
    outside_.changed("destroy");
    done(action, {}, life);
  });
}

// ---- supervisors and processes ----------------------------------------------------------------------------------------------------

void SimNode::start_job(StartJob const& start) {
  Launch const& launch = start.launch;
  Action const action = StartAttempt{launch.attempt, launch.instance_uuid};
  if (attempts.contains(launch.attempt)) return done(action, fail(ErrorKind::Conflict, "attempt {} has a folder", to_text(launch.attempt)), life_);
  if (random_.chance(0.01)) return done(action, fail(ErrorKind::Unavailable, "no supervisor could be started"), life_);
  SimAttempt& attempt = attempts[launch.attempt];
  attempt.launch = launch;
  attempt.behaviour = outside_.behaviour(launch.attempt.job);
  attempt.status = {.id = launch.attempt, .phase = AttemptPhase::Running, .instance_uuid = launch.instance_uuid, .started = schedule_.now()};
  attempt.lease_until = schedule_.now() + launch.lease;
  attempt.life = next_life_++;
  done(action, {}, life_);
  SimGpu const* on = launch.gpu_of_instance.empty() ? nullptr : gpu(launch.gpu_of_instance);
  bool const has_slice = launch.placement.empty() || (on && std::any_of(on->instances.begin(), on->instances.end(),
                                                                        [&](SimInstance const& i) { return i.placement == launch.placement && i.complete; }));
  // A slice taken away at the last moment: the program finds no device and says so.
  if (!has_slice) return end_attempt(launch.attempt, Outcome::Exited, 1);
  outside_.changed("start");
  watch_lease(launch.attempt);
  bool const too_small = launch.gpu_memory_mib != 0 && launch.gpu_memory_mib < attempt.behaviour.gpu_memory_mib;
  schedule_.after(attempt.behaviour.runs_for / (too_small ? 2 : 1), [this, id = launch.attempt, number = attempt.life, too_small] {
    auto it = attempts.find(id);
    if (it == attempts.end() || it->second.life != number || !it->second.alive || it->second.stopping) return;
    if (too_small) end_attempt(id, Outcome::OutOfMemory, 1, Memory::Gpu);
    else end_attempt(id, Outcome::Exited, it->second.behaviour.exit_code);
  });
}

void SimNode::stop_job(AttemptId id) {
  auto it = attempts.find(id);
  if (it == attempts.end() || !it->second.alive || it->second.stopping) return;
  it->second.stopping = true;
  Duration const grace = it->second.behaviour.ignores_sigterm ? seconds(10) : milliseconds(50);
  schedule_.after(grace, [this, id, number = it->second.life] {
    auto found = attempts.find(id);
    if (found != attempts.end() && found->second.life == number && found->second.alive) end_attempt(id, Outcome::Stopped, 0);
  });
}

void SimNode::watch_lease(AttemptId id) {
  auto it = attempts.find(id);
  if (it == attempts.end() || !it->second.alive || !it->second.launch.restartable) return;
  if (schedule_.now() >= it->second.lease_until) {
    // Grace and kill are part of the controller's margin.
    schedule_.after(it->second.behaviour.ignores_sigterm ? seconds(10) : milliseconds(50), [this, id, number = it->second.life] {
      auto found = attempts.find(id);
      if (found != attempts.end() && found->second.life == number && found->second.alive) end_attempt(id, Outcome::LeaseExpired, 0);
    });
    return;
  }
  schedule_.at(it->second.lease_until, [this, id] { watch_lease(id); });
}

void SimNode::end_attempt(AttemptId id, Outcome outcome, std::int32_t exit_code, Memory short_of) {
  SimAttempt& attempt = attempts.at(id);
  attempt.alive = false;
  attempt.status.phase = AttemptPhase::Ended;
  attempt.status.ended = schedule_.now();
  attempt.status.outcome = outcome;
  attempt.status.exit_code = exit_code;
  attempt.status.short_of = short_of;
  outside_.changed("end");
  give(JobsChanged{}, life_);
  schedule_.after(seconds(1), [this, id] {
    auto it = attempts.find(id);
    if (it == attempts.end()) return;
    it->second.log_delivered = true;
    give(JobsChanged{}, life_);
  });
}

void SimNode::kill_supervisor(AttemptId id) {
  auto it = attempts.find(id);
  // The namespace's init dies with its supervisor, and nobody is left to write down how.
  if (it != attempts.end() && it->second.alive) end_attempt(id, Outcome::Lost, 0);
}

void SimNode::reboot() {
  kill_agent();
  ++boot_;
  for (auto& [id, attempt] : attempts)
    if (attempt.alive) end_attempt(id, Outcome::Lost, 0);
  for (auto& g : gpus) {
    g.instances.clear();  // nothing survives but, on Ampere, the mode
    g.present = true;
  }
  xids_.clear();
  outside_.changed("reboot");
}

void SimNode::raise_xid(std::size_t index, std::string const& placement, std::uint32_t xid) {
  xids_.push_back({.gpu = gpus[index].uuid, .placement = placement, .xid = xid, .at = schedule_.now()});
}

}  // namespace nav::sim
