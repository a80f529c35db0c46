// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/nvml_library.h"
#include "core/node_status.h"

namespace nav::nvml {

/// A GPU with what only the driver's calls need.
struct FoundGpu {
  Device device = nullptr;
  GpuInventory inventory;
  mig::Board board;                         ///< without profiles where the driver tells none
  std::vector<std::string> linked_bus_ids;  ///< of GPUs at the other end of its NVLinks
  bool is_on_switches = false;              ///< its NVLinks lead to switches
};

/// Every GPU the driver shows, in its order. All are asked at once, each from a thread of its own: one that has not told all after `patience` is
/// left out, so that a GPU whose calls hang keeps nobody from using the others.
Result<std::vector<FoundGpu>> find_gpus(std::shared_ptr<Library> const& library, Duration patience);

/// A text answer of NVML; empty when there is none.
std::string text_of(Code (*call)(Device, char*, unsigned), Device device);

}  // namespace nav::nvml
