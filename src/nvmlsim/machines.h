// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace nav::nvmlsim {

struct Board;

/// A server that a simulated node models: what it reports as its size, and where its GPUs sit.
struct Machine {
  std::string_view name;   ///< dgx-a100, what `--simulate` takes
  std::string_view board;  ///< name in boards()
  unsigned gpus;
  unsigned cpus;  ///< hardware threads
  std::uint64_t memory_mib;
  unsigned numa_nodes;
  bool nvswitch;                             ///< every GPU reaches every other over NVLink
  std::span<unsigned char const> pci_buses;  ///< bus number a GPU, in index order
  std::string_view description;
};

std::span<Machine const> machines();
Machine const* find_machine(std::string_view name);
Board const& board_of(Machine const&);

}  // namespace nav::nvmlsim
