// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "mig/scores.h"

namespace nav::mig {

/// The mix of what was lately asked for: the last some thousand requests, older ones for less and less. Begins at the even mix, which always
/// keeps a part: a table that believes the mix to the last share does a little less well than one that also expects the rest.
class Demand {
 public:
  explicit Demand(Geometry const& geometry);

  /// Counts a request. True when the mix has moved so far from what mix() last said that tables are worth making anew.
  bool saw(std::uint8_t profile);
  /// The mix now.
  Mix mix();

 private:
  Mix even_;
  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
  std::vector<std::uint64_t> said_;  // when mix() was last asked
  std::uint64_t said_total_ = 0;
  std::uint64_t since_ = 0;  // requests since the mixes were compared
};

}  // namespace nav::mig
