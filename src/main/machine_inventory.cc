// SPDX-License-Identifier: Apache-2.0
#include "main/machine_inventory.h"

#include "base/ensure.h"
#include "main/bench_boards.h"
#include "nvmlsim/boards.h"
#include "nvmlsim/machines.h"

namespace nav {

Inventory inventory_of_machine(std::string_view name) {
  auto const* machine = nvmlsim::find_machine(name);
  ensure(machine, "a machine is named that was not checked");
  mig::Board const board = bench::board_of(nvmlsim::board_of(*machine));
  Inventory inventory;
  inventory.simulated = true;
  inventory.cpus = machine->cpus;
  inventory.memory_mib = machine->memory_mib;
  inventory.boards = {board};
  for (std::uint32_t i = 0; i < machine->gpus; ++i) {
    GpuInventory gpu;
    gpu.index = gpu.minor = i;
    gpu.model = board.model;
    gpu.memory_mib = board.memory_mib;
    gpu.mig_capable = !board.profiles.empty();
    inventory.gpus.push_back(std::move(gpu));
  }
  return inventory;
}

}  // namespace nav
