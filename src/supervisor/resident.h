// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace nav::supervisor {

/// The memory in use by a process and all below it, in bytes; 0 when it is gone. Where it comes to more than `limit`, what processes share is
/// counted once, as far as we may look: a program that forks does not hold its memory twice.
std::int64_t resident_bytes_below(std::int64_t pid, std::int64_t limit);

}  // namespace nav::supervisor
