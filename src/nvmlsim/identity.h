// SPDX-License-Identifier: Apache-2.0
// Names and numbers that follow from a node's seed: stable over its life, different on every other node.
#pragma once

#include <string>

#include "nvmlsim/machines.h"
#include "nvmlsim/state.h"

namespace nav::nvmlsim {

/// GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx
std::string gpu_uuid(NodeIdentity const&, unsigned gpu);
/// MIG-xxxxxxxx-...: the same geometry on the same GPU has the same, as often with the real driver.
std::string mig_uuid(NodeIdentity const&, unsigned gpu, GpuInstance const&, ComputeInstance const&);
std::string serial_number(NodeIdentity const&, unsigned gpu);

/// The number in /dev/nvidiaN. Neighbours are swapped, since on real machines it need not be the index either.
unsigned minor_number(Machine const&, unsigned gpu);
/// 00000000:07:00.0 as NVML prints it.
std::string pci_bus_id(Machine const&, unsigned gpu);

/// 1g.5gb, or 1c.3g.20gb where the compute instance does not fill its GPU instance.
std::string mig_profile_name(Board const&, GpuInstance const&, ComputeInstance const&);

/// Minor numbers under /dev/nvidia-caps, as /proc/driver/nvidia-caps/mig-minors lists them.
unsigned cap_minor(unsigned gpu_minor, unsigned gpu_instance);
unsigned cap_minor(unsigned gpu_minor, unsigned gpu_instance, unsigned compute_instance);

}  // namespace nav::nvmlsim
