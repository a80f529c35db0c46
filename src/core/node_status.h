// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/node_spec.h"
#include "core/service.h"
#include "mig/board.h"

/// The document that travels from agent to controller: all that is on a node.
namespace nav {

/// One GPU as the driver shows it.
struct GpuInventory {
  std::uint32_t index = 0;
  std::string uuid;
  std::string model;        ///< the driver's product name
  std::uint32_t board = 0;  ///< index into Inventory::boards: GPUs alike share one
  std::uint64_t memory_mib = 0;
  std::uint32_t minor = 0;  ///< N of /dev/nvidiaN
  std::string pci_bus_id;
  bool mig_capable = false;
  std::string architecture;                 ///< "Ampere"; empty if unknown
  std::vector<std::uint32_t> nvlink_peers;  ///< indices of GPUs one NVLink away; empty if none or unknown

  bool operator==(GpuInventory const&) const = default;
};
BOOST_DESCRIBE_STRUCT(GpuInventory, (), (index, uuid, model, board, memory_mib, minor, pci_bus_id, mig_capable, architecture, nvlink_peers))

/// What a node has. Changes seldom.
struct Inventory {
  std::string hostname;
  std::string os;
  std::string agent_version;
  std::string driver_version;  ///< empty: no NVIDIA driver
  bool simulated = false;
  std::uint32_t cpus = 0;  ///< hardware threads
  std::uint64_t memory_mib = 0;
  std::vector<mig::Board> boards;
  std::vector<GpuInventory> gpus;
  std::string address = {};  ///< by which other nodes reach it; empty: its hostname

  bool operator==(Inventory const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Inventory, (), (hostname, os, agent_version, driver_version, simulated, cpus, memory_mib, boards, gpus, address))

/// A process on a GPU or an instance of it.
struct GpuProcess {
  std::uint32_t pid = 0;
  std::string name;   ///< empty if unknown
  AttemptId attempt;  ///< none: not started by us

  bool operator==(GpuProcess const&) const = default;
};
BOOST_DESCRIBE_STRUCT(GpuProcess, (), (pid, name, attempt))

struct InstanceStatus {
  std::string placement;  ///< "1g.5gb@4"
  std::string uuid;       ///< MIG-...; empty while it has no compute instance
  std::vector<GpuProcess> processes;

  bool operator==(InstanceStatus const&) const = default;
};
BOOST_DESCRIBE_STRUCT(InstanceStatus, (), (placement, uuid, processes))

struct GpuStatus {
  std::string uuid;
  GpuMode mode = GpuMode::Whole;
  bool reset_needed = false;  ///< a mode is pending until the GPU is reset
  bool present = true;        ///< false: known, but the driver lost it
  std::vector<InstanceStatus> instances;
  std::string problem;  ///< what a person should know and do; empty if all is well

  bool operator==(GpuStatus const&) const = default;
};
BOOST_DESCRIBE_STRUCT(GpuStatus, (), (uuid, mode, reset_needed, present, instances, problem))

enum class AttemptPhase { Starting, Running, Ended };
BOOST_DESCRIBE_ENUM(AttemptPhase, Starting, Running, Ended)

/// How an attempt came to its end.
enum class Outcome {
  Exited,     ///< by itself, with an exit code
  Signalled,  ///< by a signal nobody here sent
  Stopped,    ///< by us, as the spec asked
  TimeLimit,
  OutOfMemory,
  LeaseExpired,   ///< the node was cut off and the job may be restarted elsewhere
  CouldNotStart,  ///< the request's own fault: no such command, no such folder
  NodeError,      ///< the node's fault: no slice could be made, no supervisor started
  Lost,           ///< it is gone and nobody saw how
};
BOOST_DESCRIBE_ENUM(Outcome, Exited, Signalled, Stopped, TimeLimit, OutOfMemory, LeaseExpired, CouldNotStart, NodeError, Lost)

/// Which memory an attempt ran out of.
enum class Memory {
  Machine,  ///< that of its node, of which it has a share
  Gpu,      ///< that of its slice or GPUs
};
BOOST_DESCRIBE_ENUM(Memory, Machine, Gpu)

struct AttemptStatus {
  AttemptId id;
  AttemptPhase phase = AttemptPhase::Starting;
  std::string instance_uuid;  ///< MIG-... or empty
  Time started;
  Time ended;
  Outcome outcome = Outcome::Exited;  ///< says something once phase is Ended
  std::int32_t exit_code = 0;
  std::int32_t signal = 0;
  std::string message;  ///< in words, for people
  std::uint64_t peak_memory_mib = 0;
  Duration cpu_time;
  Memory short_of = Memory::Machine;          ///< says something where the outcome is OutOfMemory
  std::optional<ServiceStatus> service = {};  ///< none: it is none, or its agent does not know them

  bool operator==(AttemptStatus const&) const = default;
};
BOOST_DESCRIBE_STRUCT(AttemptStatus, (),
                      (id, phase, instance_uuid, started, ended, outcome, exit_code, signal, message, peak_memory_mib, cpu_time, short_of, service))

/// An XID the driver reported. Numbered by the agent, so that a repeated status counts it once.
struct XidStatus {
  std::uint64_t number = 0;  ///< rises within one boot of the agent's record
  std::string gpu;           ///< UUID
  std::string placement;     ///< empty: the driver named no instance
  std::uint32_t xid = 0;
  Time at;

  bool operator==(XidStatus const&) const = default;
};
BOOST_DESCRIBE_STRUCT(XidStatus, (), (number, gpu, placement, xid, at))

struct NodeStatus {
  std::uint32_t protocol = sync_protocol;
  NodeId node;
  std::string boot;         ///< the machine's boot id
  std::uint64_t boots = 0;  ///< how many boots this node has seen: a report that was under way in an earlier one is known by it
  Generation generation;    ///< of the newest spec this status takes account of
  Inventory inventory;
  std::vector<GpuStatus> gpus;
  std::vector<AttemptStatus> attempts;  ///< sorted by id; every attempt with a folder on the node
  std::vector<XidStatus> xids;          ///< the most recent, oldest first

  bool operator==(NodeStatus const&) const = default;
};
BOOST_DESCRIBE_STRUCT(NodeStatus, (), (protocol, node, boot, boots, generation, inventory, gpus, attempts, xids))

/// What an agent asks of the controller, again and again. The call is held until there is news.
struct SyncRequest {
  static constexpr std::array required{"protocol", "node"};
  std::uint32_t protocol = sync_protocol;
  NodeId node;
  std::string boot;
  Generation have;                   ///< the newest spec the agent holds; news is anything newer
  std::string status_hash;           ///< of the status as it is now
  std::optional<NodeStatus> status;  ///< sent when its hash is not the one last acknowledged
};
BOOST_DESCRIBE_STRUCT(SyncRequest, (), (protocol, node, boot, have, status_hash, status))

struct SyncAnswer {
  std::optional<NodeSpec> spec;  ///< only if newer than `have`
  std::string status_hash;       ///< of the last status taken in; empty: send it whole
  Duration lease;                ///< counted by the agent from when it asked
};
BOOST_DESCRIBE_STRUCT(SyncAnswer, (), (spec, status_hash, lease))

}  // namespace nav
