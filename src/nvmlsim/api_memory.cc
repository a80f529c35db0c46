// SPDX-License-Identifier: Apache-2.0
// NVML: memory, and the processes that hold it.
#include <algorithm>
#include <vector>

#include "nvmlsim/activity.h"

using namespace nav::nvmlsim;

namespace {

using Of = Call::Of;
constexpr unsigned long long mib = 1024 * 1024;
constexpr unsigned long long reserved_mib = 424;  // what the driver keeps of a whole GPU for itself

/// Uses that count for the device of this view: its own instance's, or everything on the GPU.
std::vector<Use> uses_on(View const& view) {
  std::vector<Use> uses = view.session.uses(view.state, Session::Look::Recent);
  std::erase_if(uses, [&](Use const& use) {
    return use.gpu != view.index || (view.is_mig_device() && (use.gpu_instance != view.instance->id || use.compute_instance != view.compute->id));
  });
  return uses;
}

unsigned long long total_mib(View const& view) { return view.is_mig_device() ? view.profile().memory_mib : view.board.memory_mib; }

unsigned long long used_bytes(View const& view) {
  // All compute instances of a GPU instance share its memory.
  unsigned long long used = memory_bytes(view, view.is_mig_device() ? view.instance->id : no_instance);
  unsigned long long reserved = view.is_mig_device() ? 0 : reserved_mib * mib;
  return std::min(used, total_mib(view) * mib - reserved);
}

enum class Graphics { No, Yes };

template <class Info>
Return give_processes(Device device, unsigned* count, Info* infos, Graphics graphics) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    if (!count || (*count > 0 && !infos)) return Return::InvalidArgument;
    std::vector<Use> uses;
    if (graphics == Graphics::No) uses = uses_on(view);
    unsigned room = *count;
    *count = static_cast<unsigned>(uses.size());
    if (room < uses.size()) return Return::InsufficientSize;
    for (std::size_t i = 0; i < uses.size(); ++i) {
      infos[i].pid = static_cast<unsigned>(uses[i].process->pid);
      infos[i].used_gpu_memory = uses[i].process->memory_bytes;
      if constexpr (requires { infos[i].gpu_instance_id; }) {
        infos[i].gpu_instance_id = uses[i].gpu_instance;
        infos[i].compute_instance_id = uses[i].compute_instance;
      }
    }
    return Return::Success;
  });
}

}  // namespace

NVML_CALL nvmlDeviceGetMemoryInfo(Device device, Memory* memory) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    if (!memory) return Return::InvalidArgument;
    unsigned long long total = total_mib(view) * mib, used = used_bytes(view);
    if (!view.is_mig_device()) used += reserved_mib * mib;  // the first version counts the driver's own as used
    *memory = {.total = total, .free = total - used, .used = used};
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetMemoryInfo_v2(Device device, MemoryV2* memory) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    if (!memory) return Return::InvalidArgument;
    if (memory->version != versioned<MemoryV2>(2)) return Return::ArgumentVersionMismatch;
    unsigned long long total = total_mib(view) * mib, used = used_bytes(view);
    unsigned long long reserved = view.is_mig_device() ? 0 : reserved_mib * mib;
    *memory = {.version = memory->version, .total = total, .reserved = reserved, .free = total - reserved - used, .used = used};
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetBAR1MemoryInfo(Device device, Memory* memory) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    if (!memory) return Return::InvalidArgument;
    // The window onto the GPU's memory is the next power of two that covers all of it.
    unsigned long long total = 1;
    while (total < total_mib(view) * mib) total *= 2;
    *memory = {.total = total, .free = total - mib, .used = mib};
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetComputeRunningProcesses(Device device, unsigned* count, ProcessInfoV1* infos) {
  return give_processes(device, count, infos, Graphics::No);
}
NVML_CALL nvmlDeviceGetComputeRunningProcesses_v2(Device device, unsigned* count, ProcessInfo* infos) {
  return give_processes(device, count, infos, Graphics::No);
}
NVML_CALL nvmlDeviceGetComputeRunningProcesses_v3(Device device, unsigned* count, ProcessInfo* infos) {
  return give_processes(device, count, infos, Graphics::No);
}
NVML_CALL nvmlDeviceGetGraphicsRunningProcesses(Device device, unsigned* count, ProcessInfoV1* infos) {
  return give_processes(device, count, infos, Graphics::Yes);
}
NVML_CALL nvmlDeviceGetGraphicsRunningProcesses_v2(Device device, unsigned* count, ProcessInfo* infos) {
  return give_processes(device, count, infos, Graphics::Yes);
}
NVML_CALL nvmlDeviceGetGraphicsRunningProcesses_v3(Device device, unsigned* count, ProcessInfo* infos) {
  return give_processes(device, count, infos, Graphics::Yes);
}
NVML_CALL nvmlDeviceGetMPSComputeRunningProcesses(Device device, unsigned* count, ProcessInfoV1* infos) {
  return give_processes(device, count, infos, Graphics::Yes);
}
NVML_CALL nvmlDeviceGetMPSComputeRunningProcesses_v2(Device device, unsigned* count, ProcessInfo* infos) {
  return give_processes(device, count, infos, Graphics::Yes);
}
NVML_CALL nvmlDeviceGetMPSComputeRunningProcesses_v3(Device device, unsigned* count, ProcessInfo* infos) {
  return give_processes(device, count, infos, Graphics::Yes);
}

NVML_CALL nvmlDeviceGetRunningProcessDetailList(Device device, ProcessDetailList* list) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    if (!list) return Return::InvalidArgument;
    if (list->version != versioned<ProcessDetailList>(1)) return Return::ArgumentVersionMismatch;
    std::vector<Use> uses;
    if (list->mode == 0) uses = uses_on(view);
    unsigned room = list->count;
    list->count = static_cast<unsigned>(uses.size());
    if (room < uses.size()) return Return::InsufficientSize;
    for (std::size_t i = 0; i < uses.size(); ++i)
      list->processes[i] = {.pid = static_cast<unsigned>(uses[i].process->pid),
                            .used_gpu_memory = uses[i].process->memory_bytes,
                            .gpu_instance_id = uses[i].gpu_instance,
                            .compute_instance_id = uses[i].compute_instance,
                            .used_protected_memory = 0};
    return Return::Success;
  });
}
