// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "adapters/nvml_api.h"
#include "base/result.h"

namespace nav::nvml {

struct RemappedRows {
  unsigned corrected = 0;    ///< that spare ones stand for, after errors that were corrected
  unsigned uncorrected = 0;  ///< the same, after errors that were not
  unsigned pending = 0;      ///< not zero: one waits for a reset of the GPU
  unsigned failed = 0;       ///< not zero: for one there was no spare row any more
};

/// The driver's library, opened at run time: a machine without it is a machine without GPUs. The calls are those of NVML, thread-safe as theirs
/// are; one an older driver lacks answers function_not_found.
class Library {
 public:
  /// `path` may be a file, or empty for the system's libnvidia-ml.so.1. NotFound when there is none; Unavailable when there is, but
  /// no driver behind it; both with what to do.
  static Result<std::unique_ptr<Library>> open(std::string const& path);
  ~Library();
  Library(Library const&) = delete;
  Library& operator=(Library const&) = delete;

  Code (*init)() = nullptr;
  Code (*shutdown)() = nullptr;
  char const* (*error_string)(Code) = nullptr;
  Code (*driver_version)(char*, unsigned) = nullptr;
  Code (*device_count)(unsigned*) = nullptr;
  Code (*device_by_index)(unsigned, Device*) = nullptr;
  Code (*name)(Device, char*, unsigned) = nullptr;
  Code (*uuid)(Device, char*, unsigned) = nullptr;
  Code (*minor_number)(Device, unsigned*) = nullptr;
  Code (*pci)(Device, PciInfo*) = nullptr;
  Code (*memory)(Device, Memory*) = nullptr;
  Code (*architecture)(Device, unsigned*) = nullptr;
  Code (*nvlink_state)(Device, unsigned, unsigned*) = nullptr;
  Code (*nvlink_remote_type)(Device, unsigned, unsigned*) = nullptr;
  Code (*nvlink_remote_pci)(Device, unsigned, PciInfo*) = nullptr;
  Code (*compute_processes)(Device, unsigned*, ProcessInfo*) = nullptr;
  Code (*graphics_processes)(Device, unsigned*, ProcessInfo*) = nullptr;

  Code (*mig_mode)(Device, unsigned*, unsigned*) = nullptr;
  Code (*set_mig_mode)(Device, unsigned, Code*) = nullptr;
  Code (*profile_v1)(Device, unsigned, ProfileV1*) = nullptr;
  Code (*profile_v)(Device, unsigned, void*) = nullptr;
  Code (*possible_placements)(Device, unsigned, Span*, unsigned*) = nullptr;
  Code (*create_gpu_instance)(Device, unsigned, Span const*, GpuInstance*) = nullptr;
  Code (*gpu_instances)(Device, unsigned, GpuInstance*, unsigned*) = nullptr;
  Code (*destroy_gpu_instance)(GpuInstance) = nullptr;
  Code (*gpu_instance_info)(GpuInstance, GpuInstanceInfo*) = nullptr;
  Code (*compute_profile)(GpuInstance, unsigned, unsigned, ComputeProfile*) = nullptr;
  Code (*create_compute_instance)(GpuInstance, unsigned, ComputeInstance*) = nullptr;
  Code (*compute_instances)(GpuInstance, unsigned, ComputeInstance*, unsigned*) = nullptr;
  Code (*destroy_compute_instance)(ComputeInstance) = nullptr;
  Code (*compute_instance_info)(ComputeInstance, ComputeInstanceInfo*) = nullptr;
  Code (*max_mig_devices)(Device, unsigned*) = nullptr;
  Code (*mig_device)(Device, unsigned, Device*) = nullptr;
  Code (*gpu_instance_id)(Device, unsigned*) = nullptr;
  Code (*compute_instance_id)(Device, unsigned*) = nullptr;

  Code (*utilization)(Device, Utilization*) = nullptr;
  Code (*temperature)(Device, unsigned, unsigned*) = nullptr;
  Code (*power)(Device, unsigned*) = nullptr;
  Code (*energy)(Device, unsigned long long*) = nullptr;
  Code (*clock)(Device, unsigned, unsigned*) = nullptr;
  Code (*ecc_errors)(Device, unsigned, unsigned, unsigned long long*) = nullptr;
  Code (*remapped_rows)(Device, unsigned* corrected, unsigned* uncorrected, unsigned* pending, unsigned* failed) = nullptr;
  Code (*pcie_replays)(Device, unsigned*) = nullptr;
  Code (*field_values)(Device, int, FieldValue*) = nullptr;
  Code (*gpm_support)(Device, GpmSupport*) = nullptr;
  Code (*gpm_alloc)(GpmSample*) = nullptr;
  Code (*gpm_free)(GpmSample) = nullptr;
  Code (*gpm_sample)(Device, GpmSample) = nullptr;
  Code (*gpm_instance_sample)(Device, unsigned, GpmSample) = nullptr;
  Code (*gpm_metrics)(GpmRequest*) = nullptr;
  Code (*simulated_activity)(Device, unsigned, double*) = nullptr;  ///< the simulated driver's own

  Code (*event_set_create)(EventSet*) = nullptr;
  Code (*event_set_free)(EventSet) = nullptr;
  Code (*register_events)(Device, unsigned long long, EventSet) = nullptr;
  Code (*event_wait)(EventSet, EventData*, unsigned) = nullptr;

  /// Rows of a GPU's memory that went bad. Nothing before Ampere, and as long as instances are on the GPU.
  std::optional<RemappedRows> rows_of(Device device) const;
  /// The driver's own words: "In use by another client".
  std::string words(Code code) const;
  /// An error that says what was tried and what to do about it.
  Error error(Code code, std::string const& what) const;

 private:
  Library() = default;
  void* library_ = nullptr;
  bool is_initialised_ = false;
};

}  // namespace nav::nvml
