// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "base/result.h"
#include "supervisor/files.h"

namespace nav {

/// Tells when a file of one name is put in place in any of many folders. One thread and one descriptor for all of them.
class FolderWatch {
 public:
  /// Unavailable where the kernel gives no more watches to this user.
  static Result<std::unique_ptr<FolderWatch>> open(std::string file, std::function<void()> changed);
  ~FolderWatch();

  /// Also from other threads. `changed` is called once for it, as something may have happened before. A folder that goes is forgotten by itself.
  void add(std::string const& folder);

 private:
  FolderWatch(std::string file, std::function<void()> changed) : file_(std::move(file)), changed_(std::move(changed)) {}
  void run(std::stop_token stop);

  std::string file_;
  std::function<void()> changed_;
  supervisor::Fd events_, wake_;
  std::jthread thread_;
};

}  // namespace nav
