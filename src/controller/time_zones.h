// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "flow/time_zone.h"

namespace nav {

/// The rules of time zones by their IANA names. This body knows UTC and no other; the world's is adapters/zone_files.h. Any thread may ask.
class TimeZones {
 public:
  virtual ~TimeZones() = default;
  /// NotFound, with what may have been meant.
  virtual Result<std::shared_ptr<TimeZone const>> find(std::string const& name) const {
    if (name == "UTC") return std::make_shared<TimeZone const>();
    return fail(ErrorKind::NotFound, "there is no time zone \"{}\" on the controller's machine", name);
  }
};

/// Those that were lent, or UTC alone.
inline TimeZones const& or_utc(TimeZones const* lent) {
  static TimeZones const utc;
  return lent ? *lent : utc;
}

}  // namespace nav
