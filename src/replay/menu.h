// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/node_status.h"
#include "core/template.h"
#include "replay/trace.h"

/// How what a trace asks for becomes what a person would write behind `nav run --on`.
namespace nav::replay {

/// Nodes alike in a pool that is tried out.
struct NodeKind {
  std::string name;     ///< "dgx-a100"
  Inventory inventory;  ///< as each of them would report itself
  std::uint32_t count = 1;

  std::uint32_t gpus() const { return static_cast<std::uint32_t>(inventory.gpus.size()); }
};
using PoolPlan = std::vector<NodeKind>;

std::string to_text(PoolPlan const& pool);
std::uint64_t gpus_of(PoolPlan const& pool);

/// A compute list, and what goes beside it.
struct Wish {
  std::vector<std::string> on;
  std::uint32_t cpu_milli = 0;  ///< 0: the template's share
  std::uint64_t memory_mib = 0;
  std::string refused;  ///< why this pool can never give it; empty: it can
};

/// What a pool offers to the jobs of a trace.
///   - A part of a GPU becomes the smallest MIG profile that covers it in compute slices and in memory slices; the whole GPU where none smaller does, where
///     the board cannot be cut, or where `cuts` is false.
///   - Whole GPUs become that many of one node.
///   - Nodes of several kinds make a list of several rungs without waits, in the order of the pool, slices before whole GPUs: any of them will do.
///   - Processors and memory are asked for as the trace tells; where it does not, the template's share of the node goes with the GPUs.
///   - No GPU: `cpu`.
class Menu {
 public:
  Menu(PoolPlan const& pool, bool cuts);

  Wish wish(TraceJob const& job) const;
  /// The template for so many whole GPUs of a family, which discovery may not have seeded.
  static Template whole(std::string const& family, std::uint32_t gpus);

 private:
  PoolPlan const& pool_;
  bool cuts_;
};

/// The smallest profile of this board that covers a part of it; null: none but the whole does.
mig::Profile const* covering(mig::Board const& board, std::uint32_t share_milli);

}  // namespace nav::replay
