// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "base/random.h"
#include "base/time.h"

namespace nav {

/// Something that failed and is tried again: how often, since when, and when next. Doubles its wait.
struct Patience {
  std::uint32_t failures = 0;
  Time since;       ///< of the first failure in a row
  Time next;        ///< not before
  std::string why;  ///< in the words of whoever refused

  bool may_try(Time now) const { return now >= next; }

  void failed(Time now, std::string message, Duration first, Duration longest) {
    if (failures == 0) since = now;
    // Past twenty doublings every wait is the longest one.
    auto const doublings = std::min<std::uint32_t>(failures, 20);
    ++failures;
    why = std::move(message);
    next = now + std::min(longest, first * (std::int64_t{1} << doublings));
  }
};

/// Between half and one and a half times as long, so that a thousand agents do not come back at once.
inline Duration jittered(Duration d, Random& random) { return {static_cast<std::int64_t>(static_cast<double>(d.us) * (0.5 + random.uniform()))}; }

}  // namespace nav
