// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "agent/agent.h"
#include "base/ensure.h"

/// A machine in memory around one agent, with a clock of its own: outputs are carried out after a while, and go wrong where told.
namespace nav::fixture {

struct FakeInstance {
  std::string uuid;  ///< empty: half-made
  std::string foreign_process = {};
  bool is_busy = false;  ///< for reasons the driver keeps to itself
};

struct FakeGpu {
  GpuMode mode = GpuMode::Mig;
  std::map<std::string, FakeInstance> instances;
  bool lost = false;
  bool hangs = false;  ///< calls do not come back while it is set
  int refuse_creations = 0;
};

/// The parts of one A100-40GB that placements of the five classic profiles take: memory slices as bits.
inline unsigned slices_of(std::string const& placement) {
  auto const at = placement.find('@');
  int const compute = placement[0] - '0', start = placement[at + 1] - '0';
  int const width = compute == 3 ? 4 : compute == 7 ? 8 : compute;
  return ((1u << width) - 1) << start;
}

struct FakeMachine : GpuPort, JobPort {
  std::map<std::string, FakeGpu> gpus;
  std::vector<LocalAttempt> jobs;
  std::vector<XidStatus> pending_xids;
  std::map<AttemptId, int> started;  ///< how often
  std::map<AttemptId, Duration> leases;
  std::set<AttemptId> refused_starts;
  bool ignores_stop = false;
  int births = 0;
  std::vector<std::string> broken;  ///< what no agent may ever do

  Result<Inventory> discover() override {
    Inventory found{.driver_version = "550.1"};
    std::uint32_t index = 0;
    for (auto const& [uuid, gpu] : gpus) found.gpus.push_back({.index = index++, .uuid = uuid, .model = "A100", .mig_capable = true});
    return found;
  }

  LocalAttempt* living_on(std::string const& gpu, std::string const& placement) {
    for (auto& job : jobs)
      if (job.status.phase != AttemptPhase::Ended && std::find(job.gpus.begin(), job.gpus.end(), gpu) != job.gpus.end() &&
          (placement.empty() || job.placement.empty() || job.placement == placement))
        return &job;
    return nullptr;
  }

  Result<GpuStatus> look(std::string const& uuid) override {
    FakeGpu& gpu = gpus.at(uuid);
    if (gpu.lost) return fail(ErrorKind::NotFound, "GPU {} is lost", uuid);
    GpuStatus status{.uuid = uuid, .mode = gpu.mode};
    for (auto const& [placement, instance] : gpu.instances) {
      auto& seen = status.instances.emplace_back(InstanceStatus{placement, instance.uuid, {}});
      if (!instance.foreign_process.empty()) seen.processes.push_back({.pid = 7, .name = instance.foreign_process});
    }
    return status;
  }

  Result<void> set_mode(std::string const& uuid, GpuMode mode) override {
    FakeGpu& gpu = gpus.at(uuid);
    if (gpu.lost) return fail(ErrorKind::NotFound, "GPU {} is lost", uuid);
    if (!gpu.instances.empty() || living_on(uuid, "")) return fail(ErrorKind::Conflict, "in use");
    gpu.mode = mode;
    return {};
  }

  Result<InstanceStatus> create(std::string const& uuid, std::string const& placement) override {
    FakeGpu& gpu = gpus.at(uuid);
    if (gpu.lost) return fail(ErrorKind::NotFound, "GPU {} is lost", uuid);
    if (gpu.refuse_creations > 0) {
      --gpu.refuse_creations;
      return fail(ErrorKind::Unavailable, "In use by another client");
    }
    if (gpu.mode != GpuMode::Mig) return fail(ErrorKind::Unsupported, "MIG is off");
    for (auto const& [other, instance] : gpu.instances)
      if (other != placement && (slices_of(other) & slices_of(placement)) != 0) return fail(ErrorKind::Conflict, "Insufficient Resources");
    auto& made = gpu.instances[placement];
    if (made.uuid.empty()) made.uuid = fmt::format("MIG-{}", ++births);
    return InstanceStatus{placement, made.uuid, {}};
  }

  Result<void> destroy(std::string const& uuid, std::string const& placement) override {
    FakeGpu& gpu = gpus.at(uuid);
    if (gpu.lost) return fail(ErrorKind::NotFound, "GPU {} is lost", uuid);
    auto it = gpu.instances.find(placement);
    if (it == gpu.instances.end()) return {};
    if (it->second.is_busy) return fail(ErrorKind::Conflict, "In use by another client");
    if (!it->second.foreign_process.empty()) return fail(ErrorKind::Conflict, "{} runs on it", it->second.foreign_process);
    if (auto* job = living_on(uuid, placement)) broken.push_back(fmt::format("destroyed {} under {}", placement, to_text(job->status.id)));
    gpu.instances.erase(it);
    return {};
  }

  std::vector<XidStatus> xids() override { return std::exchange(pending_xids, {}); }

  Result<void> start(Launch const& launch) override {
    if (refused_starts.contains(launch.attempt)) return fail(ErrorKind::StorageFull, "disk full");
    for (auto const& job : jobs)
      if (job.status.id == launch.attempt) return fail(ErrorKind::Conflict, "it has a folder");
    std::vector<std::string> on = launch.gpus;
    if (!launch.gpu_of_instance.empty()) on = {launch.gpu_of_instance};
    for (auto const& gpu : on) {
      if (auto* other = living_on(gpu, launch.placement))
        broken.push_back(fmt::format("{} and {} on one slice", to_text(other->status.id), to_text(launch.attempt)));
      if (!launch.placement.empty()) {
        auto it = gpus.at(gpu).instances.find(launch.placement);
        if (it == gpus.at(gpu).instances.end() || it->second.uuid != launch.instance_uuid) {
          // The driver refuses the job its device: it ends by itself.
          AttemptStatus const refused{.id = launch.attempt, .phase = AttemptPhase::Ended, .outcome = Outcome::NodeError, .message = "no device"};
          jobs.push_back({.status = refused, .gpus = on, .placement = launch.placement});
          return {};
        }
      }
    }
    ++started[launch.attempt];
    AttemptStatus const running{.id = launch.attempt, .phase = AttemptPhase::Running, .instance_uuid = launch.instance_uuid, .started = {1}};
    jobs.push_back({.status = running, .gpus = on, .placement = launch.placement});
    std::sort(jobs.begin(), jobs.end(), [](auto const& a, auto const& b) { return a.status.id < b.status.id; });
    leases[launch.attempt] = launch.lease;
    return {};
  }
  // One name for two ports: GPUs are looked at with an argument.
  std::vector<LocalAttempt> look() override { return jobs; }
  void renew(AttemptId attempt, Duration lease) override { leases[attempt] = lease; }
  void stop(AttemptId attempt) override {
    if (!ignores_stop) end(attempt, Outcome::Stopped);
  }
  void forget(AttemptId attempt) override {
    std::erase_if(jobs, [&](auto const& job) { return job.status.id == attempt; });
  }

  void end(AttemptId attempt, Outcome outcome) {
    for (auto& job : jobs)
      if (job.status.id == attempt && job.status.phase != AttemptPhase::Ended) {
        job.status.phase = AttemptPhase::Ended;
        job.status.outcome = outcome;
        job.log_delivered = true;
      }
  }
};

inline AttemptId attempt(std::uint64_t job, std::uint32_t number = 1) { return {JobId{job}, number}; }

/// The agent, its machine, and a controller that only repeats the spec it was given.
struct World {
  FakeMachine machine;
  NodeSpec spec{.installation = "here", .node = NodeId{1}, .generation = {1, 0}};
  NodeRecord record{.installation = "here", .node = NodeId{1}};
  bool controller_is_there = true;
  bool refuses_reports = false;  ///< as of a node that was declared lost
  Duration lease = minutes(10);
  std::optional<NodeStatus> reported;
  int reports = 0;
  std::vector<std::string> said;  ///< every output but looks, listens and saves, in order
  std::vector<std::string> warnings;

  Time now{seconds(1'000'000).us};
  Random random{7};
  AgentTimes times{};
  std::optional<Agent> agent;
  /// Outputs on their way: due at, and what.
  std::multimap<Time, Output> pending;
  std::optional<Sync> held;  ///< a listen the controller has not answered yet
  Time held_until;
  std::function<Duration()> delay = [] { return milliseconds(1); };

  World() { machine.gpus["GPU-0"] = {}; }

  void start_agent() {
    pending.clear();
    held.reset();
    agent.emplace(random.child("agent"), times);
    give(Start{record, {.hostname = "a", .os = "Debian", .boot = "boot-1", .cpus = 8, .memory_mib = 1024}, "0.1", ""});
  }

  void add(std::uint64_t job, std::string const& placement, std::string const& gpu = "GPU-0") {
    AttemptSpec a{.id = attempt(job), .body = "", .gpus = {}, .placement = placement};
    if (!gpu.empty()) a.gpus.push_back(gpu);
    spec.attempts.push_back(a);
    std::sort(spec.attempts.begin(), spec.attempts.end(), [](auto const& x, auto const& y) { return x.id < y.id; });
    ++spec.generation.sequence;
  }
  void shape(std::vector<std::string> layout, GpuMode mode = GpuMode::Mig, std::string const& gpu = "GPU-0") {
    std::erase_if(spec.gpus, [&](auto const& g) { return g.uuid == gpu; });
    spec.gpus.push_back({.uuid = gpu, .mode = mode, .managed = true, .layout = std::move(layout)});
    ++spec.generation.sequence;
  }
  void drop(std::uint64_t job) {
    std::erase_if(spec.attempts, [&](auto const& a) { return a.id == attempt(job); });
    ++spec.generation.sequence;
  }

  void give(Input input) {
    for (auto& output : agent->step(std::move(input), now)) {
      auto const text = to_text(output);
      static constexpr std::string_view noise[] = {"look", "listen", "save", "discover", "report", "renew"};
      bool const is_noise = std::any_of(std::begin(noise), std::end(noise), [&](auto word) { return text.starts_with(word); });
      if (!is_noise) said.push_back(text);
      if (auto* warn = std::get_if<Warn>(&output)) warnings.push_back(warn->message);
      if (auto* save = std::get_if<SaveRecord>(&output)) record = save->record;
      else if (auto* renew = std::get_if<RenewLease>(&output)) machine.renew(renew->attempt, renew->lease);
      else pending.emplace(now + delay(), std::move(output));
    }
  }

  /// One thing happens. A listen is held until there is something newer, or its time is over.
  void step() {
    if (held && (now >= held_until || has_news(held->request))) {
      Sync const listen = *std::exchange(held, std::nullopt);
      answer(listen);
      return;
    }
    Time wake = agent->next_wake();
    if (held) wake = std::min(wake, held_until);
    if (!pending.empty() && pending.begin()->first <= wake) {
      auto entry = pending.extract(pending.begin());
      now = std::max(now, entry.key());
      carry_out(std::move(entry.mapped()));
      return;
    }
    now = std::max(now, wake);
    give(Tick{});
  }
  Time next() const {
    if (held && has_news(held->request)) return now;
    Time next = agent->next_wake();
    if (held) next = std::min(next, held_until);
    if (!pending.empty()) next = std::min(next, pending.begin()->first);
    return next;
  }
  void run(Duration duration) {
    Time const end = now + duration;
    while (next() <= end) step();
    now = end;
    give(Tick{});
  }

  std::string gpu_of(Output const& output) const {
    if (auto* o = std::get_if<LookAtGpu>(&output)) return o->gpu;
    if (auto* o = std::get_if<SetMode>(&output)) return o->gpu;
    if (auto* o = std::get_if<CreateInstance>(&output)) return o->gpu;
    if (auto* o = std::get_if<DestroyInstance>(&output)) return o->gpu;
    return {};
  }

  void carry_out(Output output) {
    if (auto const gpu = gpu_of(output); !gpu.empty() && machine.gpus.at(gpu).hangs) {
      pending.emplace(now + seconds(1), std::move(output));
      return;
    }
    std::visit([this](auto& o) { carry(o); }, output);
  }
  void carry(Discover&) { give(Discovered{machine.discover()}); }
  void carry(LookAtGpu& o) { give(GpuLooked{o.gpu, machine.look(o.gpu)}); }
  void carry(LookAtJobs& o) { give(JobsLooked{o.number, static_cast<JobPort&>(machine).look()}); }
  void carry(FetchLaunch& o) {
    if (!controller_is_there) return give(LaunchArrived{o.attempt, fail(ErrorKind::Unavailable, "nobody there")});
    give(LaunchArrived{o.attempt, LaunchAnswer{.request = {.command = {"true"}}, .token = "secret"}});
  }
  void carry(SetMode& o) { give(Done{o, machine.set_mode(o.gpu, o.mode), {}}); }
  void carry(CreateInstance& o) {
    auto made = machine.create(o.gpu, o.placement);
    if (made) give(Done{o, {}, *made});
    else give(Done{o, Unexpected(made.error()), {}});
  }
  void carry(DestroyInstance& o) { give(Done{o, machine.destroy(o.gpu, o.placement), {}}); }
  void carry(StopAttempt& o) {
    machine.stop(o.attempt);
    give(Done{o, {}, {}});
  }
  void carry(ForgetAttempt& o) {
    machine.forget(o.attempt);
    give(Done{o, {}, {}});
  }
  void carry(StartJob& o) { give(Done{StartAttempt{o.launch.attempt, o.launch.instance_uuid}, machine.start(o.launch), {}}); }
  void carry(Sync& o) {
    if (controller_is_there && o.request.status && refuses_reports) {
      give(Synced{o.channel, now - milliseconds(1), fail(ErrorKind::Conflict, "a was declared lost")});
      return;
    }
    if (controller_is_there && o.request.status) {
      reported = o.request.status;
      ++reports;
    } else if (controller_is_there && !held && !has_news(o.request)) {
      held = std::move(o);
      held_until = now + seconds(3);
      return;
    }
    answer(o);
  }
  void answer(Sync const& o) {
    if (!controller_is_there) return give(Synced{o.channel, now - milliseconds(1), fail(ErrorKind::Unavailable, "nobody there")});
    SyncAnswer answer{.status_hash = reported ? hash_of(*reported) : "", .lease = lease};
    if (o.request.have < spec.generation) answer.spec = spec;
    give(Synced{o.channel, now - milliseconds(1), answer});
  }
  bool has_news(SyncRequest const& request) const { return request.have < spec.generation || !reported || hash_of(*reported) != request.status_hash; }
  void carry(SaveRecord&) {}
  void carry(RenewLease&) {}
  void carry(Warn&) {}
};

}  // namespace nav::fixture
