// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nvmlsim/machines.h"
#include "nvmlsim/state.h"

namespace nav::nvmlsim {

/// A real process of this host that says, by its environment, that it runs on this simulated node.
struct Process {
  int pid;
  std::string visible_devices;  ///< its CUDA_VISIBLE_DEVICES
  std::uint64_t memory_bytes;   ///< resident
  std::uint64_t cpu_us;         ///< processor time of all its threads
  double activity;              ///< processors kept busy lately, 0 to 1: simulates how busy the GPU is
};

/// Where a process runs. `gpu_instance` and `compute_instance` are no_instance on a GPU without MIG.
struct Use {
  Process const* process;
  unsigned gpu, gpu_instance, compute_instance;
};

/// Finds those processes in /proc. A process whose environment we may not read is passed over.
class ProcessTable {
 public:
  /// `folder` is the node's state folder, which processes name in NAV_NVMLSIM_STATE.
  explicit ProcessTable(std::string folder) : folder_(std::move(folder)) {}

  /// At most 200 ms old. Good until the next call.
  std::vector<Process> const& recent();
  /// As they are now: for decisions, such as whether an instance is in use.
  std::vector<Process> const& now();

 private:
  std::string folder_;
  std::uint64_t scanned_us_ = 0;
  std::vector<Process> processes_;
};

/// Reads what CUDA_VISIBLE_DEVICES says, in the forms CUDA takes: GPU-uuid, MIG-uuid, MIG-GPU-uuid/gi/ci, or indices. As with CUDA,
/// everything from the first name on that does not exist or came before is ignored, and an index on a GPU with MIG means its first MIG device.
std::vector<Use> uses_of(std::vector<Process> const&, NodeIdentity const&, Machine const&, NodeState const&);

}  // namespace nav::nvmlsim
