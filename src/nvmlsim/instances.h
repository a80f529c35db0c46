// SPDX-License-Identifier: Apache-2.0
// What the calls about GPU instances, compute instances and MIG devices have in common.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "nvmlsim/rules.h"
#include "nvmlsim/session.h"

namespace nav::nvmlsim {

inline Device gpu_handle(View const& view) { return view.session.handle({.kind = Handle::Kind::Gpu, .gpu = view.index}); }

inline GpuInstanceHandle handle_of(View const& view, GpuInstance const& instance) {
  return view.session.handle({Handle::Kind::GpuInstance, view.index, instance.id, 0, instance.born});
}

inline ComputeInstanceHandle handle_of(View const& view, GpuInstance const& instance, ComputeInstance const& compute) {
  return view.session.handle({Handle::Kind::ComputeInstance, view.index, instance.id, compute.id, compute.born});
}

inline Device mig_device(View const& view, GpuInstance const& instance, ComputeInstance const& compute) {
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

inline Return may_configure(View const& view) { return view.session.file->is_writable() ? Return::Success : Return::NoPermission; }

/// Changes the GPU of `view` under the file's lock, if it is still as the caller's handles say.
template <class Change>
inline Return change_gpu(View const& view, Change change) {
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
inline bool is_refused(Gpu& gpu, Return& result, bool& keep) {
  if (gpu.refused_creations == 0) return false;
  --gpu.refused_creations;
  keep = true;
  result = gpu.refused_with;
  return true;
}

inline bool is_busy(Gpu& gpu, bool& keep) {
  if (gpu.busy_destroys == 0) return false;
  if (gpu.busy_destroys != 0xFFFFFFFFu) --gpu.busy_destroys;
  keep = true;
  return true;
}

/// As `nvidia-smi mig -lgip` prints profiles.
inline std::string nvml_name(char const* profile) { return std::string("MIG ") + profile; }

inline Return give_placements(std::vector<Placement> const& placements, Placement* buffer, unsigned* count) {
  if (!count) return Return::InvalidArgument;
  unsigned room = *count;
  *count = static_cast<unsigned>(placements.size());
  if (!buffer) return Return::Success;
  if (room < placements.size()) return Return::InsufficientSize;
  std::copy(placements.begin(), placements.end(), buffer);
  return Return::Success;
}

}  // namespace nav::nvmlsim
