// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "replay/report.h"

/// How large a pool must be for a wish to come true.
namespace nav::replay {

/// "p95 wait < 10m"
struct Want {
  std::string which;        ///< mean, p50, p95, p99, longest
  bool completion = false;  ///< of the time to completion; else of waiting
  Duration below;

  bool holds(RunReport const& run) const;
  /// So many jobs of the trace may wait longer; with more, it cannot hold any more. All of them where that does not follow.
  std::uint64_t most_late(std::uint64_t jobs) const;
};
std::string to_text(Want const& want);
Result<Want> parse_want(std::string_view text);

/// The least number from 1 to `most` for which the predicate holds, if it holds for all larger ones: doubled from `from` until it does, then halved
/// between. Nothing where it does not hold for `most`.
Result<std::optional<std::uint32_t>> least(std::uint32_t from, std::uint32_t most, std::function<Result<bool>(std::uint32_t)> const& holds);

}  // namespace nav::replay
