// SPDX-License-Identifier: Apache-2.0
// The part of NVML's binary interface that the simulated driver speaks, written out from NVIDIA's published layouts (API 13):
// sizes and offsets are what counts, so each is held by a static_assert here and against nvidia-ml-py in tests/nvml.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nav::nvmlsim {

enum class Return : int {
  Success = 0,
  Uninitialized = 1,
  InvalidArgument = 2,
  NotSupported = 3,
  NoPermission = 4,
  NotFound = 6,
  InsufficientSize = 7,
  DriverNotLoaded = 9,
  Timeout = 10,
  FunctionNotFound = 13,
  GpuIsLost = 15,
  ResetRequired = 16,
  OperatingSystem = 17,
  InUse = 19,
  InsufficientResources = 23,
  ArgumentVersionMismatch = 25,
  Unknown = 999,
};

/// Handles are opaque to clients; session.h says what they point to.
struct Handle;
using Device = Handle*;
using GpuInstanceHandle = Handle*;
using ComputeInstanceHandle = Handle*;
struct EventSet;
struct GpmSample;

inline constexpr unsigned no_instance = 0xFFFFFFFFu;  ///< gpuInstanceId and computeInstanceId of what is not in a MIG instance

/// NVML versions its structs by size and number: `sizeof | version << 24`.
template <class T>
constexpr unsigned versioned(unsigned version) {
  return static_cast<unsigned>(sizeof(T)) | version << 24;
}

namespace architecture {
inline constexpr unsigned volta = 5, ampere = 7, hopper = 9, blackwell = 10;
}
namespace brand {
inline constexpr unsigned tesla = 2, nvidia_rtx = 13, nvidia = 14;
}
namespace event_type {
inline constexpr unsigned long long xid_critical_error = 0x8, mig_config_change = 0x100;
}
namespace field {
inline constexpr unsigned memory_temperature = 82, total_energy_mj = 83, nvlink_speed_common_mbps = 90, nvlink_count = 91, resetless_mig = 184,
                          power_average_mw = 185, power_instant_mw = 186, power_min_limit_mw = 187, power_max_limit_mw = 188, power_default_limit_mw = 189,
                          power_current_limit_mw = 190, power_requested_limit_mw = 192, mig_query_without_mig_mode = 199;
}

struct PciInfo {
  char bus_id_legacy[16];  ///< 0000:07:00.0
  unsigned domain, bus, device, pci_device_id, pci_subsystem_id;
  char bus_id[32];  ///< 00000000:07:00.0
};
static_assert(sizeof(PciInfo) == 68);

struct PciInfoExt {
  unsigned version, domain, bus, device, pci_device_id, pci_subsystem_id, base_class, sub_class;
  char bus_id[32];
};
static_assert(sizeof(PciInfoExt) == 64);

struct Memory {
  unsigned long long total, free, used;  ///< bytes
};
static_assert(sizeof(Memory) == 24);

struct MemoryV2 {
  unsigned version;
  unsigned long long total, reserved, free, used;
};
static_assert(versioned<MemoryV2>(2) == 0x02000028);

struct Utilization {
  unsigned gpu, memory;  ///< percent
};
static_assert(sizeof(Utilization) == 8);

struct ProcessInfoV1 {
  unsigned pid;
  unsigned long long used_gpu_memory;
};
static_assert(sizeof(ProcessInfoV1) == 16);

/// The second and third version of the process list share one layout.
struct ProcessInfo {
  unsigned pid;
  unsigned long long used_gpu_memory;
  unsigned gpu_instance_id, compute_instance_id;
};
static_assert(sizeof(ProcessInfo) == 24);

struct ProcessDetail {
  unsigned pid;
  unsigned long long used_gpu_memory;
  unsigned gpu_instance_id, compute_instance_id;
  unsigned long long used_protected_memory;
};
static_assert(sizeof(ProcessDetail) == 32);

struct ProcessDetailList {
  unsigned version, mode, count;
  ProcessDetail* processes;
};
static_assert(versioned<ProcessDetailList>(1) == 0x01000018);

struct DeviceAttributes {
  unsigned multiprocessors, copy_engines, decoders, encoders, jpeg_engines, ofa_engines, gpu_instance_slices, compute_instance_slices;
  unsigned long long memory_mib;
};
static_assert(sizeof(DeviceAttributes) == 40);

struct Placement {
  unsigned start, size;
};
static_assert(sizeof(Placement) == 8);

struct GpuInstanceProfileInfo {
  unsigned id, is_p2p_supported, slices, instances, multiprocessors, copy_engines, decoders, encoders, jpeg_engines, ofa_engines;
  unsigned long long memory_mib;
};
static_assert(sizeof(GpuInstanceProfileInfo) == 48);

struct GpuInstanceProfileInfoV2 {
  unsigned version, id, is_p2p_supported, slices, instances, multiprocessors, copy_engines, decoders, encoders, jpeg_engines, ofa_engines;
  unsigned long long memory_mib;
  char name[96];
};
static_assert(versioned<GpuInstanceProfileInfoV2>(2) == 0x02000098);
static_assert(offsetof(GpuInstanceProfileInfoV2, memory_mib) == 48 && offsetof(GpuInstanceProfileInfoV2, name) == 56);

struct GpuInstanceProfileInfoV3 {
  unsigned version, id, slices, instances, multiprocessors, copy_engines, decoders, encoders, jpeg_engines, ofa_engines;
  unsigned long long memory_mib;
  char name[96];
  unsigned capabilities;  ///< 1: peer to peer, 2: graphics
};
static_assert(versioned<GpuInstanceProfileInfoV3>(3) == 0x03000098);
static_assert(offsetof(GpuInstanceProfileInfoV3, memory_mib) == 40 && offsetof(GpuInstanceProfileInfoV3, name) == 48 &&
              offsetof(GpuInstanceProfileInfoV3, capabilities) == 144);

struct GpuInstanceInfo {
  Device device;
  unsigned id, profile_id;
  Placement placement;
};
static_assert(sizeof(GpuInstanceInfo) == 24);

struct ComputeInstanceProfileInfo {
  unsigned id, slices, instances, multiprocessors, copy_engines, decoders, encoders, jpeg_engines, ofa_engines;
};
static_assert(sizeof(ComputeInstanceProfileInfo) == 36);

struct ComputeInstanceProfileInfoV2 {
  unsigned version, id, slices, instances, multiprocessors, copy_engines, decoders, encoders, jpeg_engines, ofa_engines;
  char name[96];
};
static_assert(versioned<ComputeInstanceProfileInfoV2>(2) == 0x02000088);

struct ComputeInstanceProfileInfoV3 {
  unsigned version, id, slices, instances, multiprocessors, copy_engines, decoders, encoders, jpeg_engines, ofa_engines;
  char name[96];
  unsigned capabilities;
};
static_assert(versioned<ComputeInstanceProfileInfoV3>(3) == 0x0300008c);

struct ComputeInstanceInfo {
  Device device;  ///< the header says parent, the real driver gives the MIG device, and clients rely on it
  GpuInstanceHandle gpu_instance;
  unsigned id, profile_id;
  Placement placement;
};
static_assert(sizeof(ComputeInstanceInfo) == 32);

union FieldNumber {
  double d;
  int i;
  unsigned u;
  unsigned long ul;
  unsigned long long ull;
  long long ll;
  unsigned short us;
};

enum class FieldType : unsigned { Double = 0, Unsigned = 1, UnsignedLongLong = 3 };

struct FieldValue {
  unsigned field_id, scope_id;
  long long timestamp_us, latency_us;
  FieldType type;
  Return result;
  FieldNumber value;
};
static_assert(sizeof(FieldValue) == 40);

struct EventData {
  Device device;
  unsigned long long type, data;
  unsigned gpu_instance_id, compute_instance_id;
};
static_assert(sizeof(EventData) == 32);

struct EventDataV1 {
  Device device;
  unsigned long long type, data;
};
static_assert(sizeof(EventDataV1) == 24);

struct TemperatureV1 {
  unsigned version, sensor;
  int celsius;
};
static_assert(versioned<TemperatureV1>(1) == 0x0100000c);

struct UuidRequest {
  unsigned version, type;  ///< type 1: text, 2: sixteen bytes
  union {
    char text[41];
    unsigned char bytes[16];
  };
};
static_assert(sizeof(UuidRequest) == 52);

struct RowRemapperHistogram {
  unsigned max, high, partial, low, none;
};

struct GpmMetric {
  unsigned id;
  Return result;
  double value;
  struct {
    char const *short_name, *long_name, *unit;
  } words;
};
static_assert(sizeof(GpmMetric) == 40);

/// The array's declared length differs between header versions; a client only fills `count` entries, so we touch no more.
struct GpmMetricsGet {
  unsigned version, count;
  GpmSample *first, *second;
  GpmMetric metrics[1];
};
static_assert(offsetof(GpmMetricsGet, metrics) == 24);

struct GpmSupport {
  unsigned version, is_supported;
};

}  // namespace nav::nvmlsim
