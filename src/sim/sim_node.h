// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "base/random.h"
#include "mig/geometry.h"
#include "sim/schedule.h"

/// One machine: its GPUs as the driver would keep them, its supervisors and processes, and the real agent over both. The agent can be
/// killed and started again while everything else goes on.
namespace nav::sim {

/// What a job does once it runs. Drawn when it is submitted, so that every attempt of it does the same.
struct Behaviour {
  Duration runs_for;
  std::int32_t exit_code = 0;
  bool ignores_sigterm = false;
  std::uint64_t gpu_memory_mib = 0;  ///< what it needs: with less it runs out of it half-way
};

/// The process tree of one attempt, its supervisor and its folder.
struct SimAttempt {
  Launch launch;
  Behaviour behaviour;
  AttemptStatus status;
  bool alive = true;  ///< processes run
  bool stopping = false;
  Time lease_until;
  std::uint64_t life = 0;  ///< distinguishes this from a later timer
  bool log_delivered = false;
};

struct SimInstance {
  std::string placement;
  bool complete = false;  ///< has its compute instance
};

struct SimGpu {
  std::string uuid;
  GpuMode mode = GpuMode::Whole;
  std::vector<SimInstance> instances;
  bool present = true;
  int refuse_creations = 0;
  int busy_destroys = 0;
  Duration slow;
};

class SimNode {
 public:
  /// What the world lends a node: sending a sync or a launch request, and hearing of every change to processes (for the checkers).
  struct Outside {
    std::function<void(SimNode&, Sync const&)> sync;
    std::function<void(SimNode&, AttemptId)> fetch_launch;
    std::function<Behaviour(JobId)> behaviour;
    std::function<void(std::string const&)> changed;
  };

  SimNode(Schedule& schedule, Random random, std::string name, mig::Board board, std::size_t gpus, Outside outside);

  void start_agent();
  void kill_agent();
  bool agent_lives() const { return agent_ != nullptr; }
  /// Feeds the agent, if it lives and is still the one of that life.
  void give(Input input, std::uint64_t life);
  std::uint64_t life() const { return life_; }

  /// Power off and on: processes and instances gone, folders stay.
  void reboot();
  void kill_supervisor(AttemptId attempt);
  void raise_xid(std::size_t gpu, std::string const& placement, std::uint32_t xid);

  std::string const name;
  NodeId node;  ///< its number, once it has joined
  std::vector<SimGpu> gpus;
  std::map<AttemptId, SimAttempt> attempts;
  bool cut_off = false;  ///< no message passes
  NodeRecord record;

  mig::Geometry const& geometry() const { return geometry_; }

 private:
  void carry_out(std::vector<Output> outputs);
  void carry_out(Output const& output);
  Inventory inventory() const;
  Result<GpuStatus> look(std::string const& gpu);
  SimGpu* gpu(std::string const& uuid);
  void act(Action const& action);
  void set_mode(SetMode const& action);
  void create(CreateInstance const& action);
  void destroy(DestroyInstance const& action);
  void start_job(StartJob const& start);
  void stop_job(AttemptId id);
  void end_attempt(AttemptId id, Outcome outcome, std::int32_t exit_code, Memory short_of = Memory::Machine);
  void watch_lease(AttemptId id);
  void done(Action action, Result<void> result, std::uint64_t life, InstanceStatus made = {});
  void tick();
  bool lives_on(std::string const& uuid, std::string const& placement) const;

  Schedule& schedule_;
  Random random_;
  mig::Board board_;
  mig::Geometry geometry_;
  Outside outside_;
  std::unique_ptr<Agent> agent_;
  std::uint64_t life_ = 0;
  std::uint64_t boot_ = 1;
  std::uint64_t next_life_ = 1;
  std::vector<XidStatus> xids_;
};

}  // namespace nav::sim
