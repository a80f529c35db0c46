// SPDX-License-Identifier: Apache-2.0
// NVML: what a device is, and its memory and processes.
#include <algorithm>
#include <cstring>

#include "nvmlsim/activity.h"
#include "nvmlsim/identity.h"

using namespace nav::nvmlsim;

namespace {

using Of = Call::Of;
constexpr unsigned long long mib = 1024 * 1024;
constexpr unsigned long long reserved_mib = 424;  // what the driver keeps of a whole GPU for itself

/// Uses that count for the device of this view: its own instance's, or everything on the GPU.
std::vector<Use> uses_on(View const& view) {
  std::vector<Use> uses = view.session.uses(view.state, Session::Look::Recent);
  std::erase_if(uses, [&](Use const& use) {
    return use.gpu != view.index ||
           (view.is_mig_device() && (use.gpu_instance != view.instance->id || use.compute_instance != view.compute->id));
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

PciInfo pci_info(View const& view) {
  PciInfo pci{};
  std::string id = pci_bus_id(view.machine, view.index);
  pci.bus = view.machine.pci_buses[view.index];
  pci.pci_device_id = view.board.pci_device_id;
  pci.pci_subsystem_id = view.board.pci_subsystem_id;
  std::strcpy(pci.bus_id, id.c_str());
  std::strcpy(pci.bus_id_legacy, id.c_str() + 4);
  return pci;
}

Return give_pci_info(Device device, PciInfo* pci, std::size_t size) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    if (!pci) return Return::InvalidArgument;
    PciInfo info = pci_info(view);
    std::memcpy(pci, &info, size);
    return Return::Success;
  });
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

template <class Number>
Return give(Device device, Of of, Number* into, Number value) {
  return on(device, of, [&](View const&) {
    if (!into) return Return::InvalidArgument;
    *into = value;
    return Return::Success;
  });
}

/// A cpu or memory node set as the kernel writes them: one bit each.
Return give_set(unsigned long* set, unsigned words, unsigned first, unsigned count) {
  if (!set || words == 0) return Return::InvalidArgument;
  std::fill(set, set + words, 0);
  for (unsigned bit = first; bit < first + count; ++bit) {
    if (bit / 64 >= words) return Return::InsufficientSize;
    set[bit / 64] |= 1ul << bit % 64;
  }
  return Return::Success;
}

unsigned numa_node(View const& view) { return view.index * view.machine.numa_nodes / view.machine.gpus; }

Return give_cpus(Device device, unsigned words, unsigned long* set) {
  return on(device, Of::Gpu, [&](View const& view) {
    unsigned share = view.machine.cpus / view.machine.numa_nodes;
    return give_set(set, words, numa_node(view) * share, share);
  });
}

}  // namespace

NVML_CALL nvmlDeviceGetName(Device device, char* name, unsigned length) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    std::string text = view.board.product;
    if (view.is_mig_device()) text += " MIG " + mig_profile_name(view.board, *view.instance, *view.compute);
    return give_text(text, name, length);
  });
}

NVML_CALL nvmlDeviceGetUUID(Device device, char* uuid, unsigned length) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    return give_text(view.is_mig_device() ? mig_uuid(view.node(), view.index, *view.instance, *view.compute)
                                          : gpu_uuid(view.node(), view.index),
                     uuid, length);
  });
}

NVML_CALL nvmlDeviceGetSerial(Device device, char* serial, unsigned length) {
  return on(device, Of::Gpu, [&](View const& view) { return give_text(serial_number(view.node(), view.index), serial, length); });
}

NVML_CALL nvmlDeviceGetBoardId(Device device, unsigned* id) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!id) return Return::InvalidArgument;
    *id = static_cast<unsigned>(view.machine.pci_buses[view.index]) << 8;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetModuleId(Device device, unsigned* id) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!id) return Return::InvalidArgument;
    *id = view.index + 1;
    return Return::Success;
  });
}

// Says what it is to whoever looks closely; the parts a client parses are as on a real board.
NVML_CALL nvmlDeviceGetBoardPartNumber(Device device, char* text, unsigned length) {
  return on(device, Of::Gpu, [&](View const&) { return give_text("SIMULATED", text, length); });
}
NVML_CALL nvmlDeviceGetVbiosVersion(Device device, char* text, unsigned length) {
  return on(device, Of::Gpu, [&](View const&) { return give_text("00.00.00.00.00", text, length); });
}
NVML_CALL nvmlDeviceGetInforomImageVersion(Device device, char* text, unsigned length) {
  return on(device, Of::Gpu, [&](View const&) { return give_text("0000.0000.00.00", text, length); });
}

NVML_CALL nvmlDeviceGetMinorNumber(Device device, unsigned* minor) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!minor) return Return::InvalidArgument;
    *minor = minor_number(view.machine, view.index);
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetPciInfo(Device device, PciInfo* pci) { return give_pci_info(device, pci, offsetof(PciInfo, bus_id)); }
NVML_CALL nvmlDeviceGetPciInfo_v2(Device device, PciInfo* pci) { return give_pci_info(device, pci, offsetof(PciInfo, bus_id)); }
NVML_CALL nvmlDeviceGetPciInfo_v3(Device device, PciInfo* pci) { return give_pci_info(device, pci, sizeof(PciInfo)); }

NVML_CALL nvmlDeviceGetPciInfoExt(Device device, PciInfoExt* pci) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    if (!pci) return Return::InvalidArgument;
    if (pci->version != versioned<PciInfoExt>(1)) return Return::ArgumentVersionMismatch;
    PciInfo info = pci_info(view);
    *pci = {.version = pci->version, .domain = 0, .bus = info.bus, .device = 0, .pci_device_id = info.pci_device_id,
            .pci_subsystem_id = info.pci_subsystem_id, .base_class = 3, .sub_class = 2, .bus_id = {}};
    std::strcpy(pci->bus_id, info.bus_id);
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetArchitecture(Device device, unsigned* value) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    if (!value) return Return::InvalidArgument;
    *value = view.board.architecture;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetBrand(Device device, unsigned* value) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    if (!value) return Return::InvalidArgument;
    *value = view.board.brand;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetCudaComputeCapability(Device device, int* major, int* minor) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    if (!major || !minor) return Return::InvalidArgument;
    *major = view.board.cuda_major;
    *minor = view.board.cuda_minor;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetNumGpuCores(Device device, unsigned* cores) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!cores) return Return::InvalidArgument;
    *cores = view.board.multiprocessors * view.board.cores_per_multiprocessor;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetBusType(Device device, unsigned* type) { return give(device, Of::Gpu, type, 2u); }
NVML_CALL nvmlDeviceGetVirtualizationMode(Device device, unsigned* mode) { return give(device, Of::Gpu, mode, 0u); }
NVML_CALL nvmlDeviceGetMultiGpuBoard(Device device, unsigned* multi) { return give(device, Of::Gpu, multi, 0u); }
NVML_CALL nvmlDeviceGetDisplayMode(Device device, unsigned* on_or_off) { return give(device, Of::Gpu, on_or_off, 0u); }
NVML_CALL nvmlDeviceGetDisplayActive(Device device, unsigned* on_or_off) { return give(device, Of::Gpu, on_or_off, 0u); }

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

NVML_CALL nvmlDeviceGetMemoryBusWidth(Device device, unsigned* bits) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!bits) return Return::InvalidArgument;
    *bits = view.board.memory_slices == 12 ? 512 : 5120;
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

NVML_CALL nvmlDeviceGetPersistenceMode(Device device, unsigned* mode) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!mode) return Return::InvalidArgument;
    *mode = view.gpu.persistence;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceSetPersistenceMode(Device device, unsigned mode) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (mode > 1) return Return::InvalidArgument;
    if (!view.session.file->is_writable()) return Return::NoPermission;
    view.session.file->update([&, index = view.index](NodeState& state) {
      state.gpus[index].persistence = mode == 1;
      return true;
    });
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetComputeMode(Device device, unsigned* mode) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    if (!mode) return Return::InvalidArgument;
    *mode = view.gpu.compute_mode;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceSetComputeMode(Device device, unsigned mode) {
  return on(device, Of::AnyDevice, [&](View const& view) {
    if (mode == 1) return Return::NotSupported;  // exclusive thread, long gone
    if (mode > 3) return Return::InvalidArgument;
    if (!view.session.file->is_writable()) return Return::NoPermission;
    view.session.file->update([&, index = view.index](NodeState& state) {
      state.gpus[index].compute_mode = static_cast<std::uint8_t>(mode);
      return true;
    });
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetNumaNodeId(Device device, unsigned* node) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!node) return Return::InvalidArgument;
    *node = numa_node(view);
    return Return::Success;
  });
}
NVML_CALL nvmlDeviceGetCpuAffinity(Device device, unsigned words, unsigned long* set) { return give_cpus(device, words, set); }
NVML_CALL nvmlDeviceGetCpuAffinityWithinScope(Device device, unsigned words, unsigned long* set, unsigned) {
  return give_cpus(device, words, set);
}
NVML_CALL nvmlDeviceGetMemoryAffinity(Device device, unsigned words, unsigned long* set, unsigned) {
  return on(device, Of::Gpu, [&](View const& view) { return give_set(set, words, numa_node(view), 1); });
}
