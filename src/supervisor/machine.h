// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"

namespace nav::supervisor {

/// Microseconds on the boot-time clock, on which leases are counted: it goes on while the machine sleeps and is never set.
std::int64_t boot_clock_us();
Time utc_now();

/// Changes with every start of the machine; empty where /proc does not tell.
std::string this_boot();

/// When a process began, in clock ticks since boot; with the pid it names a process for good. 0: there is none, or only its zombie is left.
std::int64_t start_of_process(std::int64_t pid);
bool is_alive(std::int64_t pid, std::int64_t start);

/// The children of one thread, whose folder below /proc this is: each thread has its own.
std::vector<std::int64_t> children_of(std::string const& task);

}  // namespace nav::supervisor
