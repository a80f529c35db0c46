// SPDX-License-Identifier: Apache-2.0
// NVML: what a device is.
#include <algorithm>
#include <cstring>

#include "nvmlsim/identity.h"
#include "nvmlsim/session.h"

using namespace nav::nvmlsim;

namespace {

using Of = Call::Of;

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
    return give_text(view.is_mig_device() ? mig_uuid(view.node(), view.index, *view.instance, *view.compute) : gpu_uuid(view.node(), view.index), uuid, length);
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
    *pci = {.version = pci->version,
            .domain = 0,
            .bus = info.bus,
            .device = 0,
            .pci_device_id = info.pci_device_id,
            .pci_subsystem_id = info.pci_subsystem_id,
            .base_class = 3,
            .sub_class = 2,
            .bus_id = {}};
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

NVML_CALL nvmlDeviceGetMemoryBusWidth(Device device, unsigned* bits) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!bits) return Return::InvalidArgument;
    *bits = view.board.memory_slices == 12 ? 512 : 5120;
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
NVML_CALL nvmlDeviceGetCpuAffinityWithinScope(Device device, unsigned words, unsigned long* set, unsigned) { return give_cpus(device, words, set); }
NVML_CALL nvmlDeviceGetMemoryAffinity(Device device, unsigned words, unsigned long* set, unsigned) {
  return on(device, Of::Gpu, [&](View const& view) { return give_set(set, words, numa_node(view), 1); });
}
