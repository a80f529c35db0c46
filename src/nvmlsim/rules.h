// SPDX-License-Identifier: Apache-2.0
// What the driver allows on one GPU, as pure functions over its state. Error codes are those NVIDIA documents or machines showed.
#pragma once

#include <optional>
#include <vector>

#include "nvmlsim/boards.h"
#include "nvmlsim/state.h"

namespace nav::nvmlsim {

/// All placements of a profile on an empty GPU.
std::vector<Placement> placements_of(GpuInstanceProfile const&);
std::vector<Placement> placements_of(ComputeInstanceProfile const&);

/// How many more instances of the profile fit now.
unsigned remaining_capacity(Board const&, Gpu const&, GpuInstanceProfile const&);
unsigned remaining_capacity(GpuInstanceProfile const&, GpuInstance const&, ComputeInstanceProfile const&);

/// Where the driver puts an instance when the caller leaves it open: the placement that closes the fewest others of any profile,
/// the lowest of equals. (This reproduces the order effects that NVIDIA's guide shows.)
std::optional<Placement> default_placement(Board const&, Gpu const&, GpuInstanceProfile const&);
std::optional<Placement> default_placement(GpuInstanceProfile const&, GpuInstance const&, ComputeInstanceProfile const&);

/// Adds an instance, `born` marking it. The new id comes back in `id`.
/// NotSupported with MIG off; InvalidArgument for a placement the profile does not have; InsufficientResources when taken.
Return create_gpu_instance(Board const&, Gpu&, unsigned profile_id, std::optional<Placement>, std::uint64_t born, unsigned& id);
Return create_compute_instance(Board const&, GpuInstance&, unsigned profile_id, std::optional<Placement>, std::uint64_t born, unsigned& id);

/// InUse while a compute instance is left in it. (Processes are the caller's to see.)
Return destroy_gpu_instance(GpuInstance&);

/// A GPU reset: instances and the compute mode are gone and a pending MIG mode counts.
void reset(Gpu&);
/// A reboot of the node: as reset, and boards later than Ampere forget their MIG mode.
void reboot(Board const&, Gpu&);

}  // namespace nav::nvmlsim
