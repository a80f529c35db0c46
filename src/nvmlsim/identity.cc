// SPDX-License-Identifier: Apache-2.0
#include "nvmlsim/identity.h"

#include <cstdio>

#include "base/ensure.h"
#include "base/random.h"
#include "nvmlsim/boards.h"

namespace nav::nvmlsim {
namespace {

std::string uuid(char const* prefix, Random random) {
  std::uint64_t a = random.next(), b = random.next();
  a = (a & ~0xF000ull) | 0x4000;                 // version 4
  b = (b & ~(0xC0ull << 56)) | (0x80ull << 56);  // variant 1
  char text[64];
  std::snprintf(text, sizeof text, "%s-%08x-%04x-%04x-%04x-%012llx", prefix, static_cast<unsigned>(a >> 32), static_cast<unsigned>(a >> 16 & 0xFFFF),
                static_cast<unsigned>(a & 0xFFFF), static_cast<unsigned>(b >> 48), static_cast<unsigned long long>(b & 0xFFFFFFFFFFFFull));
  return text;
}

Random source_of(NodeIdentity const& node, unsigned gpu) {
  char label[16];
  std::snprintf(label, sizeof label, "gpu%u", gpu);
  return Random(node.seed).child(node.name).child(node.machine).child(label);
}

}  // namespace

std::string gpu_uuid(NodeIdentity const& node, unsigned gpu) { return uuid("GPU", source_of(node, gpu)); }

std::string mig_uuid(NodeIdentity const& node, unsigned gpu, GpuInstance const& instance, ComputeInstance const& compute) {
  char geometry[64];
  std::snprintf(geometry, sizeof geometry, "%u@%u/%u@%u", instance.profile_id, instance.start, compute.profile_id, compute.start);
  return uuid("MIG", source_of(node, gpu).child(geometry));
}

std::string serial_number(NodeIdentity const& node, unsigned gpu) {
  char text[32];
  // Real ones have 13 digits and start with a year and factory.
  std::snprintf(text, sizeof text, "1650%09llu", static_cast<unsigned long long>(source_of(node, gpu).child("serial").below(1000000000)));
  return text;
}

unsigned minor_number(Machine const& machine, unsigned gpu) { return (gpu ^ 1) < machine.gpus ? gpu ^ 1 : gpu; }

std::string pci_bus_id(Machine const& machine, unsigned gpu) {
  char text[32];
  std::snprintf(text, sizeof text, "00000000:%02X:00.0", machine.pci_buses[gpu]);
  return text;
}

std::string mig_profile_name(Board const& board, GpuInstance const& instance, ComputeInstance const& compute) {
  GpuInstanceProfile const* profile = profile_by_id(board, instance.profile_id);
  ensure(profile, "an instance has a profile of its board");
  ComputeInstanceProfile const* part = compute_profile_by_id(profile->slices, compute.profile_id);
  ensure(part, "a compute instance has a profile of its GPU instance");
  if (part->slices == profile->slices) return profile->name;
  return std::to_string(part->slices) + "c." + profile->name;
}

unsigned cap_minor(unsigned gpu_minor, unsigned gpu_instance) { return 3 + gpu_minor * 135 + gpu_instance * 9; }

unsigned cap_minor(unsigned gpu_minor, unsigned gpu_instance, unsigned compute_instance) { return cap_minor(gpu_minor, gpu_instance) + 1 + compute_instance; }

}  // namespace nav::nvmlsim
