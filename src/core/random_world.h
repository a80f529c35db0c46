// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.h"
#include "core/world_fixture.h"

namespace nav::fixture {

/// A storm from one seed over a small pool: people, a careless planner, nodes that work, fail, vanish and come back.
class RandomWorld {
 public:
  World world;

  explicit RandomWorld(std::uint64_t seed) : random_(seed) {
    world = pool_of(fixture::node("a", a100("3g.20gb@4"), a100()), fixture::node("b", a100(), v100()));
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
  }

 private:
  template <class T>
  T const& any(std::vector<T> const& from) {
    return from[random_.below(from.size())];
  }

  std::vector<NodeId> nodes() const {
    std::vector<NodeId> ids;
    world.pool.nodes.each([&](Node const& n) {
      if (n.state != NodeState::Lost) ids.push_back(n.id);
    });
    return ids;
  }
  std::vector<JobId> jobs() const {
    std::vector<JobId> ids;
    world.pool.jobs.each([&](Job const& j) { ids.push_back(j.id); });
    return ids;
  }

  void submit() {
    static std::vector<std::string> const templates{"mig-1g.5gb", "mig-2g.10gb", "mig-3g.20gb", "mig-7g.40gb", "a100", "a100-x2", "v100", "cpu"};
    JobRequest request = job("j", any(templates));
    if (random_.chance(0.3)) request.on.push_back(any(templates));
    if (random_.chance(0.4)) {
      for (std::size_t i = 0; i < request.on.size(); ++i) request.limits.push_back({milliseconds(static_cast<std::int64_t>(random_.below(40))), {}});
      if (random_.chance(0.3)) request.limits[0].price_micro = static_cast<std::int64_t>(random_.below(3)) * 1'000'000;
    }
    request.restartable = random_.chance(0.4);
    request.retries = static_cast<std::uint32_t>(random_.below(3));
    request.climbs = request.restartable && random_.chance(0.3);
    request.priority = static_cast<std::int32_t>(random_.below(3));
    if (random_.chance(0.5)) request.on_out_of_memory = OnOutOfMemory::Climb;
    if (random_.chance(0.3)) {
      request.members = 1 + static_cast<std::uint32_t>(random_.below(3));
      request.climbs = false;
      request.on_out_of_memory = OnOutOfMemory::Fail;
    } else if (random_.chance(0.6)) {
      request.service = Service{static_cast<ServiceKind>(random_.below(2)), "", random_.chance(0.5) ? seconds(10) : Duration{}};
    }
    std::uint32_t const count = request.service ? 1 : 1 + static_cast<std::uint32_t>(random_.below(4));
    (void)world.ask(SubmitJobs{request, count, Digest{random_.next(), random_.next()}, ProjectId{1 + random_.below(2)}});
  }

  PlaceJob any_place(JobId job, std::uint32_t rung) {
    Node const& node = *world.pool.node(any(nodes()));
    PlaceJob place{.job = job, .node = node.id, .rung = rung, .gpus = static_cast<std::uint32_t>(random_.below(4))};
    if (random_.chance(0.6) && !node.gpus.empty()) {
      std::size_t const index = random_.below(node.gpus.size());
      place.gpus = 1u << index;
      auto const& geometry = node.gpus[index].geometry;
      if (geometry) place.placement = geometry->placements()[random_.below(geometry->placements().size())];
    }
    return place;
  }

  /// Tries places without looking: what does not go is refused.
  void place() {
    auto const waiting = jobs();
    if (waiting.empty() || nodes().empty()) return;
    for (int tries = 0; tries < 12; ++tries) {
      Job const& job = world.pool.jobs.at(any(waiting).value);
      auto const rung = static_cast<std::uint32_t>(random_.below(2));
      if (!job.gang || random_.chance(0.1)) {
        if (world.ask(any_place(job.id, rung))) return;
        continue;
      }
      Gang const& gang = world.pool.gangs.at(job.gang.value);
      for (int whole = 0; whole < 20; ++whole) {
        PlaceGang places{gang.first, {}};
        for (std::uint32_t rank = 0; rank < gang.members; ++rank) places.members.push_back(any_place(JobId{gang.first.value + rank}, rung));
        if (world.ask(places)) return;
      }
    }
  }

  /// Waits end, templates change, machines of a cloud come and go.
  void move_lists() {
    auto const all = jobs();
    if (!all.empty())
      for (int tries = 0; tries < 5; ++tries) (void)world.ask(PassRung{any(all), "its wait is over"});
    if (!all.empty()) (void)world.ask(ClimbJob{any(all), 0});
    if (random_.chance(0.1)) {
      Cloud cloud;
      cloud.name = "cloud";
      cloud.family = "v100";
      cloud.most = 1 + static_cast<std::uint32_t>(random_.below(3));
      (void)world.ask(SetCloud{cloud});
    }
    if (random_.chance(0.1)) (void)world.ask(OpenCloud{"cloud", random_.chance(0.6)});
    if (!all.empty()) (void)world.ask(WantMachine{"cloud", any(all)});
    CloudStatus status{"cloud", {}};
    for (auto const& [id, rental] : *world.pool.rentals)
      if (random_.chance(0.7)) status.machines.push_back({node_name(rental), static_cast<MachineState>(random_.below(3)), "so it was"});
    (void)world.ask(ReportCloud{status});
    if (auto const* t = world.pool.find_template("mig-1g.5gb"); t && random_.chance(0.2)) {
      Template changed = *t;
      changed.price_micro = static_cast<std::int64_t>(random_.below(2)) * 1'500'000;
      if (random_.chance(0.3)) changed.sites = {"cloud"};
      else changed.sites.clear();
      (void)world.ask(SetTemplate{changed, TemplateWish::Replace});
    }
    if (random_.chance(0.02)) (void)world.ask(RemoveTemplate{"mig-2g.10gb"});
  }

  /// Some that run are services, used or not, well or not.
  void use_services() {
    for (auto& [id, status] : world.real)
      for (auto& attempt : status.attempts)
        if (random_.chance(0.5))
          attempt.service = ServiceStatus{.kind = static_cast<ServiceKind>(random_.below(2)),
                                          .phase = static_cast<ServicePhase>(random_.below(3)),
                                          .reason = "so it was",
                                          .idle_since = random_.chance(0.5) ? std::max(Time{1}, world.now - seconds(20)) : Time{},
                                          .idle_after = {}};
    world.now = world.now + seconds(2);
    auto const services = *world.pool.services;
    for (auto const& [id, service] : services) (void)world.ask(ReclaimIdle{id});
  }

  void end_one() {
    std::vector<JobId> seated;
    world.pool.jobs.each([&](Job const& j) {
      if (j.seat.node) seated.push_back(j.id);
    });
    if (seated.empty()) return;
    static std::vector<Outcome> const outcomes{Outcome::Exited,    Outcome::Exited,        Outcome::Signalled, Outcome::OutOfMemory,
                                               Outcome::NodeError, Outcome::CouldNotStart, Outcome::Lost};
    world.end(any(seated), any(outcomes), static_cast<std::int32_t>(random_.below(2)), "so it was", random_.chance(0.7) ? Memory::Gpu : Memory::Machine);
  }

  void break_something(NodeId id) {
    NodeStatus& status = world.real.at(id);
    auto& gpu = status.gpus[random_.below(status.gpus.size())];
    auto& gpus = status.inventory.gpus;
    switch (random_.below(9)) {
      case 6:  // another machine's GPUs, or the same in another order
        if (gpus.size() > 1) std::swap(gpus[0], gpus[1]);
        if (random_.chance(0.5)) {
          for (auto& g : status.gpus)
            if (g.uuid == gpus[0].uuid) g = {.uuid = g.uuid + "+"};
          gpus[0].uuid += "+";
        }
        break;
      case 7:  // a driver that offers other profiles
        if (auto& profiles = status.inventory.boards[0].profiles; profiles.size() > 5) profiles.erase(profiles.begin() + 1);
        break;
      case 8:  // cut by somebody else
        for (auto const& g : gpus)
          if (g.uuid == gpu.uuid && g.mig_capable) gpu.mode = GpuMode::Mig, gpu.instances = {{fmt::format("1g.5gb@{}", random_.below(7)), "MIG-x", {}}};
        break;
      case 0: gpu.problem = gpu.problem.empty() ? "a reset is needed" : ""; break;
      case 1: gpu.present = !gpu.present; break;
      case 2:
        status.boot += "'";
        status.attempts.clear();
        status.xids.clear();
        break;
      case 3: status.inventory.agent_version += "."; break;
      default: {
        std::uint64_t const number = status.xids.empty() ? 1 : status.xids.back().number + 1;
        std::string const placement = gpu.instances.empty() || random_.chance(0.3) ? "" : any(gpu.instances).placement;
        static std::vector<std::uint32_t> const numbers{13, 31, 48, 79, 94};
        status.xids.push_back({number, gpu.uuid, placement, any(numbers), world.now});
        if (status.xids.size() > 5) status.xids.erase(status.xids.begin());
      }
    }
    (void)world.report(id);
  }

  void administer(NodeId id) {
    Node const& node = *world.pool.node(id);
    auto const gpu = static_cast<std::uint32_t>(random_.below(2));
    switch (random_.below(8)) {
      case 0: (void)world.ask(DrainNode{id, "for a while"}); break;
      case 1:
      case 2: (void)world.ask(ResumeNode{id}); break;
      case 3: (void)world.ask(SetGpuPolicy{id, gpu, static_cast<GpuPolicy>(random_.below(3))}); break;
      case 4: (void)world.ask(TakeBack{id, gpu, {}}); break;
      case 5:
        if (gpu < node.gpus.size() && !node.gpus[gpu].slices.empty())
          (void)world.ask(TakeBack{id, gpu, mig::to_text(node.gpus[gpu].geometry->board(), any(node.gpus[gpu].slices).at)});
        break;
      case 6: {
        if (!random_.chance(0.2)) break;
        bool const has_slice = gpu < node.gpus.size() && !node.gpus[gpu].slices.empty() && random_.chance(0.7);
        (void)world.ask(
            KeepAside{id, gpu, has_slice ? mig::to_text(node.gpus[gpu].geometry->board(), any(node.gpus[gpu].slices).at) : std::string(), "its fan is loud"});
        break;
      }
      default:
        if (!random_.chance(0.2)) break;
        (void)world.ask(MissNode{id});
        if (world.ask(DeclareNodeLost{id})) world.real.erase(id);
        if (nodes().size() < 2) world.join(fixture::node(fmt::format("n{}", world.pool.next_node), a100(), a100()));
    }
  }

  void step() {
    auto const where = nodes();
    NodeId const id = any(where);
    switch (random_.below(20)) {
      case 0:
      case 1:
      case 2:
      case 3: submit(); break;
      case 4:
      case 5:
      case 6:
      case 7: place(); break;
      case 8:
      case 9:
      case 10: end_one(); break;
      case 11:
      case 12:
      case 13:
        world.obey(id);
        use_services();
        (void)world.report(id);
        break;
      case 14:
        if (auto const all = jobs(); !all.empty()) (void)world.ask(CancelJob{any(all)});
        break;
      case 15: break_something(id); break;
      case 16: administer(id); break;
      case 17: (void)world.ask(MissNode{id}); break;
      case 18:
        (void)world.ask(ExpireLeases{id});
        move_lists();
        break;
      default:
        if (random_.chance(0.2)) world.restart_controller();
        else (void)world.report(id);
    }
  }

  Random random_;
};

}  // namespace nav::fixture
