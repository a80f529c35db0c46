// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "nvmlsim/nvml_abi.h"

namespace nav::nvmlsim {

inline constexpr unsigned max_gpus = 16, max_gpu_instances = 15, max_compute_instances = 8, kept_events = 64;

struct ComputeInstance {
  bool exists;
  std::uint8_t id, profile_id, start, size;
  std::uint64_t born;  ///< NodeState::births at creation: tells a handle of an earlier instance with the same id
};

struct GpuInstance {
  bool exists;
  std::uint8_t id, profile_id, start, size;
  std::uint64_t born;
  ComputeInstance compute[max_compute_instances];  ///< by id
};

struct Gpu {
  bool mig, mig_pending, persistence, lost;
  bool worn_out;  ///< a row of its memory could not be remapped
  std::uint8_t compute_mode;
  std::uint32_t refused_creations;  ///< so many more fail with `refused_with`
  Return refused_with;
  std::uint32_t busy_destroys;               ///< so many more answer IN_USE
  std::uint32_t slow_ms;                     ///< every call waits this long
  GpuInstance instances[max_gpu_instances];  ///< by id
};

struct Xid {
  std::uint32_t gpu, xid, gpu_instance, compute_instance;
};

/// Everything about a simulated node that changes. Plain bytes: it lives in a file that several processes map.
struct NodeState {
  std::uint64_t births;
  std::uint64_t boots;
  std::uint64_t xids;  ///< how many ever; number n is at xid[n % kept_events]
  Xid xid[kept_events];
  Gpu gpus[max_gpus];
};

/// What a node is, fixed when it is made.
struct NodeIdentity {
  char machine[32];
  char name[64];
  std::uint64_t seed;
};

/// The file behind a node, shared by every process that has the driver open.
///
/// The state is kept twice and a counter says which copy counts. A writer takes a kernel lock, fills the other copy and
/// then raises the counter, so a process killed at any instant leaves either the old state or the new one, and the kernel
/// drops its lock. Readers take no lock: they copy, and copy again if the counter moved meanwhile.
class StateFile {
 public:
  /// Makes the file with all GPUs idle and MIG off. 0 or an errno; EEXIST where there is one.
  static int create(std::string const& path, NodeIdentity const&);
  /// Null with errno set: ENOENT, EACCES, or EPROTO where another version made the file.
  static std::unique_ptr<StateFile> open(std::string const& path);
  ~StateFile();
  StateFile(StateFile const&) = delete;
  StateFile& operator=(StateFile const&) = delete;

  NodeIdentity const& identity() const;
  /// Changing needs write permission on the file, which stands for the driver's administrator right.
  bool is_writable() const { return writable_; }

  /// The state as it is now; good until the next call on this object. Costs one atomic load when nothing changed.
  NodeState const& read();
  /// Rises with every change.
  std::uint32_t version() const;
  /// Waits until version() is no longer `seen`, at most `timeout_ms`. False when the time ran out.
  bool wait_for_change(std::uint32_t seen, std::uint32_t timeout_ms) const;

  /// Runs `change` on a copy of the newest state, alone among all processes; what it did counts if it answers true.
  void update(std::function<bool(NodeState&)> const& change);

 private:
  struct Layout;
  StateFile(std::string path, Layout* layout, bool writable);

  std::string path_;
  Layout* layout_;
  bool writable_;
  std::uint32_t cached_version_ = 0;
  std::unique_ptr<NodeState> cached_;
};

}  // namespace nav::nvmlsim
