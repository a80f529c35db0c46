// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace nav {

/// Holds a folder for one process, as long as it lives: the kernel lets go even after kill -9.
class FolderLock {
 public:
  /// Makes the folder (mode 0700) if need be. Conflict names the process that holds it.
  static Result<FolderLock> take(std::string const& folder);
  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace nav
