// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mig/bucket_index.h"
#include "mig/demand.h"
#include "mig/packing.h"
#include "mig/scores.h"
#include "plan/plan.h"

/// What the planner's index is made of. Only src/plan looks inside.
namespace nav::plan {

/// GPUs are numbered by node and index, so that the numbers do not depend on the order of joining or refreshing.
inline constexpr std::uint32_t gpus_a_node = 32;
inline std::uint32_t number_of(NodeId node, std::uint32_t gpu) { return static_cast<std::uint32_t>(node.value) * gpus_a_node + gpu; }
inline NodeId node_of(std::uint32_t number) { return NodeId{number / gpus_a_node}; }
inline std::uint32_t gpu_of(std::uint32_t number) { return number % gpus_a_node; }

/// A slice that stands idle, and what using it takes from the value of its GPU.
struct IdleSlice {
  mig::Placement at;
  std::int32_t cost = 0;
  bool operator==(IdleSlice const&) const = default;
};

/// A slice of a fixed layout serves nothing but its own profile, so it goes first.
inline constexpr std::int32_t costs_nothing = std::numeric_limits<std::int32_t>::min();

/// What the index holds of one GPU.
struct GpuEntry {
  std::uint32_t board = 0;
  std::optional<mig::StateId> cut;  ///< of what is busy, where new slices may be cut
  std::vector<IdleSlice> idle;      ///< the cheapest of each profile
  bool operator==(GpuEntry const&) const = default;
};

struct NodeEntry {
  std::vector<GpuEntry> gpus;
  std::map<std::string, std::uint32_t> whole;  ///< by family: GPUs that could be given whole
  bool takes_jobs = false;
  bool operator==(NodeEntry const&) const = default;
};

/// All GPUs of one board.
struct BoardIndex {
  explicit BoardIndex(std::shared_ptr<mig::Geometry const> geometry);
  BoardIndex(BoardIndex const&) = delete;
  /// Of no GPU any more. What a board's layouts are worth is kept: it takes milliseconds to reckon.
  void clear();
  /// Values the same GPUs otherwise; what stands idle on them has to be looked at again.
  void use(mig::Scores other);

  std::shared_ptr<mig::Geometry const> geometry;
  mig::Demand demand;
  bool is_due = false;  ///< what is asked for has moved, and the scores have not followed yet
  mig::Scores scores;
  mig::Packer packer;
  mig::BucketIndex cut;
  std::vector<std::map<std::int32_t, mig::GpuSet>> idle;  ///< by profile and cost
};

/// May this GPU be given to one job whole, now?
bool is_free_whole(Gpu const& gpu);
/// The state of what is held or set aside on the GPU; nothing when that is not a layout its board allows.
std::optional<mig::StateId> busy_state(Gpu const& gpu);

}  // namespace nav::plan

namespace nav {

/// What of a node is kept for somebody else at this moment of a round.
struct Withheld {
  std::uint32_t gpus = 0;
  bool all_of_it = false;
};

struct PlanIndex::Body {
  std::vector<std::unique_ptr<plan::BoardIndex>> boards;  ///< in the order of Pool::geometries
  std::map<NodeId, plan::NodeEntry> nodes;
  std::map<std::string, std::vector<mig::GpuSet>> whole;  ///< by family and how many are free: nodes
  mig::GpuSet nodes_without_gpus, nodes_with_gpus;        ///< that take jobs
  std::map<NodeId, Withheld> withheld;                    ///< empty between rounds
  std::vector<Reservation> reservations;
  std::map<std::uint64_t, Time> no_room_until;   ///< by class: nobody could be stopped for it, so it is not tried again before
  std::map<std::uint64_t, Time> no_moves_until;  ///< the same of moves
  Time no_search_until;                          ///< for moves, of whichever class: in a large pool each takes long

  bool is_withheld(NodeId node, std::uint32_t gpu) const {
    auto const it = withheld.find(node);
    return it != withheld.end() && (it->second.all_of_it || (it->second.gpus >> gpu & 1));
  }

  plan::NodeEntry entry_of(Pool const& pool, Node const& node) const;
  void replace(NodeId node, plan::NodeEntry const& old_entry, plan::NodeEntry const& new_entry);
};

}  // namespace nav
