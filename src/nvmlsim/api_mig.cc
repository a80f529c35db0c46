// SPDX-License-Identifier: Apache-2.0
// NVML: MIG mode and GPU instances.
#include <cstring>

#include "nvmlsim/instances.h"

using namespace nav::nvmlsim;

namespace {

using Of = Call::Of;

template <class Info>
void fill(Info& info, GpuInstanceProfile const& profile) {
  info.id = profile.id;
  info.slices = profile.slices;
  info.instances = profile.instances;
  info.multiprocessors = profile.multiprocessors;
  info.copy_engines = profile.copy_engines;
  info.decoders = profile.decoders;
  info.encoders = profile.encoders;
  info.jpeg_engines = profile.jpeg_engines;
  info.ofa_engines = profile.ofa_engines;
  info.memory_mib = profile.memory_mib;
}

Return possible_placements(Device device, unsigned profile_id, Placement* placements, unsigned* count) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (view.board.profiles.empty()) return Return::NotSupported;
    GpuInstanceProfile const* profile = profile_by_id(view.board, profile_id);
    if (!profile) return Return::InvalidArgument;
    return give_placements(placements_of(*profile), placements, count);
  });
}

Return give_profile(View const& view, GpuInstanceProfile const* profile, void* info) {
  if (!info) return Return::InvalidArgument;
  // Until Hopper the versioned query works with MIG on alone; field value 199 says which kind a GPU is of.
  if (view.board.mig_mode_survives_reboot && !view.gpu.mig) return Return::NotSupported;
  if (!profile) return Return::NotSupported;
  unsigned version;
  std::memcpy(&version, info, sizeof version);
  if (version == versioned<GpuInstanceProfileInfoV2>(2)) {
    auto& v2 = *static_cast<GpuInstanceProfileInfoV2*>(info);
    fill(v2, *profile);
    v2.is_p2p_supported = 0;
    return give_text(nvml_name(profile->name), v2.name, sizeof v2.name);
  }
  if (version == versioned<GpuInstanceProfileInfoV3>(3)) {
    auto& v3 = *static_cast<GpuInstanceProfileInfoV3*>(info);
    fill(v3, *profile);
    v3.capabilities = profile->graphics ? 2 : 0;
    return give_text(nvml_name(profile->name), v3.name, sizeof v3.name);
  }
  return Return::ArgumentVersionMismatch;
}

Return create_gpu_instance_on(Device device, unsigned profile_id, std::optional<Placement> placement, GpuInstanceHandle* made) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!made) return Return::InvalidArgument;
    if (view.board.profiles.empty() || !view.gpu.mig) return Return::NotSupported;
    unsigned id = 0;
    std::uint64_t born = 0;
    Return result = change_gpu(view, [&](NodeState& state, Gpu& gpu, bool& keep) {
      Return refused;
      if (is_refused(gpu, refused, keep)) return refused;
      born = ++state.births;
      return create_gpu_instance(view.board, gpu, profile_id, placement, born, id);
    });
    if (result == Return::Success) *made = view.session.handle({Handle::Kind::GpuInstance, view.index, id, 0, born});
    return result;
  });
}

}  // namespace

NVML_CALL nvmlDeviceGetMigMode(Device device, unsigned* current, unsigned* pending) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!current || !pending) return Return::InvalidArgument;
    if (view.board.profiles.empty()) return Return::NotSupported;
    *current = view.gpu.mig;
    *pending = view.gpu.mig_pending;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceSetMigMode(Device device, unsigned mode, Return* activation) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!activation || mode > 1) return Return::InvalidArgument;
    if (view.board.profiles.empty()) return Return::NotSupported;
    bool used = view.session.is_used(view.state, view.index, no_instance, no_instance);
    return change_gpu(view, [&](NodeState&, Gpu& gpu, bool&) {
      bool has_instances = false;
      for (auto const& instance : gpu.instances) has_instances |= instance.exists;
      gpu.mig_pending = mode == 1;
      *activation = Return::Success;
      if (gpu.mig_pending == gpu.mig) return Return::Success;
      // The mode waits for a reset while anybody is on the GPU; the call itself succeeds all the same.
      if (used || has_instances) *activation = Return::InUse;
      else if (view.board.mig_mode_survives_reboot) reset(gpu);  // until Hopper an idle GPU is reset to bring the mode in
      else gpu.mig = gpu.mig_pending;
      return Return::Success;
    });
  });
}

NVML_CALL nvmlDeviceGetGpuInstanceProfileInfo(Device device, unsigned index, GpuInstanceProfileInfo* info) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!info || index >= 0x12) return Return::InvalidArgument;
    GpuInstanceProfile const* profile = profile_by_index(view.board, index);
    if (!profile) return Return::NotSupported;
    fill(*info, *profile);
    info->is_p2p_supported = 0;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetGpuInstanceProfileInfoV(Device device, unsigned index, void* info) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (index >= 0x12) return Return::InvalidArgument;
    return give_profile(view, profile_by_index(view.board, index), info);
  });
}

NVML_CALL nvmlDeviceGetGpuInstanceProfileInfoByIdV(Device device, unsigned id, void* info) {
  return on(device, Of::Gpu, [&](View const& view) { return give_profile(view, profile_by_id(view.board, id), info); });
}

NVML_CALL nvmlDeviceGetGpuInstancePossiblePlacements(Device device, unsigned profile_id, Placement* placements, unsigned* count) {
  return possible_placements(device, profile_id, placements, count);
}
NVML_CALL nvmlDeviceGetGpuInstancePossiblePlacements_v2(Device device, unsigned profile_id, Placement* placements, unsigned* count) {
  return possible_placements(device, profile_id, placements, count);
}

NVML_CALL nvmlDeviceGetGpuInstanceRemainingCapacity(Device device, unsigned profile_id, unsigned* count) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!count) return Return::InvalidArgument;
    if (!view.gpu.mig) return Return::NotSupported;
    GpuInstanceProfile const* profile = profile_by_id(view.board, profile_id);
    if (!profile) return Return::InvalidArgument;
    *count = remaining_capacity(view.board, view.gpu, *profile);
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceCreateGpuInstance(Device device, unsigned profile_id, GpuInstanceHandle* made) {
  return create_gpu_instance_on(device, profile_id, std::nullopt, made);
}

NVML_CALL nvmlDeviceCreateGpuInstanceWithPlacement(Device device, unsigned profile_id, Placement const* placement, GpuInstanceHandle* made) {
  if (!placement) return Return::InvalidArgument;
  return create_gpu_instance_on(device, profile_id, *placement, made);
}

NVML_CALL nvmlGpuInstanceDestroy(GpuInstanceHandle handle) {
  return on(handle, Of::GpuInstance, [&](View const& view) {
    unsigned id = view.instance->id;
    std::uint64_t born = view.instance->born;
    bool used = view.session.is_used(view.state, view.index, id, no_instance);
    return change_gpu(view, [&](NodeState&, Gpu& gpu, bool& keep) {
      if (is_busy(gpu, keep) || used) return Return::InUse;
      GpuInstance& instance = gpu.instances[id];
      if (!instance.exists || instance.born != born) return Return::NotFound;
      return destroy_gpu_instance(instance);
    });
  });
}

NVML_CALL nvmlDeviceGetGpuInstances(Device device, unsigned profile_id, GpuInstanceHandle* instances, unsigned* count) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!instances || !count) return Return::InvalidArgument;
    if (!view.gpu.mig) return Return::NotSupported;
    if (!profile_by_id(view.board, profile_id)) return Return::InvalidArgument;
    if (Return refused = may_configure(view); refused != Return::Success) return refused;
    *count = 0;
    for (auto const& instance : view.gpu.instances)
      if (instance.exists && instance.profile_id == profile_id) instances[(*count)++] = handle_of(view, instance);
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetGpuInstanceById(Device device, unsigned id, GpuInstanceHandle* instance) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!instance) return Return::InvalidArgument;
    if (!view.gpu.mig) return Return::NotSupported;
    if (id >= max_gpu_instances || !view.gpu.instances[id].exists) return Return::NotFound;
    *instance = handle_of(view, view.gpu.instances[id]);
    return Return::Success;
  });
}

NVML_CALL nvmlGpuInstanceGetInfo(GpuInstanceHandle handle, GpuInstanceInfo* info) {
  return on(handle, Of::GpuInstance, [&](View const& view) {
    if (!info) return Return::InvalidArgument;
    *info = {
        .device = gpu_handle(view), .id = view.instance->id, .profile_id = view.instance->profile_id, .placement = {view.instance->start, view.instance->size}};
    return Return::Success;
  });
}
