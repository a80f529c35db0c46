// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace nav::supervisor {

/// How the program nav-supervisor answers whoever starts it.
enum class StartAnswer : int {
  Taken = 0,  ///< the attempt is being looked after by a process of its own
  Failed = 1,
  BadSpec = 2,
  AlreadyStarted = 3,  ///< by another supervisor, now or before
};

/// Takes an attempt folder up: goes into the background and holds the attempt until its end. What stands in the way is written to stderr,
/// which is closed as soon as the attempt is safely taken: whoever reads it to its end knows.
StartAnswer supervise(std::string const& folder);

}  // namespace nav::supervisor
