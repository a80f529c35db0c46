// SPDX-License-Identifier: Apache-2.0
#include "adapters/nvml_library.h"

#include <dlfcn.h>

#include <initializer_list>

namespace nav::nvml {

namespace {

template <class... Arguments>
Code absent(Arguments...) {
  return code::function_not_found;
}

/// The first of the names the library knows: newer forms are named first. One it does not know at all answers for itself.
template <class... Arguments>
void bind(void* library, Code (*&function)(Arguments...), std::initializer_list<char const*> names) {
  function = &absent<Arguments...>;
  for (char const* name : names)
    if (void* found = ::dlsym(library, name)) {
      function = reinterpret_cast<Code (*)(Arguments...)>(found);
      return;
    }
}

}  // namespace

Result<std::unique_ptr<Library>> Library::open(std::string const& path) {
  std::unique_ptr<Library> lib(new Library);
  // Never unmapped: a thread that waits for events may still be inside when the last user lets go.
  lib->library_ = ::dlopen(path.empty() ? "libnvidia-ml.so.1" : path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!lib->library_)
    return Unexpected(
        Error{ErrorKind::NotFound, fmt::format("no NVIDIA driver library: {}", ::dlerror()), "install the NVIDIA driver if this machine has a GPU", ""});
  void* l = lib->library_;
  bind(l, lib->init, {"nvmlInit_v2", "nvmlInit"});
  bind(l, lib->shutdown, {"nvmlShutdown"});
  lib->error_string = reinterpret_cast<char const* (*)(Code)>(::dlsym(l, "nvmlErrorString"));
  bind(l, lib->driver_version, {"nvmlSystemGetDriverVersion"});
  bind(l, lib->device_count, {"nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"});
  bind(l, lib->device_by_index, {"nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"});
  bind(l, lib->name, {"nvmlDeviceGetName"});
  bind(l, lib->uuid, {"nvmlDeviceGetUUID"});
  bind(l, lib->minor_number, {"nvmlDeviceGetMinorNumber"});
  bind(l, lib->pci, {"nvmlDeviceGetPciInfo_v3"});
  bind(l, lib->memory, {"nvmlDeviceGetMemoryInfo"});
  bind(l, lib->architecture, {"nvmlDeviceGetArchitecture"});
  bind(l, lib->nvlink_state, {"nvmlDeviceGetNvLinkState"});
  bind(l, lib->nvlink_remote_type, {"nvmlDeviceGetNvLinkRemoteDeviceType"});
  bind(l, lib->nvlink_remote_pci, {"nvmlDeviceGetNvLinkRemotePciInfo_v2"});
  bind(l, lib->compute_processes, {"nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2"});
  bind(l, lib->graphics_processes, {"nvmlDeviceGetGraphicsRunningProcesses_v3", "nvmlDeviceGetGraphicsRunningProcesses_v2"});
  bind(l, lib->mig_mode, {"nvmlDeviceGetMigMode"});
  bind(l, lib->set_mig_mode, {"nvmlDeviceSetMigMode"});
  bind(l, lib->profile_v1, {"nvmlDeviceGetGpuInstanceProfileInfo"});
  bind(l, lib->profile_v, {"nvmlDeviceGetGpuInstanceProfileInfoV"});
  bind(l, lib->possible_placements, {"nvmlDeviceGetGpuInstancePossiblePlacements_v2", "nvmlDeviceGetGpuInstancePossiblePlacements"});
  bind(l, lib->create_gpu_instance, {"nvmlDeviceCreateGpuInstanceWithPlacement"});
  bind(l, lib->gpu_instances, {"nvmlDeviceGetGpuInstances"});
  bind(l, lib->destroy_gpu_instance, {"nvmlGpuInstanceDestroy"});
  bind(l, lib->gpu_instance_info, {"nvmlGpuInstanceGetInfo"});
  bind(l, lib->compute_profile, {"nvmlGpuInstanceGetComputeInstanceProfileInfo"});
  bind(l, lib->create_compute_instance, {"nvmlGpuInstanceCreateComputeInstance"});
  bind(l, lib->compute_instances, {"nvmlGpuInstanceGetComputeInstances"});
  bind(l, lib->destroy_compute_instance, {"nvmlComputeInstanceDestroy"});
  bind(l, lib->compute_instance_info, {"nvmlComputeInstanceGetInfo_v2", "nvmlComputeInstanceGetInfo"});
  bind(l, lib->max_mig_devices, {"nvmlDeviceGetMaxMigDeviceCount"});
  bind(l, lib->mig_device, {"nvmlDeviceGetMigDeviceHandleByIndex"});
  bind(l, lib->gpu_instance_id, {"nvmlDeviceGetGpuInstanceId"});
  bind(l, lib->compute_instance_id, {"nvmlDeviceGetComputeInstanceId"});
  bind(l, lib->utilization, {"nvmlDeviceGetUtilizationRates"});
  bind(l, lib->temperature, {"nvmlDeviceGetTemperature"});
  bind(l, lib->power, {"nvmlDeviceGetPowerUsage"});
  bind(l, lib->energy, {"nvmlDeviceGetTotalEnergyConsumption"});
  bind(l, lib->clock, {"nvmlDeviceGetClockInfo"});
  bind(l, lib->ecc_errors, {"nvmlDeviceGetTotalEccErrors"});
  bind(l, lib->remapped_rows, {"nvmlDeviceGetRemappedRows"});
  bind(l, lib->pcie_replays, {"nvmlDeviceGetPcieReplayCounter"});
  bind(l, lib->field_values, {"nvmlDeviceGetFieldValues"});
  bind(l, lib->gpm_support, {"nvmlGpmQueryDeviceSupport"});
  bind(l, lib->gpm_alloc, {"nvmlGpmSampleAlloc"});
  bind(l, lib->gpm_free, {"nvmlGpmSampleFree"});
  bind(l, lib->gpm_sample, {"nvmlGpmSampleGet"});
  bind(l, lib->gpm_instance_sample, {"nvmlGpmMigSampleGet"});
  bind(l, lib->gpm_metrics, {"nvmlGpmMetricsGet"});
  bind(l, lib->simulated_activity, {"nvmlSimulatedActivity"});
  bind(l, lib->event_set_create, {"nvmlEventSetCreate"});
  bind(l, lib->event_set_free, {"nvmlEventSetFree"});
  bind(l, lib->register_events, {"nvmlDeviceRegisterEvents"});
  bind(l, lib->event_wait, {"nvmlEventSetWait_v2"});

  if (Code const c = lib->init(); c != code::success) {
    Error error = lib->error(c, "open the NVIDIA driver");
    if (c == code::driver_not_loaded) error.hint = "load the driver's kernel module: run nvidia-smi as root and read what it says";
    error.kind = ErrorKind::Unavailable;
    return Unexpected(std::move(error));
  }
  lib->is_initialised_ = true;
  return lib;
}

Library::~Library() {
  if (is_initialised_) shutdown();
  if (library_) ::dlclose(library_);
}

std::optional<RemappedRows> Library::rows_of(Device device) const {
  RemappedRows rows;
  if (remapped_rows(device, &rows.corrected, &rows.uncorrected, &rows.pending, &rows.failed) != code::success) return {};
  return rows;
}

std::string Library::words(Code c) const {
  char const* text = error_string ? error_string(c) : nullptr;
  return text ? fmt::format("{} (NVML {})", text, c) : fmt::format("NVML error {}", c);
}

Error Library::error(Code c, std::string const& what) const {
  Error error{ErrorKind::Unavailable, fmt::format("{}: {}", what, words(c)), {}, {}};
  switch (c) {
    case code::no_permission:
      error.kind = ErrorKind::Forbidden;
      error.hint = "run the agent as root: MIG is configured by administrators alone";
      break;
    case code::gpu_is_lost:
      error.kind = ErrorKind::NotFound;
      error.hint = "the GPU has fallen off the bus: look at the kernel's log (dmesg), then restart the machine";
      break;
    case code::not_found: error.kind = ErrorKind::NotFound; break;
    case code::not_supported:
    case code::function_not_found: error.kind = ErrorKind::Unsupported; break;
    case code::in_use: error.kind = ErrorKind::Conflict; break;
    case code::insufficient_resources:
      error.kind = ErrorKind::Conflict;
      error.hint = "something else takes the room: nvidia-smi mig -lgi shows what";
      break;
    case code::timeout: error.kind = ErrorKind::Timeout; break;
    case code::invalid_argument:
    case code::version_mismatch: error.kind = ErrorKind::Internal; break;
    default: break;
  }
  return error;
}

}  // namespace nav::nvml
