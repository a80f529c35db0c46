// SPDX-License-Identifier: Apache-2.0
// NVML: waiting for XIDs. The journal of XIDs is in the node's state, so whoever injects one wakes every process that waits.
#include <chrono>
#include <vector>

#include "nvmlsim/session.h"

namespace nav::nvmlsim {

struct EventSet {
  std::vector<unsigned> gpus;
  std::uint64_t next = 0;  ///< number of the first XID not yet looked at
};

namespace {

using Of = Call::Of;

/// Sets that clients hold, guarded by the session's mutex.
std::map<EventSet*, std::unique_ptr<EventSet>>& sets() {
  static auto& all = *new std::map<EventSet*, std::unique_ptr<EventSet>>;
  return all;
}

bool watches(EventSet const& set, unsigned gpu) {
  for (unsigned watched : set.gpus)
    if (watched == gpu) return true;
  return false;
}

/// The next XID for this set, if one is there. Those of instances are shown to administrators only.
bool take(Session& session, EventSet& set, EventData& data) {
  NodeState const& state = session.file->read();
  if (state.xids > kept_events) set.next = std::max(set.next, state.xids - kept_events);
  while (set.next < state.xids) {
    Xid const& xid = state.xid[set.next++ % kept_events];
    if (!watches(set, xid.gpu)) continue;
    if (xid.gpu_instance != no_instance && !session.file->is_writable()) continue;
    data = {.device = session.handle({.kind = Handle::Kind::Gpu, .gpu = xid.gpu}),
            .type = event_type::xid_critical_error,
            .data = xid.xid,
            .gpu_instance_id = xid.gpu_instance,
            .compute_instance_id = xid.compute_instance};
    return true;
  }
  return false;
}

Return wait(EventSet* handle, EventData* data, unsigned timeout_ms) {
  if (!data) return Return::InvalidArgument;
  Session& session = Session::get();
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  while (true) {
    std::shared_ptr<StateFile> file;
    std::uint32_t seen = 0;
    {
      std::lock_guard lock(session.mutex);
      if (!session.is_open()) return Return::Uninitialized;
      auto found = sets().find(handle);
      if (found == sets().end()) return Return::InvalidArgument;
      file = session.file;
      seen = file->version();  // before looking, so that nothing written after the look is slept through
      if (take(session, *found->second, *data)) return Return::Success;
      for (unsigned gpu : found->second->gpus)
        if (file->read().gpus[gpu].lost) return Return::GpuIsLost;
    }
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return Return::Timeout;
    file->wait_for_change(seen, static_cast<std::uint32_t>(left));
  }
}

}  // namespace
}  // namespace nav::nvmlsim

using namespace nav::nvmlsim;

NVML_CALL nvmlEventSetCreate(EventSet** set) {
  Session& session = Session::get();
  std::lock_guard lock(session.mutex);
  if (!session.is_open()) return Return::Uninitialized;
  if (!set) return Return::InvalidArgument;
  auto made = std::make_unique<EventSet>();
  made->next = session.file->read().xids;
  *set = made.get();
  sets()[made.get()] = std::move(made);
  return Return::Success;
}

NVML_CALL nvmlEventSetFree(EventSet* set) {
  std::lock_guard lock(Session::get().mutex);
  return sets().erase(set) > 0 ? Return::Success : Return::InvalidArgument;
}

NVML_CALL nvmlDeviceGetSupportedEventTypes(Device device, unsigned long long* types) {
  return on(device, Call::Of::Gpu, [&](View const&) {
    if (!types) return Return::InvalidArgument;
    *types = event_type::xid_critical_error;
    return Return::Success;
  });
}

NVML_CALL nvmlDeviceRegisterEvents(Device device, unsigned long long types, EventSet* set) {
  return on(device, Call::Of::Gpu, [&](View const& view) {
    auto found = sets().find(set);
    if (found == sets().end()) return Return::InvalidArgument;
    if ((types & ~event_type::xid_critical_error) != 0) return Return::NotSupported;
    if (types != 0 && !watches(*set, view.index)) set->gpus.push_back(view.index);
    return Return::Success;
  });
}

NVML_CALL nvmlEventSetWait_v2(EventSet* set, EventData* data, unsigned timeout_ms) { return wait(set, data, timeout_ms); }

NVML_CALL nvmlEventSetWait(EventSet* set, EventDataV1* data, unsigned timeout_ms) {
  if (!data) return Return::InvalidArgument;
  EventData whole;
  Return result = wait(set, &whole, timeout_ms);
  if (result == Return::Success) *data = {.device = whole.device, .type = whole.type, .data = whole.data};
  return result;
}
