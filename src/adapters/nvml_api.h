// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

/// The part of NVML's binary interface that the agent calls, after the layouts NVIDIA publishes (API 13 and before). NVIDIA's header is not
/// needed to build: sizes and offsets are what counts, and each that matters is held here.
namespace nav::nvml {

using Code = int;
namespace code {
inline constexpr Code success = 0, invalid_argument = 2, not_supported = 3, no_permission = 4, not_found = 6, insufficient_size = 7, driver_not_loaded = 9,
                      timeout = 10, library_not_found = 12, function_not_found = 13, gpu_is_lost = 15, reset_required = 16, in_use = 19,
                      insufficient_resources = 23, version_mismatch = 25;
}

/// Opaque handles.
using Device = struct DeviceHandle*;
using GpuInstance = struct GpuInstanceHandle*;
using ComputeInstance = struct ComputeInstanceHandle*;
using EventSet = struct EventSetHandle*;

/// Stands for "of no instance".
inline constexpr unsigned none = 0xFFFFFFFFu;

/// A struct's version is its size and a number: sizeof | number << 24.
template <class T>
constexpr unsigned version_of(unsigned number) {
  return static_cast<unsigned>(sizeof(T)) | number << 24;
}

struct Memory {
  unsigned long long total, free, used;
};

struct PciInfo {
  char bus_id_legacy[16];
  unsigned domain, bus, device, pci_device_id, pci_subsystem_id;
  char bus_id[32];
};
static_assert(sizeof(PciInfo) == 68);

struct ProcessInfo {
  unsigned pid;
  unsigned long long used_memory;
  unsigned gpu_instance, compute_instance;
};
static_assert(sizeof(ProcessInfo) == 24);

struct Span {
  unsigned start, size;  ///< memory slices
};

/// What the first version of the profile answer tells; the later ones tell the same in other places.
struct ProfileV1 {
  unsigned id, p2p, slices, instances, multiprocessors, copy_engines, decoders, encoders, jpeg, ofa;
  unsigned long long memory_mib;
};
static_assert(sizeof(ProfileV1) == 48);

struct ProfileV2 {
  unsigned version, id, p2p, slices, instances, multiprocessors, copy_engines, decoders, encoders, jpeg, ofa;
  unsigned long long memory_mib;
  char name[96];
};
static_assert(version_of<ProfileV2>(2) == 0x02000098 && offsetof(ProfileV2, memory_mib) == 48 && offsetof(ProfileV2, name) == 56);

struct ProfileV3 {
  unsigned version, id, slices, instances, multiprocessors, copy_engines, decoders, encoders, jpeg, ofa;
  unsigned long long memory_mib;
  char name[96];
  unsigned capabilities;
};
static_assert(version_of<ProfileV3>(3) == 0x03000098 && offsetof(ProfileV3, memory_mib) == 40 && offsetof(ProfileV3, name) == 48);

struct ComputeProfile {
  unsigned id, slices, instances, multiprocessors, copy_engines, decoders, encoders, jpeg, ofa;
};
static_assert(sizeof(ComputeProfile) == 36);

struct GpuInstanceInfo {
  Device device;
  unsigned id, profile_id;
  Span placement;
};
static_assert(sizeof(GpuInstanceInfo) == 24);

struct ComputeInstanceInfo {
  Device device;  ///< the header calls it the parent; drivers give the MIG device, whose UUID is the one jobs use
  GpuInstance gpu_instance;
  unsigned id, profile_id;
  Span placement;
};
static_assert(sizeof(ComputeInstanceInfo) == 32);

struct EventData {
  Device device;
  unsigned long long type, data;
  unsigned gpu_instance, compute_instance;
};
static_assert(sizeof(EventData) == 32);

struct Utilization {
  unsigned gpu, memory;  ///< percent
};

struct FieldValue {
  unsigned field, scope;
  long long at_us, latency_us;
  unsigned type;  ///< 0 double, 1 unsigned, 3 unsigned long long
  Code result;
  union {
    double d;
    unsigned u;
    unsigned long long ull;
  } value;
};
static_assert(sizeof(FieldValue) == 40);
inline constexpr unsigned field_memory_temperature = 82;

/// GPU performance monitoring (Hopper and later): what happened between two samples.
using GpmSample = struct GpmSampleHandle*;
struct GpmSupport {
  unsigned version, is_supported;
};
struct GpmMetric {
  unsigned id;
  Code result;
  double value;
  char const* words[3];
};
static_assert(sizeof(GpmMetric) == 40);
/// The header's array is longer than we need and grows with its version; the driver fills `count` entries.
struct GpmRequest {
  unsigned version, count;
  GpmSample first, second;
  GpmMetric metrics[333];
};
static_assert(offsetof(GpmRequest, metrics) == 24);
namespace gpm {
inline constexpr unsigned graphics = 1, any_tensor = 5, memory = 10;
}

inline constexpr unsigned long long event_xid = 0x8;
/// GPU instance profiles are asked for by an enumerator; there were 0x12 of them in API 13, and an unknown one is an invalid argument.
inline constexpr unsigned most_profiles = 0x20, most_compute_profiles = 0x10;
/// Both bounds of the driver's own: 15 GPU instances, 8 compute instances in one.
inline constexpr unsigned most_instances = 16;
inline constexpr unsigned nvlinks = 18, nvlink_to_gpu = 0, nvlink_to_switch = 2;

}  // namespace nav::nvml
