// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Whether work would fit a smaller piece of a GPU, from what it was measured to take.
namespace nav::telemetry {

struct Piece {
  std::string profile;
  std::uint32_t compute_slices = 0;
  std::uint32_t memory_slices = 0;
  std::uint64_t memory_mib = 0;
};

/// Of the piece that is held, over the time that is looked at.
struct Taken {
  std::uint64_t most_memory_mib = 0;
  std::optional<double> most_activity;  ///< share of its own compute, 0 to 1; none: no source told
};

/// What is left free beside the most that was taken: a tenth of the memory and of the compute.
inline constexpr double spare = 0.1;

/// The piece of fewest memory slices, then fewest compute slices, that what was taken fits with some to spare. None unless it has fewer
/// memory slices than what is held. Where activity is unknown a piece has to have all the compute that is held: nobody can say that less would do.
std::optional<Piece> smaller_piece(std::vector<Piece> const& possible, Piece const& held, Taken const& taken);

}  // namespace nav::telemetry
