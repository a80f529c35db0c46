// SPDX-License-Identifier: Apache-2.0
#include "nvmlsim/machines.h"

#include "base/ensure.h"
#include "nvmlsim/boards.h"

namespace nav::nvmlsim {
namespace {

constexpr std::uint64_t gib = 1024, tib = 1024 * gib;

constexpr unsigned char dgx_a100_buses[] = {0x07, 0x0F, 0x47, 0x4E, 0x87, 0x90, 0xB7, 0xBD};
constexpr unsigned char dgx_h100_buses[] = {0x1B, 0x43, 0x52, 0x61, 0x9D, 0xC3, 0xD1, 0xDF};
constexpr unsigned char dgx_1_buses[] = {0x06, 0x07, 0x0A, 0x0B, 0x85, 0x86, 0x89, 0x8A};
constexpr unsigned char pcie_buses[] = {0x17, 0x31, 0x4B, 0x65, 0x98, 0xB1, 0xCA, 0xE3};

constexpr Machine all_machines[] = {
    {"dgx-a100", "a100-40gb", 8, 256, 1 * tib, 8, true, dgx_a100_buses, "DGX A100: 8 A100 of 40 GB over NVSwitch"},
    {"dgx-a100-80gb", "a100-80gb", 8, 256, 2 * tib, 8, true, dgx_a100_buses, "DGX A100: 8 A100 of 80 GB over NVSwitch"},
    {"dgx-h100", "h100-80gb", 8, 224, 2 * tib, 2, true, dgx_h100_buses, "DGX H100: 8 H100 of 80 GB over NVSwitch"},
    {"dgx-h200", "h200", 8, 224, 2 * tib, 2, true, dgx_h100_buses, "DGX H200: 8 H200 of 141 GB over NVSwitch"},
    {"dgx-1", "v100-32gb", 8, 80, 512 * gib, 2, true, dgx_1_buses, "DGX-1: 8 V100 of 32 GB over NVLink, no MIG"},
    {"a30", "a30", 4, 64, 256 * gib, 2, false, pcie_buses, "PCIe server with 4 A30"},
    {"h100-pcie", "h100-pcie", 4, 128, 512 * gib, 2, false, pcie_buses, "PCIe server with 4 H100 PCIe"},
    {"h100-94gb", "h100-94gb", 4, 128, 512 * gib, 2, false, pcie_buses, "PCIe server with 4 H100 NVL of 94 GB"},
    {"rtx-pro-6000", "rtx-pro-6000", 8, 128, 1 * tib, 2, false, pcie_buses, "PCIe server with 8 RTX PRO 6000 Blackwell"},
    {"v100", "v100-16gb", 4, 80, 256 * gib, 2, true, dgx_1_buses, "server with 4 V100 of 16 GB over NVLink, no MIG"},
    {"v100-16gb", "v100-16gb", 1, 8, 61 * gib, 1, false, dgx_1_buses, "server with one V100 of 16 GB"},
    {"a100-40gb", "a100-40gb", 1, 32, 128 * gib, 1, false, dgx_a100_buses, "server with one A100 of 40 GB"},
    {"a100-80gb", "a100-80gb", 1, 32, 128 * gib, 1, false, dgx_a100_buses, "server with one A100 of 80 GB"},
    {"h100-80gb", "h100-80gb", 1, 28, 256 * gib, 1, false, dgx_h100_buses, "server with one H100 of 80 GB"},
    {"h200", "h200", 1, 28, 256 * gib, 1, false, dgx_h100_buses, "server with one H200 of 141 GB"},
};

}  // namespace

std::span<Machine const> machines() { return all_machines; }

Machine const* find_machine(std::string_view name) {
  for (Machine const& machine : all_machines)
    if (machine.name == name) return &machine;
  return nullptr;
}

Board const& board_of(Machine const& machine) {
  Board const* board = find_board(machine.board);
  ensure(board, "a machine names a board of the table");
  return *board;
}

}  // namespace nav::nvmlsim
