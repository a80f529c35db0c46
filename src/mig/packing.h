// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <vector>

#include "mig/geometry.h"
#include "mig/scores.h"

namespace nav::mig {

/// Instances asked for, by profile.
using Counts = std::vector<std::uint64_t>;

/// Whether instances could stand on GPUs that are all free to be cut anew.
enum class Packing {
  Impossible,  ///< proven: no layouts of these GPUs hold them
  Possible,    ///< proven: some do
  Unproven,    ///< no bound forbids it, and a good try did not find it (only with "+me" profiles or boards of an unknown shape)
};
BOOST_DESCRIBE_ENUM(Packing, Impossible, Possible, Unproven)

/// Tells "never" from "not now" for one board: the oracle for quotas, gangs and capacity answers, and the bound every benchmark prints.
///
/// Exact, in a few additions, where the board has one of two shapes and no media extensions are asked for:
/// - aligned (A30, RTX PRO 6000): every profile starts at all multiples of its width and widths divide one another, so the largest
///   first always packs and only the sum of slices counts;
/// - halves (A100, H100, H200, B200): a GPU is a left half of two pair slots of kind A and a right half of an A and a B, where B lacks
///   the compute slice for a 2g and for the second 1g. The whole-GPU profile takes both halves, 4g a left, 3g prefers a right, 2g an
///   A, 1g with double memory a B first, and 1g goes two to an A, one to a B.
/// Otherwise the sum of slices bounds it from above, and a greedy packing from below.
class Packer {
 public:
  /// `geometry` is lent.
  explicit Packer(Geometry const& geometry);

  Packing packable(Counts const& counts, std::uint64_t gpus) const;
  /// The fewest GPUs for which packable() says Possible; nothing when more than `limit`.
  std::optional<std::uint64_t> gpus_needed(Counts const& counts, std::uint64_t limit) const;

 private:
  enum class Shape { Aligned, Halves, Other };
  /// What a profile takes of a GPU of two halves.
  enum class Part { Whole, Left, Half, Pair, DoubleMemory, Single };

  bool fits_halves(Counts const& counts, std::uint64_t gpus) const;
  bool packs_greedily(Counts const& counts, std::uint64_t gpus, std::vector<std::uint8_t> const& sequence) const;

  Geometry const* geometry_;
  Scores scores_;
  Shape shape_ = Shape::Other;
  std::vector<Part> parts_;  // by profile, of Shape::Halves
};

/// Every multiset of instances one GPU can hold that is within no other, in a fixed order.
std::vector<Counts> configurations(Geometry const& geometry);

/// The same question answered by trying every configuration on one GPU after another: exact on every board, and for a handful of
/// GPUs only. It is the test of Packer.
bool packable_by_search(std::vector<Counts> const& configurations, Counts const& counts, std::uint64_t gpus);

}  // namespace nav::mig
