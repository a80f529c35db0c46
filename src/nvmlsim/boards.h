// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace nav::nvmlsim {

/// Which of the media engines (video, JPEG, optical flow) a profile takes along.
enum class Media : std::uint8_t {
  Plain,
  One,   ///< "+me": the extra set of which a GPU has one
  All,   ///< "+me.all": every set, so that only "-me" profiles fit beside it
  None,  ///< "-me"
};

/// A way to cut a GPU instance. Placements are `placements` many of `size` memory slices each, `step` apart from slice 0.
struct GpuInstanceProfile {
  char const* name;    ///< 1g.5gb
  unsigned index;      ///< NVML_GPU_INSTANCE_PROFILE_*, what profile info is asked by
  unsigned id;         ///< what creating, placements and capacity are asked by
  unsigned slices;     ///< compute slices
  unsigned instances;  ///< at most so many on one GPU
  unsigned memory_mib;
  unsigned multiprocessors;
  unsigned copy_engines, decoders, encoders, jpeg_engines, ofa_engines;
  unsigned size, step, placements;  ///< in memory slices
  Media media = Media::Plain;
  bool graphics = false;
};

/// A way to cut a compute instance within a GPU instance of some number of slices; the id is also NVML_COMPUTE_INSTANCE_PROFILE_*.
struct ComputeInstanceProfile {
  unsigned id, slices;
  std::span<unsigned const> starts;
};

/// A GPU model as its driver reports it. Boards without `profiles` know no MIG.
struct Board {
  std::string_view name;  ///< a100-40gb
  char const* product;    ///< what nvmlDeviceGetName answers
  unsigned architecture;  ///< NVML_DEVICE_ARCH_*
  unsigned brand;
  int cuda_major, cuda_minor;  ///< compute capability
  unsigned pci_device_id;      ///< device << 16 | vendor
  unsigned pci_subsystem_id;
  unsigned memory_mib;
  unsigned memory_slices, compute_slices;
  unsigned multiprocessors;  ///< of the whole GPU outside MIG
  unsigned cores_per_multiprocessor;
  unsigned nvlinks, nvlink_version, nvlink_mbps;
  unsigned power_limit_w, idle_power_w, sm_clock_mhz, memory_clock_mhz, pcie_generation;
  bool mig_mode_survives_reboot;  ///< Ampere keeps it in its InfoROM; later boards hold it while the module is loaded
  std::span<GpuInstanceProfile const> profiles;
  std::string_view caveat;  ///< what about its numbers is not from a real capture; empty where all is
};

/// Boards that may be simulated.
std::span<Board const> boards();
Board const* find_board(std::string_view name);

/// Boards known by name whose numbers are not known well enough to answer with.
std::span<std::string_view const> uncertain_boards();

GpuInstanceProfile const* profile_by_index(Board const&, unsigned index);
GpuInstanceProfile const* profile_by_id(Board const&, unsigned id);

/// Compute profiles inside a GPU instance of `slices` compute slices.
std::span<ComputeInstanceProfile const> compute_profiles(unsigned slices);
ComputeInstanceProfile const* compute_profile_by_id(unsigned slices, unsigned id);

/// A compute instance that fills its GPU instance has all its multiprocessors; a smaller one as many as single slices have.
unsigned multiprocessors_of(Board const&, GpuInstanceProfile const&, ComputeInstanceProfile const&);

}  // namespace nav::nvmlsim
