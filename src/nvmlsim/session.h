// SPDX-License-Identifier: Apache-2.0
// What one process holds while it has the driver open: the node, handles, the cached process table. Everything is behind one
// mutex, as NVML may be called from any thread; waits (slow calls, events) happen outside it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <tuple>

#include "nvmlsim/boards.h"
#include "nvmlsim/machines.h"
#include "nvmlsim/processes.h"
#include "nvmlsim/state.h"

namespace nav::nvmlsim {

/// What a client's opaque pointer stands for. `born` is 0 for a GPU, else the creation it was made for, so that a handle of a
/// destroyed instance does not come to mean a later one with the same ids.
struct Handle {
  enum class Kind { Gpu, GpuInstance, ComputeInstance, MigDevice } kind;
  unsigned gpu = 0, gpu_instance = 0, compute_instance = 0;
  std::uint64_t born = 0;

  auto key() const { return std::tuple(kind, gpu, gpu_instance, compute_instance, born); }
};

class Session {
 public:
  static Session& get();

  /// Counted: as many closes as opens end the session. DriverNotLoaded where NAV_NVMLSIM_STATE names no node.
  Return open();
  Return close();

  std::mutex mutex;

  // The rest wants `mutex` held and the session open.
  bool is_open() const { return file != nullptr; }
  Handle* handle(Handle const&);
  bool knows(Handle const*) const;
  enum class Look { Recent, Fresh };
  std::vector<Use> uses(NodeState const&, Look);
  /// Whether a process is there at this moment; no_instance stands for any.
  bool is_used(NodeState const&, unsigned gpu, unsigned gpu_instance, unsigned compute_instance);
  Board const& board() const { return board_of(*machine); }

  std::shared_ptr<StateFile> file;  ///< shared with calls that wait without the mutex
  Machine const* machine = nullptr;
  std::unique_ptr<ProcessTable> processes;

 private:
  int opens_ = 0;
  std::map<decltype(Handle().key()), std::unique_ptr<Handle>> handles_;
  std::set<Handle const*> known_;
};

/// A call's view of what its handle names.
struct View {
  Session& session;
  NodeState const& state;
  unsigned index;
  Gpu const& gpu;
  Machine const& machine;
  Board const& board;
  GpuInstance const* instance = nullptr;
  ComputeInstance const* compute = nullptr;

  NodeIdentity const& node() const { return session.file->identity(); }
  GpuInstanceProfile const& profile() const { return *profile_by_id(board, instance->profile_id); }
  ComputeInstanceProfile const& compute_profile() const { return *compute_profile_by_id(profile().slices, compute->profile_id); }
  bool is_mig_device() const { return compute != nullptr; }
};

/// Waits as long as a slow GPU makes its callers wait. Call without the mutex.
void wait_if_slow(Handle const*);

/// Holds the session for one call about `handle`, which has to be of `kind`.
class Call {
 public:
  enum class Of { AnyDevice, Gpu, MigDevice, GpuInstance, ComputeInstance };
  Call(Handle const* handle, Of what);

  Return error = Return::Success;  ///< not Success: do not use view()
  View const& view() const { return *view_; }
  Session& session() { return session_; }

 private:
  Return resolve(Handle const*, Of);
  Session& session_;
  std::unique_lock<std::mutex> lock_;
  std::unique_ptr<View> view_;
};

/// `return on(device, Call::Of::Gpu, [&](View const& view) { ... });`
template <class Body>
Return on(Handle const* handle, Call::Of what, Body body) {
  Call call(handle, what);
  if (call.error != Return::Success) return call.error;
  return body(call.view());
}

/// Copies text into a caller's buffer, InsufficientSize where it does not fit.
Return give_text(std::string const& text, char* buffer, unsigned length);

}  // namespace nav::nvmlsim

/// What the library shows to the world; all else is hidden.
#define NVML_CALL extern "C" __attribute__((visibility("default"))) ::nav::nvmlsim::Return
