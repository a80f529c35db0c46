// SPDX-License-Identifier: Apache-2.0
// NVML: how GPUs reach each other.
#include <cstring>

#include "nvmlsim/identity.h"
#include "nvmlsim/session.h"

using namespace nav::nvmlsim;

namespace {

using Of = Call::Of;

enum Level : unsigned { same_board = 0, one_switch = 10, several_switches = 20, same_node = 40, other_node = 50 };
enum PeerStatus : unsigned { peer_ok = 0, peer_not_supported = 5 };
enum LinkEnd : unsigned { gpu_end = 0, switch_end = 2 };

/// Volta's links run between GPUs; later ones end in switches.
bool has_switches(View const& view) { return view.board.architecture >= architecture::ampere; }

Level level_between(View const& view, unsigned other) {
  if (view.index == other) return same_board;
  if (view.machine.nvswitch && view.index / 2 == other / 2) return several_switches;  // pairs hang on one PCIe switch complex
  unsigned mine = view.index * view.machine.numa_nodes / view.machine.gpus;
  unsigned its = other * view.machine.numa_nodes / view.machine.gpus;
  return mine == its ? same_node : other_node;
}

template <class Body>
Return on_link(Device device, unsigned link, Body body) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!view.machine.nvswitch || view.board.nvlinks == 0) return Return::NotSupported;
    if (link >= view.board.nvlinks) return Return::InvalidArgument;
    return body(view);
  });
}

/// Looks at two GPUs; their handles are checked one after the other, as each needs the session.
template <class Body>
Return on_two(Device first, Device second, Body body) {
  unsigned other = 0;
  bool other_mig = false;
  Return known = on(second, Of::Gpu, [&](View const& view) {
    other = view.index;
    other_mig = view.gpu.mig;
    return Return::Success;
  });
  if (known != Return::Success) return known;
  return on(first, Of::Gpu, [&](View const& view) { return body(view, other, view.gpu.mig || other_mig); });
}

Return give_remote(Device device, unsigned link, PciInfo* pci) {
  return on_link(device, link, [&](View const& view) {
    if (!pci) return Return::InvalidArgument;
    *pci = {};
    if (has_switches(view)) {
      pci->bus = 0xC4 + link % 6;  // six switches, links spread evenly
      pci->pci_device_id = 0x1AF110DE;
    } else {
      pci->bus = view.machine.pci_buses[(view.index + 1 + link) % view.machine.gpus];
      pci->pci_device_id = view.board.pci_device_id;
    }
    std::snprintf(pci->bus_id, sizeof pci->bus_id, "00000000:%02X:00.0", pci->bus & 0xFFu);
    std::memcpy(pci->bus_id_legacy, pci->bus_id + 4, 13);
    return Return::Success;
  });
}

}  // namespace

NVML_CALL nvmlDeviceGetNvLinkState(Device device, unsigned link, unsigned* active) {
  return on_link(device, link, [&](View const&) {
    if (!active) return Return::InvalidArgument;
    *active = 1;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetNvLinkVersion(Device device, unsigned link, unsigned* version) {
  return on_link(device, link, [&](View const& view) {
    if (!version) return Return::InvalidArgument;
    *version = view.board.nvlink_version;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetNvLinkCapability(Device device, unsigned link, unsigned capability, unsigned* supported) {
  return on_link(device, link, [&](View const&) {
    if (!supported || capability > 5) return Return::InvalidArgument;
    *supported = capability != 4;  // all but an SLI bridge
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetNvLinkRemoteDeviceType(Device device, unsigned link, unsigned* type) {
  return on_link(device, link, [&](View const& view) {
    if (!type) return Return::InvalidArgument;
    *type = has_switches(view) ? switch_end : gpu_end;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetNvLinkRemotePciInfo(Device device, unsigned link, PciInfo* pci) { return give_remote(device, link, pci); }
NVML_CALL nvmlDeviceGetNvLinkRemotePciInfo_v2(Device device, unsigned link, PciInfo* pci) { return give_remote(device, link, pci); }

NVML_CALL nvmlDeviceGetNvLinkErrorCounter(Device device, unsigned link, unsigned, unsigned long long* count) {
  return on_link(device, link, [&](View const&) {
    if (!count) return Return::InvalidArgument;
    *count = 0;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetTopologyCommonAncestor(Device first, Device second, unsigned* level) {
  return on_two(first, second, [&](View const& view, unsigned other, bool) {
    if (!level) return Return::InvalidArgument;
    *level = level_between(view, other);
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetTopologyNearestGpus(Device device, unsigned level, unsigned* count, Device* nearest) {
  return on(device, Of::Gpu, [&](View const& view) {
    if (!count) return Return::InvalidArgument;
    unsigned room = nearest ? *count : 0, found = 0;
    for (unsigned other = 0; other < view.machine.gpus; ++other) {
      if (other == view.index || level_between(view, other) != level) continue;
      if (found < room) nearest[found] = view.session.handle({.kind = Handle::Kind::Gpu, .gpu = other});
      ++found;
    }
    *count = nearest ? std::min(found, room) : found;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceGetP2PStatus(Device first, Device second, unsigned index, unsigned* status) {
  return on_two(first, second, [&](View const& view, unsigned other, bool mig) {
    if (!status || index > 4) return Return::InvalidArgument;
    // Never across GPUs while either is cut by MIG.
    bool linked = view.machine.nvswitch && other != view.index && !mig;
    *status = linked ? peer_ok : peer_not_supported;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceOnSameBoard(Device first, Device second, int* same) {
  return on_two(first, second, [&](View const& view, unsigned other, bool) {
    if (!same) return Return::InvalidArgument;
    *same = view.index == other;
    return Return::Success;
  });
}
