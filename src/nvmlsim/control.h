// SPDX-License-Identifier: Apache-2.0
// Making simulated nodes and giving them trouble. All of it goes through the node's state file, so running programs see it at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "nvmlsim/machines.h"

namespace nav::nvmlsim {

/// What `--simulate BOARD[:N]` asks for: N nodes of a machine.
struct Simulation {
  Machine const* machine = nullptr;
  unsigned count = 1;
};

/// "dgx-a100:3" -> three DGX A100. InvalidArgument names the machines there are: for an unknown name the nearest ones, for a
/// board whose numbers are not known well enough that it is so.
Result<Simulation> parse_simulation(std::string_view text);

/// Makes a node in `folder`: the driver's state, and mig-minors and devices as /proc would show them. UUIDs follow from seed and
/// node name. A node already there stays as it is if it is the same one, else Conflict.
Result<void> create_node(std::string const& folder, Machine const&, std::string const& node_name, std::uint64_t seed);

struct NodeDescription {
  std::string name;
  std::string machine;      ///< dgx-a100
  std::string board;        ///< a100-40gb
  std::string description;  ///< a line for people
  std::string caveat;       ///< what of the board is not from a real capture, or empty
  unsigned gpus = 0;
  unsigned cpus = 0;
  std::uint64_t memory_mib = 0;
  unsigned numa_nodes = 1;
};

/// NotFound where no node is.
Result<NodeDescription> describe_node(std::string const& folder);

/// The variables that make any NVML program see the node; `library_folder` holds libnvidia-ml.so.1.
std::vector<std::pair<std::string, std::string>> env_for(std::string const& folder, std::string const& library_folder);
/// Where the library lies beside the running program: nvmlsim/ next to it or ../lib/opennav/nvmlsim. NotFound elsewhere.
Result<std::string> library_folder();

struct InstanceIds {
  std::uint32_t gpu_instance = 0;
  std::uint32_t compute_instance = 0;
};
/// The ids of the instance at a placement, "1g.5gb@4". NotFound lists the instances there are.
Result<InstanceIds> instance_at(std::string const& folder, unsigned gpu, std::string_view placement);

/// Every GPU of a node, where a fault takes a GPU.
inline constexpr unsigned every_gpu = 0xFFFFFFFFu;
inline constexpr unsigned until_cleared = 0xFFFFFFFFu;

/// Reports an XID to whoever waits for events: on one instance by its ids, or on the GPU as a whole.
Result<void> inject_xid(std::string const& folder, unsigned gpu, unsigned xid, std::uint32_t gpu_instance = 0xFFFFFFFFu,
                        std::uint32_t compute_instance = 0xFFFFFFFFu);

/// How a creation is refused.
enum class Refusal { InsufficientResources, InUse, Unknown };
/// The next `times` creations of a GPU or compute instance fail.
Result<void> refuse_creations(std::string const& folder, unsigned gpu, unsigned times, Refusal = Refusal::InsufficientResources);
/// The next `times` destructions answer IN_USE.
Result<void> keep_busy(std::string const& folder, unsigned gpu, unsigned times);
/// Every call about the GPU takes this much longer; 0 ends it, for calls that wait already too.
Result<void> slow_down(std::string const& folder, unsigned gpu, unsigned milliseconds);
/// The GPU fell off the bus: every call answers GPU_IS_LOST until a reboot.
Result<void> lose_gpu(std::string const& folder, unsigned gpu);
/// A row of its memory went bad and could not be remapped: GetRemappedRows says so.
Result<void> wear_out(std::string const& folder, unsigned gpu);
/// Ends refusals, busyness, slowness, loss and wear; instances stay.
Result<void> clear_faults(std::string const& folder);

/// As `nvidia-smi --gpu-reset`: instances go, a pending MIG mode counts. Conflict while a process is on the GPU.
Result<void> reset_gpu(std::string const& folder, unsigned gpu);
/// No instance survives; MIG mode does on Ampere alone. Processes are not touched: kill them first, as a reboot would.
Result<void> reboot_node(std::string const& folder);

}  // namespace nav::nvmlsim
