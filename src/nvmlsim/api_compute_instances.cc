// SPDX-License-Identifier: Apache-2.0
// NVML: compute instances, the parts of a GPU instance.
#include <cstring>

#include "nvmlsim/instances.h"

using namespace nav::nvmlsim;

namespace {

using Of = Call::Of;

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

Return create_compute_instance_in(GpuInstanceHandle parent, unsigned profile_id, std::optional<Placement> placement, ComputeInstanceHandle* made) {
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

}  // namespace

NVML_CALL nvmlGpuInstanceGetComputeInstanceProfileInfo(GpuInstanceHandle handle, unsigned profile_id, unsigned engines, ComputeInstanceProfileInfo* info) {
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

NVML_CALL nvmlGpuInstanceGetComputeInstancePossiblePlacements(GpuInstanceHandle handle, unsigned profile_id, Placement* placements, unsigned* count) {
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

NVML_CALL nvmlGpuInstanceGetComputeInstances(GpuInstanceHandle handle, unsigned profile_id, ComputeInstanceHandle* instances, unsigned* count) {
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

NVML_CALL nvmlComputeInstanceGetInfo(ComputeInstanceHandle handle, ComputeInstanceInfo* info) { return describe_compute_instance(handle, info); }
NVML_CALL nvmlComputeInstanceGetInfo_v2(ComputeInstanceHandle handle, ComputeInstanceInfo* info) { return describe_compute_instance(handle, info); }
