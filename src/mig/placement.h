// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/describe/class.hpp>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mig/board.h"

namespace nav::mig {

/// A profile at a memory slice: where exactly an instance is on its GPU. Text `1g.5gb@4`. Means something only together with its board.
struct Placement {
  std::uint8_t profile = 0;  ///< index in Board::profiles
  std::uint8_t start = 0;    ///< first memory slice

  bool operator==(Placement const&) const = default;
  /// Along the GPU: by start, then by profile.
  std::strong_ordering operator<=>(Placement const& other) const {
    if (auto by_start = start <=> other.start; by_start != 0) return by_start;
    return profile <=> other.profile;
  }
};
BOOST_DESCRIBE_STRUCT(Placement, (), (profile, start))

/// All placements on one GPU, along the GPU. Text `1g.5gb@0 2g.10gb@2`; nothing cut is the empty text.
struct Layout {
  std::vector<Placement> placements;  ///< ascending

  bool operator==(Layout const&) const = default;
  auto operator<=>(Layout const&) const = default;

  bool empty() const { return placements.empty(); }
  bool contains(Placement placement) const;
  /// Puts it where it belongs in the order.
  void add(Placement placement);
  /// False when it was not there.
  bool remove(Placement placement);
};
BOOST_DESCRIBE_STRUCT(Layout, (), (placements))

std::string to_text(Board const& board, Placement placement);
std::string to_text(Board const& board, Layout const& layout);

/// InvalidArgument names what was wrong and lists the possible profiles or starts.
Result<Placement> parse_placement(Board const& board, std::string_view text);
/// Placements apart by spaces, in any order. Whether they go together is asked of the Geometry.
Result<Layout> parse_layout(Board const& board, std::string_view text);

}  // namespace nav::mig
