// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "supervisor/files.h"

namespace nav::supervisor {

/// The lock of an attempt folder, on its file `lock`. It belongs to the open file, not to the process: it goes through fork, and is free when
/// the last copy of the descriptor is closed, kill -9 or not.
struct LockAttempt {
  bool taken = false;  ///< false: somebody else holds it
  Fd fd;               ///< keep it open as long as the lock is to be held
};
Checked<LockAttempt> try_lock(std::string const& folder);

/// Whether somebody holds the lock. Only asks: taking it, even for a moment, could turn a supervisor away.
bool is_held(std::string const& folder);

}  // namespace nav::supervisor
