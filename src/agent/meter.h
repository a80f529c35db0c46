// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "telemetry/reading.h"

namespace nav {

/// A source of samples. Each has one body a kind of source in adapters/.
class Meter {
 public:
  virtual ~Meter() = default;
  /// What it can tell now, one value each; what it cannot is absent. May take as long as a driver takes.
  virtual std::vector<telemetry::Readings> measure(Time now) = 0;
};

}  // namespace nav
