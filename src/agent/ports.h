// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/job_request.h"
#include "core/node_status.h"

/// What the agent needs of the world. One body of each is in adapters/, one in sim/; both pass the same contract test.
namespace nav {

/// The GPUs of this machine, and what they are cut into. Calls may take seconds; calls for different GPUs may run side by side, those for
/// one GPU come one after another.
class GpuPort {
 public:
  virtual ~GpuPort() = default;
  /// Boards and GPUs, in the driver's order. A machine without a driver has none, and that is no error.
  /// Fills driver_version, boards, gpus and simulated.
  virtual Result<Inventory> discover() = 0;
  /// Mode, instances and processes of one GPU as the driver shows them now. NotFound: the driver lost it.
  virtual Result<GpuStatus> look(std::string const& gpu) = 0;
  /// Turns MIG on or off on a GPU without instances or processes. Conflict if something is in the way, with the process in its hint;
  /// Unavailable if a reset is needed, with the command in its hint.
  virtual Result<void> set_mode(std::string const& gpu, GpuMode mode) = 0;
  /// GPU instance and compute instance at the placement ("1g.5gb@4"). A GPU instance left over half-made is completed. On failure nothing
  /// stays behind. Conflict: no room; Unavailable: refused for now.
  virtual Result<InstanceStatus> create(std::string const& gpu, std::string const& placement) = 0;
  /// Removes compute and GPU instance. One that is gone already is success. Conflict: processes run on it, named in the message.
  virtual Result<void> destroy(std::string const& gpu, std::string const& placement) = 0;
  /// XIDs since the last call, with gpu, placement, xid and at set; never blocks.
  virtual std::vector<XidStatus> xids() = 0;
};

/// All a supervisor needs to run an attempt.
struct Launch {
  AttemptId attempt;
  JobRequest request;
  std::string token;  ///< the job's own, for NAV_TOKEN_FILE
  std::string project;
  std::string controller;         ///< NAV_URL for the job; empty if unknown
  std::vector<std::string> gpus;  ///< UUIDs of whole GPUs
  std::string instance_uuid;      ///< MIG-..., if it runs on a slice
  std::string gpu_of_instance;    ///< UUID of the GPU the slice is on
  std::string placement;
  std::uint32_t cpu_milli = 0;
  std::uint64_t memory_mib = 0;
  std::uint64_t gpu_memory_mib = 0;  ///< of its slice, or its GPUs together
  Duration time_limit;
  bool restartable = false;
  Duration lease;                    ///< from now
  std::optional<MemberSpec> member;  ///< of a gang
};

/// An attempt with a folder on this node.
struct LocalAttempt {
  AttemptStatus status;
  std::vector<std::string> gpus;  ///< UUIDs it was given, whole or the one its slice is on
  std::string placement;
  bool log_delivered = false;           ///< its log is with the controller to the last byte, and what it left of a flow's outputs
  std::optional<Service> service = {};  ///< it is there to be used; none: it runs to its end
};

/// The processes of attempts, each under its own supervisor, which outlives the agent.
class JobPort {
 public:
  virtual ~JobPort() = default;
  /// Folder, token file and supervisor. Returns once the supervisor holds the attempt or it is known that none will. A second start of the
  /// same attempt is refused with Conflict. Errors of the request itself (no such command) are no errors here: the attempt is then
  /// seen as Ended with CouldNotStart.
  virtual Result<void> start(Launch const& launch) = 0;
  /// Every attempt with a folder here, whoever started it; sorted by id.
  virtual std::vector<LocalAttempt> look() = 0;
  /// Another lease from now on.
  virtual void renew(AttemptId attempt, Duration lease) = 0;
  /// Asks for the end: SIGTERM, grace, then surely dead. Returns at once; may be repeated.
  virtual void stop(AttemptId attempt) = 0;
  /// Removes the folder of an attempt that has ended. Unknown ones are fine.
  virtual void forget(AttemptId attempt) = 0;
};

/// The node's own record, small and durable: what the agent is about, written before it acts.
struct SliceStep {
  std::string gpu;
  std::string placement;
  std::string what;   ///< "create", "destroy", "whole", "mig"
  AttemptId attempt;  ///< for whom, if for anybody
  Time since;

  bool operator==(SliceStep const&) const = default;
};
BOOST_DESCRIBE_STRUCT(SliceStep, (), (gpu, placement, what, attempt, since))

struct NodeRecord {
  std::string installation;  ///< whose node this is; specs of another are refused
  NodeId node;
  Generation generation;  ///< of the newest spec seen; older ones are refused
  std::string boot;
  std::uint64_t boots = 0;  ///< counted when the boot id is another than before
  std::uint64_t xid_number = 0;
  std::vector<SliceStep> steps;  ///< begun and not known to have ended

  bool operator==(NodeRecord const&) const = default;
};
BOOST_DESCRIBE_STRUCT(NodeRecord, (), (installation, node, generation, boot, boots, xid_number, steps))

class RecordPort {
 public:
  virtual ~RecordPort() = default;
  /// Empty record if there is none yet.
  virtual Result<NodeRecord> load() = 0;
  /// On disk when it returns.
  virtual Result<void> save(NodeRecord const& record) = 0;
};

/// What the machine is beside its GPUs: hostname, os, cpus, memory, boot id.
struct Machine {
  std::string hostname;
  std::string os;
  std::string boot;
  std::uint32_t cpus = 0;
  std::uint64_t memory_mib = 0;
  std::string address = {};  ///< by which other nodes reach it; empty: its hostname
};

/// What the controller hands out for one attempt. GET /v1/agent/attempts/{id}/launch
struct LaunchAnswer {
  JobRequest request;
  std::string token;
};
BOOST_DESCRIBE_STRUCT(LaunchAnswer, (), (request, token))

}  // namespace nav
