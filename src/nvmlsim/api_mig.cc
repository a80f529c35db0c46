// SPDX-License-Identifier: Apache-2.0
// NVML: MIG mode, GPU instances, compute instances, MIG devices.
#include <cstdio>
#include <cstring>

#include "nvmlsim/identity.h"
#include "nvmlsim/rules.h"
#include "nvmlsim/session.h"

using namespace nav::nvmlsim;

namespace {

using Of = Call::Of;

Device gpu_handle(View const& view) { return view.session.handle({.kind = Handle::Kind::Gpu, .gpu = view.index}); }

GpuInstanceHandle handle_of(View const& view, GpuInstance const& instance) {
  return view.session.handle({Handle::Kind::GpuInstance, view.index, instance.id, 0, instance.born});
}

ComputeInstanceHandle handle_of(View const& view, GpuInstance const& instance, ComputeInstance const& compute) {
  return view.session.handle({Handle::Kind::ComputeInstance, view.index, instance.id, compute.id, compute.born});
}

Device mig_device(View const& view, GpuInstance const& instance, ComputeInstance const& compute) {
  return view.session.handle({Handle::Kind::MigDevice, view.index, instance.id, compute.id, compute.born});
}

/// Compute instances of a GPU in the order of their MIG device index: by instance ids, without holes.
template <class Body>
void each_mig_device(View const& view, Body body) {
  unsigned index = 0;
  for (auto const& instance : view.gpu.instances)
    for (auto const& compute : instance.compute)
      if (instance.exists && compute.exists) body(index++, instance, compute);
}

Return may_configure(View const& view) { return view.session.file->is_writable() ? Return::Success : Return::NoPermission; }

/// Changes the GPU of `view` under the file's lock, if it is still as the caller's handles say.
template <class Change>
Return change_gpu(View const& view, Change change) {
  if (Return refused = may_configure(view); refused != Return::Success) return refused;
  Return result = Return::Unknown;
  unsigned index = view.index;
  view.session.file->update([&](NodeState& state) {
    Gpu& gpu = state.gpus[index];
    if (gpu.lost) {
      result = Return::GpuIsLost;
      return false;
    }
    bool keep = false;
    result = change(state, gpu, keep);
    return keep || result == Return::Success;
  });
  return result;
}

/// The refusals that a test has ordered; counting one down is itself a change to keep.
bool is_refused(Gpu& gpu, Return& result, bool& keep) {
  if (gpu.refused_creations == 0) return false;
  --gpu.refused_creations;
  keep = true;
  result = gpu.refused_with;
  return true;
}

bool is_busy(Gpu& gpu, bool& keep) {
  if (gpu.busy_destroys == 0) return false;
  if (gpu.busy_destroys != 0xFFFFFFFFu) --gpu.busy_destroys;
  keep = true;
  return true;
}

std::string nvml_name(char const* profile) { return std::string("MIG ") + profile; }

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

template <class Info>
void fill(Info& info, View const& view, GpuInstanceProfile const& parent, ComputeInstanceProfile const& profile) {
  info.id = profile.id;
  info.slices = profile.slices;
  info.instances = static_cast<unsigned>(profile.starts.size());
  info.multiprocessors = multiprocessors_of(view.board, parent, profile);
  info.copy_engines = parent.copy_engines;
  info.decoders = parent.decoders;
  info.encoders = parent.encoders;
  info.jpeg_engines = parent.jpeg_engines;
  info.ofa_engines = parent.ofa_engines;
}

Return give_placements(std::vector<Placement> const& placements, Placement* buffer, unsigned* count) {
  if (!count) return Return::InvalidArgument;
  unsigned room = *count;
  *count = static_cast<unsigned>(placements.size());
  if (!buffer) return Return::Success;
  if (room < placements.size()) return Return::InsufficientSize;
  std::copy(placements.begin(), placements.end(), buffer);
  return Return::Success;
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
    // A process that holds the whole GPU, not one of its instances.
    bool held = false;
    for (Use const& use : view.session.uses(view.state, Session::Look::Fresh)) held |= use.gpu == view.index && use.gpu_instance == no_instance;
    unsigned id = 0;
    std::uint64_t born = 0;
    Return result = change_gpu(view, [&](NodeState& state, Gpu& gpu, bool& keep) {
      Return refused;
      if (is_refused(gpu, refused, keep)) return refused;
      if (held) return Return::InUse;
      born = ++state.births;
      return create_gpu_instance(view.board, gpu, profile_id, placement, born, id);
    });
    if (result == Return::Success) *made = view.session.handle({Handle::Kind::GpuInstance, view.index, id, 0, born});
    return result;
  });
}

Return create_compute_instance_in(GpuInstanceHandle parent, unsigned profile_id, std::optional<Placement> placement,
                                  ComputeInstanceHandle* made) {
  return on(parent, Of::GpuInstance, [&](View const& view) {
    if (!made) return Return::InvalidArgument;
    unsigned id = 0;
    std::uint64_t born = 0;
    unsigned gpu_instance = view.instance->id;
    std::uint64_t parent_born = view.instance->born;
    Return result = change_gpu(view, [&](NodeState& state, Gpu& gpu, bool& keep) {
      Return refused;
      if (is_refused(gpu, refused, keep)) return refused;
      GpuInstance& instance = gpu.instances[gpu_instance];
      if (!instance.exists || instance.born != parent_born) return Return::NotFound;
      born = ++state.births;
      return create_compute_instance(view.board, instance, profile_id, placement, born, id);
    });
    if (result == Return::Success) *made = view.session.handle({Handle::Kind::ComputeInstance, view.index, gpu_instance, id, born});
    return result;
  });
}

Return describe_compute_instance(ComputeInstanceHandle handle, ComputeInstanceInfo* info) {
  return on(handle, Of::ComputeInstance, [&](View const& view) {
    if (!info) return Return::InvalidArgument;
    *info = {.device = mig_device(view, *view.instance, *view.compute),
             .gpu_instance = handle_of(view, *view.instance),
             .id = view.compute->id,
             .profile_id = view.compute->profile_id,
             .placement = {view.compute->start, view.compute->size}};
    return Return::Success;
  });
}

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
      if (used || has_instances)
        *activation = Return::InUse;
      else
        reset(gpu);
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

NVML_CALL nvmlDeviceCreateGpuInstanceWithPlacement(Device device, unsigned profile_id, Placement const* placement,
                                                   GpuInstanceHandle* made) {
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
    *info = {.device = gpu_handle(view),
             .id = view.instance->id,
             .profile_id = view.instance->profile_id,
             .placement = {view.instance->start, view.instance->size}};
    return Return::Success;
  });
}

NVML_CALL nvmlGpuInstanceGetComputeInstanceProfileInfo(GpuInstanceHandle handle, unsigned profile_id, unsigned engines,
                                                       ComputeInstanceProfileInfo* info) {
  return on(handle, Of::GpuInstance, [&](View const& view) {
    if (!info || profile_id >= 9 || engines != 0) return Return::InvalidArgument;
    ComputeInstanceProfile const* profile = compute_profile_by_id(view.profile().slices, profile_id);
    if (!profile) return Return::NotSupported;
    fill(*info, view, view.profile(), *profile);
    return Return::Success;
  });
}

NVML_CALL nvmlGpuInstanceGetComputeInstanceProfileInfoV(GpuInstanceHandle handle, unsigned profile_id, unsigned engines, void* info) {
  return on(handle, Of::GpuInstance, [&](View const& view) {
    if (!info || profile_id >= 9 || engines != 0) return Return::InvalidArgument;
    ComputeInstanceProfile const* profile = compute_profile_by_id(view.profile().slices, profile_id);
    if (!profile) return Return::NotSupported;
    std::string name = nvml_name(view.profile().name);
    if (profile->slices != view.profile().slices) name = "MIG " + std::to_string(profile->slices) + "c." + view.profile().name;
    unsigned version;
    std::memcpy(&version, info, sizeof version);
    if (version == versioned<ComputeInstanceProfileInfoV2>(2)) {
      auto& v2 = *static_cast<ComputeInstanceProfileInfoV2*>(info);
      fill(v2, view, view.profile(), *profile);
      return give_text(name, v2.name, sizeof v2.name);
    }
    if (version == versioned<ComputeInstanceProfileInfoV3>(3)) {
      auto& v3 = *static_cast<ComputeInstanceProfileInfoV3*>(info);
      fill(v3, view, view.profile(), *profile);
      v3.capabilities = view.profile().graphics ? 1 : 0;
      return give_text(name, v3.name, sizeof v3.name);
    }
    return Return::ArgumentVersionMismatch;
  });
}

NVML_CALL nvmlGpuInstanceGetComputeInstancePossiblePlacements(GpuInstanceHandle handle, unsigned profile_id, Placement* placements,
                                                              unsigned* count) {
  return on(handle, Of::GpuInstance, [&](View const& view) {
    ComputeInstanceProfile const* profile = compute_profile_by_id(view.profile().slices, profile_id);
    if (!profile) return Return::InvalidArgument;
    return give_placements(placements_of(*profile), placements, count);
  });
}

NVML_CALL nvmlGpuInstanceGetComputeInstanceRemainingCapacity(GpuInstanceHandle handle, unsigned profile_id, unsigned* count) {
  return on(handle, Of::GpuInstance, [&](View const& view) {
    if (!count) return Return::InvalidArgument;
    ComputeInstanceProfile const* profile = compute_profile_by_id(view.profile().slices, profile_id);
    if (!profile) return Return::InvalidArgument;
    *count = remaining_capacity(view.profile(), *view.instance, *profile);
    return Return::Success;
  });
}

NVML_CALL nvmlGpuInstanceCreateComputeInstance(GpuInstanceHandle handle, unsigned profile_id, ComputeInstanceHandle* made) {
  return create_compute_instance_in(handle, profile_id, std::nullopt, made);
}

NVML_CALL nvmlGpuInstanceCreateComputeInstanceWithPlacement(GpuInstanceHandle handle, unsigned profile_id, Placement const* placement,
                                                            ComputeInstanceHandle* made) {
  if (!placement) return Return::InvalidArgument;
  return create_compute_instance_in(handle, profile_id, *placement, made);
}

NVML_CALL nvmlComputeInstanceDestroy(ComputeInstanceHandle handle) {
  return on(handle, Of::ComputeInstance, [&](View const& view) {
    unsigned gpu_instance = view.instance->id, id = view.compute->id;
    std::uint64_t born = view.compute->born;
    bool used = view.session.is_used(view.state, view.index, gpu_instance, id);
    return change_gpu(view, [&](NodeState&, Gpu& gpu, bool& keep) {
      if (is_busy(gpu, keep) || used) return Return::InUse;
      ComputeInstance& compute = gpu.instances[gpu_instance].compute[id];
      if (!compute.exists || compute.born != born) return Return::NotFound;
      compute = {};
      return Return::Success;
    });
  });
}

NVML_CALL nvmlGpuInstanceGetComputeInstances(GpuInstanceHandle handle, unsigned profile_id, ComputeInstanceHandle* instances,
                                             unsigned* count) {
  return on(handle, Of::GpuInstance, [&](View const& view) {
    if (!instances || !count) return Return::InvalidArgument;
    if (Return refused = may_configure(view); refused != Return::Success) return refused;
    *count = 0;
    for (auto const& compute : view.instance->compute)
      if (compute.exists && compute.profile_id == profile_id) instances[(*count)++] = handle_of(view, *view.instance, compute);
    return Return::Success;
  });
}

NVML_CALL nvmlGpuInstanceGetComputeInstanceById(GpuInstanceHandle handle, unsigned id, ComputeInstanceHandle* instance) {
  return on(handle, Of::GpuInstance, [&](View const& view) {
    if (!instance) return Return::InvalidArgument;
    if (id >= max_compute_instances || !view.instance->compute[id].exists) return Return::NotFound;
    *instance = handle_of(view, *view.instance, view.instance->compute[id]);
    return Return::Success;
  });
}

NVML_CALL nvmlComputeInstanceGetInfo(ComputeInstanceHandle handle, ComputeInstanceInfo* info) {
  return describe_compute_instance(handle, info);
}
NVML_CALL nvmlComputeInstanceGetInfo_v2(ComputeInstanceHandle handle, ComputeInstanceInfo* info) {
  return describe_compute_instance(handle, info);
}

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
