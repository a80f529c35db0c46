// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/nvml_library.h"
#include "core/node_status.h"

namespace nav::nvml {

/// Waits for the driver's XIDs in a thread of its own. The thread is left behind, not waited for, should the driver hang in it.
class XidWatch {
 public:
  /// `notice` is called from that thread when there is something to take; may be empty.
  explicit XidWatch(std::function<void()> notice);
  ~XidWatch();
  XidWatch(XidWatch const&) = delete;
  XidWatch& operator=(XidWatch const&) = delete;

  /// Watches these GPUs from now on, in place of those before.
  void watch(std::shared_ptr<Library> library, std::vector<std::pair<Device, std::string>> uuids);
  /// Which placement a GPU instance id of this GPU means. The driver counts instances by ids of its own.
  void set_placements(std::string const& gpu, std::map<unsigned, std::string> by_instance);
  /// What came since the last call; number is left at zero.
  std::vector<XidStatus> take();

 private:
  struct State;
  static void run(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace nav::nvml
