// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "adapters/nvml_library.h"
#include "core/node_status.h"

namespace nav::nvml {

/// A GPU with what only the driver's calls need.
struct FoundGpu {
  Device device = nullptr;
  GpuInventory inventory;
  mig::Board board;  ///< without profiles where the driver tells none
};

/// Every GPU the driver shows, in its order. A GPU that answers nothing is still listed if it has a UUID.
Result<std::vector<FoundGpu>> find_gpus(Library const& lib);

/// A text answer of NVML; empty when there is none.
std::string text_of(Code (*call)(Device, char*, unsigned), Device device);

}  // namespace nav::nvml
