// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.h"

#include <algorithm>

#include "base/ensure.h"
#include "base/text.h"

namespace nav {

namespace {

bool has_all_of(std::vector<GpuInventory> const& after, std::vector<GpuInventory> const& before) {
  return std::all_of(before.begin(), before.end(),
                     [&](GpuInventory const& b) { return std::any_of(after.begin(), after.end(), [&](GpuInventory const& a) { return a.uuid == b.uuid; }); });
}

}  // namespace

Agent::Agent(Random random, AgentTimes times) : times_(times), random_(random.child("agent")), conversation_(random.child("conversation")) {}

std::vector<Output> Agent::step(Input input, Time now) {
  now_ = std::max(now_, now);
  out_.clear();
  std::visit([this](auto& i) { take(i); }, input);
  ensure(is_started_, "an agent is started first");
  mark_stuck();
  act();
  clear_the_gone();
  look();
  refresh_status();
  if (record_changed_) {
    record_changed_ = false;
    out_.insert(out_.begin(), SaveRecord{record_});
  }
  talk();
  return std::move(out_);
}

// --- What comes in -----------------------------------------------------------------------------------------------------------------------

void Agent::take(Start& start) {
  is_started_ = true;
  start_ = std::move(start);
  record_ = start_.record;
  if (record_.boot != start_.machine.boot) {
    // No instance survives a boot, so nothing can be half-made.
    record_.boot = start_.machine.boot;
    ++record_.boots;
    record_.steps.clear();
    record_changed_ = true;
  }
}

void Agent::take(Discovered& discovered) {
  is_discovering_ = false;
  if (!discovered.inventory) {
    discovery_.failed(now_, discovered.inventory.error().message, seconds(1), times_.look_for_driver);
    discover_at_ = discovery_.next;
    warn(fmt::format("look for GPUs: {}", to_text(discovered.inventory.error())));
    return;
  }
  discovery_ = {};
  Inventory& found = *discovered.inventory;
  found.hostname = start_.machine.hostname;
  found.address = start_.machine.address;
  found.os = start_.machine.os;
  found.agent_version = start_.agent_version;
  found.cpus = start_.machine.cpus;
  found.memory_mib = start_.machine.memory_mib;
  // A GPU that was here stays known until the agent is started anew: that it is gone is told by looking at it.
  if (!inventory_ || has_all_of(found.gpus, inventory_->gpus)) inventory_ = std::move(found);
  for (auto const& gpu : inventory_->gpus) gpus_.try_emplace(gpu.uuid);
  discover_at_ = now_ + (inventory_->gpus.empty() ? times_.look_for_driver : times_.discover_again);
}

void Agent::take(GpuLooked& looked) {
  auto it = gpus_.find(looked.gpu);
  if (it == gpus_.end()) return;
  GpuState& gpu = it->second;
  gpu.call.reset();
  gpu.is_stuck = false;
  gpu.look_at = now_ + times_.look_at_gpus;
  gpu.look_error.clear();
  if (looked.status) {
    gpu.seen = std::move(*looked.status);
    // The look says what became of every step that was under way when the last agent here ended.
    step_ended(looked.gpu, "");
    return;
  }
  if (!gpu.seen) gpu.seen = GpuStatus{.uuid = looked.gpu};
  if (looked.status.error().kind == ErrorKind::NotFound) gpu.seen->present = false;
  gpu.look_error = to_text(looked.status.error());
}

void Agent::take(JobsChanged&) { look_again_ = true; }

void Agent::take(JobsLooked& looked) {
  is_looking_ = false;
  jobs_known_ = true;
  look_at_jobs_at_ = now_ + times_.look_at_jobs;
  std::swap(folders_, looked.attempts);
  auto const is_seen = [&](AttemptId id) { return std::any_of(folders_.begin(), folders_.end(), [&](LocalAttempt const& a) { return a.status.id == id; }); };
  // A folder that went without our doing must not make its attempt look like one that never began. And as a look may fail where a disk or
  // a limit is at its end, it has to be missing for a while.
  std::vector<LocalAttempt> missing;
  for (auto& before : looked.attempts)
    if (!is_seen(before.status.id)) missing.push_back(std::move(before));
  for (auto& [id, attempt] : attempts_) {
    if (is_seen(id)) {
      attempt.missing_since = {};
      attempt.begun.reset();
    } else if (attempt.begun && !attempt.call && looked.number >= attempt.trust_look) {
      missing.push_back(*std::exchange(attempt.begun, std::nullopt));
    }
  }
  for (auto& before : missing) {
    auto const id = before.status.id;
    Time& since = attempts_[id].missing_since;
    if (!since) since = now_;
    if (now_ - since < times_.missing) folders_.push_back(std::move(before));
    else if (before.status.phase == AttemptPhase::Ended) attempts_[id].over = std::move(before.status);
    else end_without_folder(id, Outcome::Lost, "its folder is gone from the node");
  }
  std::sort(folders_.begin(), folders_.end(), [](auto const& a, auto const& b) { return a.status.id < b.status.id; });
}

void Agent::take(LaunchArrived& arrived) {
  auto& attempt = attempts_[arrived.attempt];
  attempt.call.reset();
  if (arrived.launch) {
    attempt.trouble = {};
    attempt.launch = std::move(*arrived.launch);
    return;
  }
  Error const& error = arrived.launch.error();
  attempt.trouble.failed(now_, error.message, times_.first_retry, times_.longest_retry);
  // An unreachable controller is waited for; one that refuses for good is not.
  bool const may_pass = error.kind == ErrorKind::Unavailable || error.kind == ErrorKind::Timeout || error.kind == ErrorKind::TooMany;
  if (!may_pass && attempt.trouble.failures >= times_.tries && wanted(arrived.attempt))
    end_without_folder(arrived.attempt, Outcome::NodeError, fmt::format("fetch what to run: {}", to_text(error)));
}

void Agent::take(Synced& synced) {
  bool good = true;
  if (synced.answer) {
    if (synced.answer->spec) good = take_spec(*synced.answer->spec);
    if (good) renew_leases(synced.answer->lease, synced.asked);
  }
  conversation_.answered(synced, good, now_);
  if (!synced.answer) warn(fmt::format("controller: {}", to_text(synced.answer.error())));
  else if (good) last_warning_.clear();
}

bool Agent::take_spec(NodeSpec& spec) {
  auto refuse = [&](std::string why) {
    warn(fmt::format("refused what the controller sent: {}", why));
    return false;
  };
  if (spec.protocol != sync_protocol) return refuse(fmt::format("it speaks protocol {}, this agent {}", spec.protocol, sync_protocol));
  if (spec.node != record_.node) return refuse(fmt::format("it is for {}, this is {}", to_text(spec.node), to_text(record_.node)));
  if (!record_.installation.empty() && spec.installation != record_.installation)
    return refuse(fmt::format("it comes from installation {}, this node belongs to {}", spec.installation, record_.installation));
  Generation const newest = spec_ ? spec_->generation : record_.generation;
  if (spec.generation < newest) {
    // Two calls are open at once, so an answer a little late is nothing to speak of; an older controller is.
    if (spec_ && spec.generation.epoch == newest.epoch) return true;
    auto const text = [](Generation g) { return fmt::format("{}.{}", g.epoch, g.sequence); };
    return refuse(fmt::format("its state is of {}, older than {} seen before", text(spec.generation), text(newest)));
  }
  if (spec_ && spec.generation == newest) return true;
  // Within an epoch the controller's memory only goes forward, and no answer outlives the connection it was asked on: so the
  // generation reaches the disk with the next step, not before it.
  if (spec.generation.epoch != record_.generation.epoch || record_.installation != spec.installation) record_changed_ = true;
  record_.installation = spec.installation;
  record_.generation = spec.generation;
  spec_ = std::move(spec);
  return true;
}

void Agent::renew_leases(Duration lease, Time asked) {
  if (lease <= Duration{}) return;
  Time const until = asked + lease;
  leased_until_ = std::max(leased_until_, until);
  for (auto const& folder : folders_) {
    if (folder.status.phase == AttemptPhase::Ended) continue;
    auto& attempt = attempts_[folder.status.id];
    // A renewal is a write: a tenth of the lease is worth one.
    if (until - attempt.leased_until < lease / 10) continue;
    attempt.leased_until = until;
    out_.push_back(RenewLease{folder.status.id, until - now_});
  }
}

void Agent::take(XidsSeen& seen) {
  for (auto& xid : seen.xids) {
    xid.number = ++record_.xid_number;
    xids_.push_back(std::move(xid));
    record_changed_ = true;  // a number must not be given twice, or the controller would take the second for the first
  }
  if (xids_.size() > times_.kept_xids) xids_.erase(xids_.begin(), xids_.end() - static_cast<std::ptrdiff_t>(times_.kept_xids));
}

void Agent::take(Done& done) {
  struct {
    Agent& agent;
    Done& done;
    void on_gpu(std::string const& gpu, std::string const& placement) {
      if (auto it = agent.gpus_.find(gpu); it != agent.gpus_.end()) agent.done_on_gpu(it->second, placement, done);
      agent.step_ended(gpu, placement);
    }
    void operator()(SetMode const& a) { on_gpu(a.gpu, ""); }
    void operator()(CreateInstance const& a) { on_gpu(a.gpu, a.placement); }
    void operator()(DestroyInstance const& a) { on_gpu(a.gpu, a.placement); }
    void operator()(StopAttempt const& a) { agent.done_on_attempt(a.attempt, done); }
    void operator()(ForgetAttempt const& a) { agent.done_on_attempt(a.attempt, done); }
    void operator()(StartAttempt const& a) { agent.done_on_attempt(a.attempt, done); }
    void operator()(FetchLaunch const&) { ensure(false, "a fetch is answered by LaunchArrived"); }
  } route{*this, done};
  std::visit(route, done.action);
}

void Agent::done_on_gpu(GpuState& gpu, std::string const& placement, Done& done) {
  gpu.call.reset();
  gpu.is_stuck = false;
  auto const what = to_text(done.action);
  if (!done.result) {
    gpu.troubles[what].failed(now_, to_text(done.result.error()), times_.first_retry, times_.longest_retry);
    gpu.look_at = now_;  // what it left behind is the driver's to say
    return;
  }
  gpu.troubles.erase(what);
  if (!gpu.seen) return;
  if (auto* set = std::get_if<SetMode>(&done.action)) {
    gpu.seen->mode = set->mode;
    gpu.seen->instances.clear();
    // Switching may renumber devices, and some drivers tell profiles only while MIG is on.
    discover_again_ = true;
    return;
  }
  auto& instances = gpu.seen->instances;
  std::erase_if(instances, [&](InstanceStatus const& i) { return i.placement == placement; });
  if (std::holds_alternative<CreateInstance>(done.action)) instances.push_back(std::move(done.made));
  std::sort(instances.begin(), instances.end(), [](auto const& a, auto const& b) { return a.placement < b.placement; });
}

void Agent::done_on_attempt(AttemptId id, Done& done) {
  auto& attempt = attempts_[id];
  attempt.call.reset();
  look_again_ = true;
  attempt.trust_look = looks_ + 1;
  if (std::holds_alternative<ForgetAttempt>(done.action) && done.result) {
    std::erase_if(folders_, [&](LocalAttempt const& a) { return a.status.id == id; });
    return;
  }
  if (!std::holds_alternative<StartAttempt>(done.action)) return;
  if (done.result) {
    attempt.launch.reset();
    attempt.trouble = {};
    return;
  }
  // Conflict: it has a folder here already, and the look that follows tells what became of it.
  if (done.result.error().kind == ErrorKind::Conflict) return;
  attempt.begun.reset();
  std::erase_if(folders_, [&](LocalAttempt const& a) { return a.status.id == id; });  // it was gone again before its start was
  attempt.trouble.failed(now_, to_text(done.result.error()), times_.first_retry, times_.longest_retry);
  if (attempt.trouble.failures >= times_.tries) end_without_folder(id, Outcome::NodeError, fmt::format("start {}: {}", to_text(id), attempt.trouble.why));
}

}  // namespace nav
