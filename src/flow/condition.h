// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace nav {

/// "train.best.metrics.accuracy > 0.9": a metric of a component held against a number.
struct Condition {
  std::string component;
  bool of_best = false;  ///< of a sweep's best trial
  std::string metric;
  std::string comparison;  ///< one of < <= > >= == !=
  double number = 0;

  bool holds_for(double value) const;
};

/// Field "when" in errors.
Result<Condition> parse_condition(std::string_view text);

/// "prepare.data", "train.best.model" or "sha256:...": where an input comes from.
struct Source {
  std::string component;  ///< empty: `output` is a digest
  bool of_best = false;
  std::string output;
};
/// InvalidArgument without a field.
Result<Source> parse_source(std::string_view text);

}  // namespace nav
