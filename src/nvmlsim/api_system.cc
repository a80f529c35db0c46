// SPDX-License-Identifier: Apache-2.0
// NVML: opening, versions, finding devices.
#include <cstdio>
#include <cstring>
#include <fstream>

#include "nvmlsim/identity.h"
#include "nvmlsim/session.h"

using namespace nav::nvmlsim;

namespace {

char const* words_for(Return code) {
  switch (static_cast<int>(code)) {
    case 0: return "Success";
    case 1: return "Uninitialized";
    case 2: return "Invalid Argument";
    case 3: return "Not Supported";
    case 4: return "Insufficient Permissions";
    case 5: return "Already Initialized";
    case 6: return "Not Found";
    case 7: return "Insufficient Size";
    case 8: return "Insufficient External Power";
    case 9: return "Driver Not Loaded";
    case 10: return "Timeout";
    case 11: return "Interrupt Request Issue";
    case 12: return "NVML Shared Library Not Found";
    case 13: return "Function Not Found";
    case 14: return "Corrupted infoROM";
    case 15: return "GPU is lost";
    case 16: return "GPU requires reset";
    case 17: return "GPU access blocked by the operating system";
    case 18: return "Driver/library version mismatch";
    case 19: return "In use by another client";
    case 20: return "Insufficient Memory";
    case 21: return "No data";
    case 23: return "Insufficient Resources";
    case 24: return "Frequency not supported";
    case 25: return "Argument version mismatch";
    case 26: return "Deprecated";
    case 27: return "Not ready";
    case 28: return "GPU not found";
    case 29: return "Invalid state";
    default: return "Unknown Error";
  }
}

Return give_gpu(Session& session, unsigned index, Device* device) {
  if (session.file->read().gpus[index].lost) return Return::GpuIsLost;
  *device = session.handle({.kind = Handle::Kind::Gpu, .gpu = index});
  return Return::Success;
}

/// Runs `find(session) -> index or -1` over the GPUs and hands out the one found.
template <class Find>
Return find_gpu(Device* device, Find matches) {
  Session& session = Session::get();
  std::lock_guard lock(session.mutex);
  if (!session.is_open()) return Return::Uninitialized;
  if (!device) return Return::InvalidArgument;
  for (unsigned i = 0; i < session.machine->gpus; ++i)
    if (matches(session, i)) return give_gpu(session, i, device);
  return Return::NotFound;
}

Return find_by_uuid(char const* uuid, Device* device) {
  if (!uuid) return Return::InvalidArgument;
  if (std::strncmp(uuid, "MIG-", 4) != 0) return find_gpu(device, [&](Session& session, unsigned i) { return gpu_uuid(session.file->identity(), i) == uuid; });
  Session& session = Session::get();
  std::lock_guard lock(session.mutex);
  if (!session.is_open()) return Return::Uninitialized;
  if (!device) return Return::InvalidArgument;
  for (unsigned i = 0; i < session.machine->gpus; ++i)
    for (auto const& instance : session.file->read().gpus[i].instances)
      for (auto const& compute : instance.compute) {
        if (!instance.exists || !compute.exists || mig_uuid(session.file->identity(), i, instance, compute) != uuid) continue;
        *device = session.handle({Handle::Kind::MigDevice, i, instance.id, compute.id, compute.born});
        return Return::Success;
      }
  return Return::NotFound;
}

Return count_gpus(unsigned* count) {
  Session& session = Session::get();
  std::lock_guard lock(session.mutex);
  if (!session.is_open()) return Return::Uninitialized;
  if (!count) return Return::InvalidArgument;
  *count = session.machine->gpus;
  return Return::Success;
}

Return find_by_index(unsigned index, Device* device) {
  Session& session = Session::get();
  std::lock_guard lock(session.mutex);
  if (!session.is_open()) return Return::Uninitialized;
  if (!device || index >= session.machine->gpus) return Return::InvalidArgument;
  return give_gpu(session, index, device);
}

/// Takes 0000:07:00.0 and 00000000:07:00.0, in either case, with or without the domain.
Return find_by_bus_id(char const* bus_id, Device* device) {
  if (!bus_id) return Return::InvalidArgument;
  unsigned domain = 0, bus = 0, slot = 0, function = 0;
  char rest = 0;
  if (std::sscanf(bus_id, "%x:%x:%x.%x%c", &domain, &bus, &slot, &function, &rest) != 4) {
    domain = 0;
    if (std::sscanf(bus_id, "%x:%x.%x%c", &bus, &slot, &function, &rest) != 3) return Return::InvalidArgument;
  }
  if (domain != 0 || slot != 0 || function != 0) return Return::NotFound;
  return find_gpu(device, [&](Session& session, unsigned i) { return session.machine->pci_buses[i] == bus; });
}

Return when_open(Return otherwise) {
  Session& session = Session::get();
  std::lock_guard lock(session.mutex);
  return session.is_open() ? otherwise : Return::Uninitialized;
}

}  // namespace

NVML_CALL nvmlInit() { return Session::get().open(); }
NVML_CALL nvmlInit_v2() { return Session::get().open(); }
NVML_CALL nvmlInitWithFlags(unsigned) { return Session::get().open(); }
NVML_CALL nvmlShutdown() { return Session::get().close(); }

extern "C" __attribute__((visibility("default"))) char const* nvmlErrorString(Return code) { return words_for(code); }

// Versions answer without a session, as the real library's do. They are those of the driver whose rules this follows.
NVML_CALL nvmlSystemGetDriverVersion(char* version, unsigned length) { return give_text("580.95.05", version, length); }
NVML_CALL nvmlSystemGetNVMLVersion(char* version, unsigned length) { return give_text("13.580.95.05", version, length); }
NVML_CALL nvmlSystemGetCudaDriverVersion(int* version) {
  if (!version) return Return::InvalidArgument;
  *version = 13000;
  return Return::Success;
}
NVML_CALL nvmlSystemGetCudaDriverVersion_v2(int* version) { return nvmlSystemGetCudaDriverVersion(version); }

NVML_CALL nvmlSystemGetProcessName(unsigned pid, char* name, unsigned length) {
  if (Return closed = when_open(Return::Success); closed != Return::Success) return closed;
  if (!name || length == 0) return Return::InvalidArgument;
  std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline");
  std::string command;
  if (!std::getline(file, command, '\0')) return Return::NotFound;
  command.resize(std::min<std::size_t>(command.size(), length - 1));
  return give_text(command, name, length);
}

NVML_CALL nvmlDeviceGetCount(unsigned* count) { return count_gpus(count); }
NVML_CALL nvmlDeviceGetCount_v2(unsigned* count) { return count_gpus(count); }
NVML_CALL nvmlDeviceGetHandleByIndex(unsigned index, Device* device) { return find_by_index(index, device); }
NVML_CALL nvmlDeviceGetHandleByIndex_v2(unsigned index, Device* device) { return find_by_index(index, device); }
NVML_CALL nvmlDeviceGetHandleByUUID(char const* uuid, Device* device) { return find_by_uuid(uuid, device); }
NVML_CALL nvmlDeviceGetHandleByPciBusId(char const* bus_id, Device* device) { return find_by_bus_id(bus_id, device); }
NVML_CALL nvmlDeviceGetHandleByPciBusId_v2(char const* bus_id, Device* device) { return find_by_bus_id(bus_id, device); }

NVML_CALL nvmlDeviceGetHandleByUUIDV(UuidRequest const* uuid, Device* device) {
  if (!uuid) return Return::InvalidArgument;
  if (uuid->version != versioned<UuidRequest>(1)) return Return::ArgumentVersionMismatch;
  if (uuid->type != 1) return Return::NotSupported;
  return find_by_uuid(std::string(uuid->text, strnlen(uuid->text, sizeof uuid->text)).c_str(), device);
}

NVML_CALL nvmlDeviceGetHandleBySerial(char const* serial, Device* device) {
  if (!serial) return Return::InvalidArgument;
  return find_gpu(device, [&](Session& session, unsigned i) { return serial_number(session.file->identity(), i) == serial; });
}

// No S-class units, no excluded devices, no host interface cards.
NVML_CALL nvmlUnitGetCount(unsigned* count) {
  if (!count) return Return::InvalidArgument;
  *count = 0;
  return when_open(Return::Success);
}
NVML_CALL nvmlGetExcludedDeviceCount(unsigned* count) { return nvmlUnitGetCount(count); }
NVML_CALL nvmlSystemGetHicVersion(unsigned* count, void*) { return nvmlUnitGetCount(count); }
