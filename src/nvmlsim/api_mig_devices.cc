// SPDX-License-Identifier: Apache-2.0
// NVML: MIG devices, what CUDA sees of a compute instance.
#include "nvmlsim/instances.h"

using namespace nav::nvmlsim;

namespace {

using Of = Call::Of;

Return give_attributes(Device device, DeviceAttributes* attributes) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    if (!attributes) return Return::InvalidArgument;
    if (!view.is_mig_device()) return Return::NotSupported;
    GpuInstanceProfile const& profile = view.profile();
    *attributes = {.multiprocessors = multiprocessors_of(view.board, profile, view.compute_profile()),
                   .copy_engines = profile.copy_engines,
                   .decoders = profile.decoders,
                   .encoders = profile.encoders,
                   .jpeg_engines = profile.jpeg_engines,
                   .ofa_engines = profile.ofa_engines,
                   .gpu_instance_slices = profile.slices,
                   .compute_instance_slices = view.compute_profile().slices,
                   .memory_mib = profile.memory_mib};
    return Return::Success;
  });
}

}  // namespace

NVML_CALL nvmlDeviceIsMigDeviceHandle(Device device, unsigned* is_mig) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    if (!is_mig) return Return::InvalidArgument;
    *is_mig = view.is_mig_device();
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetGpuInstanceId(Device device, unsigned* id) {
  return on(device, Of::MigDevice, [&](View const& view) {
    if (!id) return Return::InvalidArgument;
    *id = view.instance->id;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetComputeInstanceId(Device device, unsigned* id) {
  return on(device, Of::MigDevice, [&](View const& view) {
    if (!id) return Return::InvalidArgument;
    *id = view.compute->id;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetMaxMigDeviceCount(Device device, unsigned* count) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!count) return Return::InvalidArgument;
    *count = view.gpu.mig ? view.board.compute_slices : 0;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetMigDeviceHandleByIndex(Device device, unsigned index, Device* mig) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!mig) return Return::InvalidArgument;
    if (!view.gpu.mig) return Return::NotSupported;
    if (index >= view.board.compute_slices) return Return::InvalidArgument;
    Return result = Return::NotFound;
    each_mig_device(view, [&](unsigned at, GpuInstance const& instance, ComputeInstance const& compute) {
      if (at != index) return;
      *mig = mig_device(view, instance, compute);
      result = Return::Success;
    });
    return result;
  });
}

NVML_CALL nvmlDeviceGetDeviceHandleFromMigDeviceHandle(Device device, Device* parent) {
  return on(device, Of::MigDevice, [&](View const& view) {
    if (!parent) return Return::InvalidArgument;
    *parent = gpu_handle(view);
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetIndex(Device device, unsigned* index) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    if (!index) return Return::InvalidArgument;
    *index = view.index;
    if (view.is_mig_device())
      each_mig_device(view, [&](unsigned at, GpuInstance const& instance, ComputeInstance const& compute) {
        if (&instance == view.instance && &compute == view.compute) *index = at;
      });
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetAttributes(Device device, DeviceAttributes* attributes) { return give_attributes(device, attributes); }
NVML_CALL nvmlDeviceGetAttributes_v2(Device device, DeviceAttributes* attributes) { return give_attributes(device, attributes); }
