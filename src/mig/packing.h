// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "mig/geometry.h"

namespace nav::mig {

/// Instances asked for, by profile.
using Counts = std::vector<std::uint64_t>;

/// Whether instances could stand on GPUs that are free to be cut anew. This is what tells "never" from "not now", and the bound that
/// every benchmark prints.
enum class Packing {
  Impossible,  ///< proven: no layouts of these GPUs hold them
  Possible,    ///< proven: some do
  Unproven,    ///< no bound forbids it and a good try did not find it (only with media profiles, or boards of an unknown shape)
};
BOOST_DESCRIBE_ENUM(Packing, Impossible, Possible, Unproven)

Packing packable(Geometry const& geometry, Counts const& counts, std::uint64_t gpus);

/// The fewest GPUs that packable() calls Possible, at most `limit`.
std::optional<std::uint64_t> gpus_needed(Geometry const& geometry, Counts const& counts, std::uint64_t limit);

/// Every multiset of instances one GPU can hold that no other multiset holds within itself, in a fixed order.
std::vector<Counts> configurations(Geometry const& geometry);

/// The same question answered by trying configurations one GPU after another: exact for every board, and only for a handful of GPUs.
/// It is the test of packable().
bool packable_by_search(Geometry const& geometry, Counts const& counts, std::uint64_t gpus);

}  // namespace nav::mig
