// SPDX-License-Identifier: Apache-2.0
// What each board's driver reports. Sources: NVIDIA's MIG user guide, captures of `nvidia-smi mig -lgip` and `-lgipp` of real
// machines, and nvml.h. Memory a profile differs between drivers by up to 2 %; these are the newest seen.
#include "nvmlsim/boards.h"

#include "nvmlsim/nvml_abi.h"

namespace nav::nvmlsim {
namespace {

// Tables are read by their columns.
// clang-format off
//   name           index id slices instances memory  SM copy dec enc jpeg ofa  size step placements
constexpr GpuInstanceProfile a100_40gb[] = {
    {"1g.5gb",      0, 19, 1, 7,  4864, 14, 1, 0, 0, 0, 0,  1, 1, 7},
    {"1g.5gb+me",   7, 20, 1, 1,  4864, 14, 1, 1, 0, 1, 1,  1, 1, 7, Media::One},
    {"1g.10gb",     9, 15, 1, 4,  9856, 14, 1, 1, 0, 0, 0,  2, 2, 4},
    {"2g.10gb",     1, 14, 2, 3,  9856, 28, 2, 1, 0, 0, 0,  2, 2, 3},
    {"3g.20gb",     2,  9, 3, 2, 19968, 42, 3, 2, 0, 0, 0,  4, 4, 2},
    {"4g.20gb",     3,  5, 4, 1, 19968, 56, 4, 2, 0, 0, 0,  4, 4, 1},
    {"7g.40gb",     4,  0, 7, 1, 40192, 98, 7, 5, 0, 1, 1,  8, 8, 1},
};

constexpr GpuInstanceProfile a100_80gb[] = {
    {"1g.10gb",     0, 19, 1, 7,  9728, 14, 1, 0, 0, 0, 0,  1, 1, 7},
    {"1g.10gb+me",  7, 20, 1, 1,  9728, 14, 1, 1, 0, 1, 1,  1, 1, 7, Media::One},
    {"1g.20gb",     9, 15, 1, 4, 19968, 14, 1, 1, 0, 0, 0,  2, 2, 4},
    {"2g.20gb",     1, 14, 2, 3, 19968, 28, 2, 1, 0, 0, 0,  2, 2, 3},
    {"3g.40gb",     2,  9, 3, 2, 40192, 42, 3, 2, 0, 0, 0,  4, 4, 2},
    {"4g.40gb",     3,  5, 4, 1, 40192, 56, 4, 2, 0, 0, 0,  4, 4, 1},
    {"7g.80gb",     4,  0, 7, 1, 80896, 98, 7, 5, 0, 1, 1,  8, 8, 1},
};

constexpr GpuInstanceProfile a30_24gb[] = {
    {"1g.6gb",      0, 14, 1, 4,  5952, 14, 1, 0, 0, 0, 0,  1, 1, 4},
    {"1g.6gb+me",   7, 21, 1, 1,  5952, 14, 1, 1, 0, 1, 1,  1, 1, 4, Media::One},
    {"2g.12gb",     1,  5, 2, 2, 11968, 28, 2, 2, 0, 0, 0,  2, 2, 2},
    {"2g.12gb+me",  8,  6, 2, 1, 11968, 28, 2, 2, 0, 1, 1,  2, 2, 2, Media::One},
    {"4g.24gb",     3,  0, 4, 1, 24000, 56, 4, 4, 0, 1, 1,  4, 4, 1},
};

constexpr GpuInstanceProfile h100_80gb[] = {
    {"1g.10gb",     0, 19, 1, 7,  9984,  16, 1, 1, 0, 1, 0,  1, 1, 7},
    {"1g.10gb+me",  7, 20, 1, 1,  9984,  16, 1, 1, 0, 1, 1,  1, 1, 7, Media::One},
    {"1g.20gb",     9, 15, 1, 4, 20096,  26, 1, 1, 0, 1, 0,  2, 2, 4},
    {"2g.20gb",     1, 14, 2, 3, 20096,  32, 2, 2, 0, 2, 0,  2, 2, 3},
    {"3g.40gb",     2,  9, 3, 2, 40448,  60, 3, 3, 0, 3, 0,  4, 4, 2},
    {"4g.40gb",     3,  5, 4, 1, 40448,  64, 4, 4, 0, 4, 0,  4, 4, 1},
    {"7g.80gb",     4,  0, 7, 1, 81152, 132, 8, 7, 0, 7, 1,  8, 8, 1},
};

constexpr GpuInstanceProfile h100_pcie[] = {
    {"1g.10gb",     0, 19, 1, 7,  9984,  14, 1, 1, 0, 1, 0,  1, 1, 7},
    {"1g.10gb+me",  7, 20, 1, 1,  9984,  14, 1, 1, 0, 1, 1,  1, 1, 7, Media::One},
    {"1g.20gb",     9, 15, 1, 4, 20096,  14, 1, 1, 0, 1, 0,  2, 2, 4},
    {"2g.20gb",     1, 14, 2, 3, 20096,  30, 2, 2, 0, 2, 0,  2, 2, 3},
    {"3g.40gb",     2,  9, 3, 2, 40448,  46, 3, 3, 0, 3, 0,  4, 4, 2},
    {"4g.40gb",     3,  5, 4, 1, 40448,  62, 4, 4, 0, 4, 0,  4, 4, 1},
    {"7g.80gb",     4,  0, 7, 1, 81152, 114, 8, 7, 0, 7, 1,  8, 8, 1},
};

constexpr GpuInstanceProfile h100_94gb[] = {
    {"1g.12gb",     0, 19, 1, 7, 11008,  16, 1, 1, 0, 1, 0,  1, 1, 7},
    {"1g.12gb+me",  7, 20, 1, 1, 11008,  16, 1, 1, 0, 1, 1,  1, 1, 7, Media::One},
    {"1g.24gb",     9, 15, 1, 4, 22144,  26, 1, 1, 0, 1, 0,  2, 2, 4},
    {"2g.24gb",     1, 14, 2, 3, 22144,  32, 2, 2, 0, 2, 0,  2, 2, 3},
    {"3g.47gb",     2,  9, 3, 2, 47488,  60, 3, 3, 0, 3, 0,  4, 4, 2},
    {"4g.47gb",     3,  5, 4, 1, 47488,  64, 4, 4, 0, 4, 0,  4, 4, 1},
    {"7g.94gb",     4,  0, 7, 1, 95360, 132, 8, 7, 0, 7, 1,  8, 8, 1},
};

constexpr GpuInstanceProfile h200_141gb[] = {
    {"1g.18gb",     0, 19, 1, 7,  16384,  16, 1, 1, 0, 1, 0,  1, 1, 7},
    {"1g.18gb+me",  7, 20, 1, 1,  16384,  16, 1, 1, 0, 1, 1,  1, 1, 7, Media::One},
    {"1g.35gb",     9, 15, 1, 4,  33024,  26, 1, 1, 0, 1, 0,  2, 2, 4},
    {"2g.35gb",     1, 14, 2, 3,  33024,  32, 2, 2, 0, 2, 0,  2, 2, 3},
    {"3g.71gb",     2,  9, 3, 2,  71168,  60, 3, 3, 0, 3, 0,  4, 4, 2},
    {"4g.71gb",     3,  5, 4, 1,  71168,  64, 4, 4, 0, 4, 0,  4, 4, 1},
    {"7g.141gb",    4,  0, 7, 1, 143360, 132, 8, 7, 0, 7, 1,  8, 8, 1},
};

constexpr GpuInstanceProfile rtx_pro_6000[] = {
    {"1g.24gb",         0, 14, 1, 4, 24192,  46, 1, 1, 1, 1, 0,  3,  3, 4},
    {"1g.24gb+me",      7, 21, 1, 1, 24192,  46, 1, 1, 1, 1, 1,  3,  3, 4, Media::One},
    {"1g.24gb+gfx",    10, 47, 1, 4, 24192,  46, 1, 1, 1, 1, 0,  3,  3, 4, Media::Plain, true},
    {"1g.24gb+me.all", 15, 65, 1, 1, 24192,  46, 1, 4, 4, 4, 1,  3,  3, 4, Media::All},
    {"1g.24gb-me",     13, 67, 1, 4, 24192,  46, 1, 0, 0, 0, 0,  3,  3, 4, Media::None},
    {"2g.48gb",         1,  5, 2, 2, 48512,  94, 2, 2, 2, 2, 0,  6,  6, 2},
    {"2g.48gb+gfx",    11, 35, 2, 2, 48512,  94, 2, 2, 2, 2, 0,  6,  6, 2, Media::Plain, true},
    {"2g.48gb+me.all", 16, 64, 2, 1, 48512,  94, 2, 4, 4, 4, 1,  6,  6, 2, Media::All},
    {"2g.48gb-me",     14, 66, 2, 2, 48512,  94, 2, 0, 0, 0, 0,  6,  6, 2, Media::None},
    {"4g.96gb",         3,  0, 4, 1, 97280, 188, 4, 4, 4, 4, 1, 12, 12, 1},
    {"4g.96gb+gfx",    12, 32, 4, 1, 97280, 188, 4, 4, 4, 4, 1, 12, 12, 1, Media::Plain, true},
};

// Sizes, clocks and power are the data sheets'.
constexpr Board all_boards[] = {
    {.name = "a100-40gb", .product = "NVIDIA A100-SXM4-40GB", .architecture = architecture::ampere, .brand = brand::nvidia,
     .cuda_major = 8, .cuda_minor = 0, .pci_device_id = 0x20B010DE, .pci_subsystem_id = 0x134F10DE, .memory_mib = 40960,
     .memory_slices = 8, .compute_slices = 7, .multiprocessors = 108, .cores_per_multiprocessor = 64,
     .nvlinks = 12, .nvlink_version = 5, .nvlink_mbps = 25781, .power_limit_w = 400, .idle_power_w = 55, .sm_clock_mhz = 1410,
     .memory_clock_mhz = 1215, .pcie_generation = 4, .mig_mode_survives_reboot = true, .profiles = a100_40gb, .caveat = ""},
    {.name = "a100-80gb", .product = "NVIDIA A100-SXM4-80GB", .architecture = architecture::ampere, .brand = brand::nvidia,
     .cuda_major = 8, .cuda_minor = 0, .pci_device_id = 0x20B210DE, .pci_subsystem_id = 0x147F10DE, .memory_mib = 81920,
     .memory_slices = 8, .compute_slices = 7, .multiprocessors = 108, .cores_per_multiprocessor = 64,
     .nvlinks = 12, .nvlink_version = 5, .nvlink_mbps = 25781, .power_limit_w = 400, .idle_power_w = 60, .sm_clock_mhz = 1410,
     .memory_clock_mhz = 1593, .pcie_generation = 4, .mig_mode_survives_reboot = true, .profiles = a100_80gb, .caveat = ""},
    {.name = "a30", .product = "NVIDIA A30", .architecture = architecture::ampere, .brand = brand::nvidia,
     .cuda_major = 8, .cuda_minor = 0, .pci_device_id = 0x20B710DE, .pci_subsystem_id = 0x153210DE, .memory_mib = 24576,
     .memory_slices = 4, .compute_slices = 4, .multiprocessors = 56, .cores_per_multiprocessor = 64,
     .nvlinks = 0, .nvlink_version = 0, .nvlink_mbps = 0, .power_limit_w = 165, .idle_power_w = 28, .sm_clock_mhz = 1440,
     .memory_clock_mhz = 1215, .pcie_generation = 4, .mig_mode_survives_reboot = true, .profiles = a30_24gb,
     .caveat = "that one media set serves both +me profiles is assumed"},
    {.name = "h100-80gb", .product = "NVIDIA H100 80GB HBM3", .architecture = architecture::hopper, .brand = brand::nvidia,
     .cuda_major = 9, .cuda_minor = 0, .pci_device_id = 0x233010DE, .pci_subsystem_id = 0x16C110DE, .memory_mib = 81559,
     .memory_slices = 8, .compute_slices = 7, .multiprocessors = 132, .cores_per_multiprocessor = 128,
     .nvlinks = 18, .nvlink_version = 6, .nvlink_mbps = 26562, .power_limit_w = 700, .idle_power_w = 70, .sm_clock_mhz = 1980,
     .memory_clock_mhz = 2619, .pcie_generation = 5, .mig_mode_survives_reboot = false, .profiles = h100_80gb, .caveat = ""},
    {.name = "h100-pcie", .product = "NVIDIA H100 PCIe", .architecture = architecture::hopper, .brand = brand::nvidia,
     .cuda_major = 9, .cuda_minor = 0, .pci_device_id = 0x233110DE, .pci_subsystem_id = 0x162610DE, .memory_mib = 81559,
     .memory_slices = 8, .compute_slices = 7, .multiprocessors = 114, .cores_per_multiprocessor = 128,
     .nvlinks = 0, .nvlink_version = 0, .nvlink_mbps = 0, .power_limit_w = 350, .idle_power_w = 46, .sm_clock_mhz = 1755,
     .memory_clock_mhz = 1593, .pcie_generation = 5, .mig_mode_survives_reboot = false, .profiles = h100_pcie,
     .caveat = "total memory is taken from the SXM board, multiprocessors of 1g.10gb from 1g.20gb"},
    {.name = "h100-94gb", .product = "NVIDIA H100 NVL", .architecture = architecture::hopper, .brand = brand::nvidia,
     .cuda_major = 9, .cuda_minor = 0, .pci_device_id = 0x232110DE, .pci_subsystem_id = 0x183910DE, .memory_mib = 95830,
     .memory_slices = 8, .compute_slices = 7, .multiprocessors = 132, .cores_per_multiprocessor = 128,
     .nvlinks = 0, .nvlink_version = 0, .nvlink_mbps = 0, .power_limit_w = 400, .idle_power_w = 60, .sm_clock_mhz = 1785,
     .memory_clock_mhz = 2619, .pcie_generation = 5, .mig_mode_survives_reboot = false, .profiles = h100_94gb,
     .caveat = "total memory is not from a capture"},
    {.name = "h200", .product = "NVIDIA H200", .architecture = architecture::hopper, .brand = brand::nvidia,
     .cuda_major = 9, .cuda_minor = 0, .pci_device_id = 0x233510DE, .pci_subsystem_id = 0x18BE10DE, .memory_mib = 143771,
     .memory_slices = 8, .compute_slices = 7, .multiprocessors = 132, .cores_per_multiprocessor = 128,
     .nvlinks = 18, .nvlink_version = 6, .nvlink_mbps = 26562, .power_limit_w = 700, .idle_power_w = 75, .sm_clock_mhz = 1980,
     .memory_clock_mhz = 3201, .pcie_generation = 5, .mig_mode_survives_reboot = false, .profiles = h200_141gb,
     .caveat = "placements by analogy with H100; total memory and the 7g row are not from a capture"},
    {.name = "rtx-pro-6000", .product = "NVIDIA RTX PRO 6000 Blackwell Server Edition", .architecture = architecture::blackwell,
     .brand = brand::nvidia_rtx,
     .cuda_major = 12, .cuda_minor = 0, .pci_device_id = 0x2BB510DE, .pci_subsystem_id = 0x204E10DE, .memory_mib = 97887,
     .memory_slices = 12, .compute_slices = 4, .multiprocessors = 188, .cores_per_multiprocessor = 128,
     .nvlinks = 0, .nvlink_version = 0, .nvlink_mbps = 0, .power_limit_w = 600, .idle_power_w = 35, .sm_clock_mhz = 2430,
     .memory_clock_mhz = 12481, .pcie_generation = 5, .mig_mode_survives_reboot = false, .profiles = rtx_pro_6000, .caveat = ""},
    {.name = "v100-16gb", .product = "Tesla V100-SXM2-16GB", .architecture = architecture::volta, .brand = brand::tesla,
     .cuda_major = 7, .cuda_minor = 0, .pci_device_id = 0x1DB110DE, .pci_subsystem_id = 0x121210DE, .memory_mib = 16384,
     .memory_slices = 0, .compute_slices = 0, .multiprocessors = 80, .cores_per_multiprocessor = 64,
     .nvlinks = 6, .nvlink_version = 2, .nvlink_mbps = 25781, .power_limit_w = 300, .idle_power_w = 40, .sm_clock_mhz = 1530,
     .memory_clock_mhz = 877, .pcie_generation = 3, .mig_mode_survives_reboot = false, .profiles = {}, .caveat = ""},
    {.name = "v100-32gb", .product = "Tesla V100-SXM2-32GB", .architecture = architecture::volta, .brand = brand::tesla,
     .cuda_major = 7, .cuda_minor = 0, .pci_device_id = 0x1DB510DE, .pci_subsystem_id = 0x124910DE, .memory_mib = 32768,
     .memory_slices = 0, .compute_slices = 0, .multiprocessors = 80, .cores_per_multiprocessor = 64,
     .nvlinks = 6, .nvlink_version = 2, .nvlink_mbps = 25781, .power_limit_w = 300, .idle_power_w = 42, .sm_clock_mhz = 1530,
     .memory_clock_mhz = 877, .pcie_generation = 3, .mig_mode_survives_reboot = false, .profiles = {}, .caveat = ""},
};
// clang-format on

constexpr std::string_view not_simulated[] = {"b200",        "b300",     "gb200",    "gb300",     "gh200",     "gh200-96gb",
                                              "gh200-144gb", "dgx-b200", "dgx-b300", "dgx-gb200", "dgx-gb300", "dgx-gh200"};

constexpr unsigned at_0[] = {0}, at_0_1[] = {0, 1}, at_0_2[] = {0, 2}, at_0_4[] = {0, 4}, at_0_1_2[] = {0, 1, 2}, at_0_2_4[] = {0, 2, 4},
                   at_0_to_3[] = {0, 1, 2, 3}, at_0_to_6[] = {0, 1, 2, 3, 4, 5, 6};
constexpr ComputeInstanceProfile in_1g[] = {{0, 1, at_0}};
constexpr ComputeInstanceProfile in_2g[] = {{0, 1, at_0_1}, {1, 2, at_0}};
constexpr ComputeInstanceProfile in_3g[] = {{0, 1, at_0_1_2}, {1, 2, at_0}, {2, 3, at_0}};
constexpr ComputeInstanceProfile in_4g[] = {{0, 1, at_0_to_3}, {1, 2, at_0_2}, {3, 4, at_0}};
constexpr ComputeInstanceProfile in_7g[] = {{0, 1, at_0_to_6}, {1, 2, at_0_2_4}, {2, 3, at_0_4}, {3, 4, at_0}, {4, 7, at_0}};

}  // namespace

std::span<Board const> boards() { return all_boards; }

Board const* find_board(std::string_view name) {
  for (Board const& board : all_boards)
    if (board.name == name) return &board;
  return nullptr;
}

std::span<std::string_view const> uncertain_boards() { return not_simulated; }

GpuInstanceProfile const* profile_by_index(Board const& board, unsigned index) {
  for (auto const& profile : board.profiles)
    if (profile.index == index) return &profile;
  return nullptr;
}

GpuInstanceProfile const* profile_by_id(Board const& board, unsigned id) {
  for (auto const& profile : board.profiles)
    if (profile.id == id) return &profile;
  return nullptr;
}

std::span<ComputeInstanceProfile const> compute_profiles(unsigned slices) {
  switch (slices) {
    case 1: return in_1g;
    case 2: return in_2g;
    case 3: return in_3g;
    case 4: return in_4g;
    case 7: return in_7g;
    default: return {};
  }
}

ComputeInstanceProfile const* compute_profile_by_id(unsigned slices, unsigned id) {
  for (auto const& profile : compute_profiles(slices))
    if (profile.id == id) return &profile;
  return nullptr;
}

unsigned multiprocessors_of(Board const& board, GpuInstanceProfile const& gpu_instance, ComputeInstanceProfile const& compute) {
  if (compute.slices == gpu_instance.slices) return gpu_instance.multiprocessors;
  return compute.slices * board.profiles.front().multiprocessors;
}

}  // namespace nav::nvmlsim
