// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/command.h"
#include "plan/place.h"
#include "plan/plan_index.h"

/// Clearing GPUs: everybody on them moves elsewhere.
namespace nav::plan {

/// Places for jobs that are to leave their GPUs, one after another: the best there is for each, and nothing twice. What they leave is given to nobody.
class Rehousing {
 public:
  Rehousing(Pool const& pool, PlanIndex::Body const& body) : pool_(&pool), body_(&body) {}

  /// Nobody goes there.
  void keep_clear(NodeId node, std::uint32_t gpus) { clear_[node] |= gpus; }
  /// No slice is given on a GPU on which nothing runs.
  void only_on_used_gpus() { only_on_used_ = true; }
  /// Somebody was given a slice there.
  bool is_taken(std::uint32_t gpu) const { return cut_.contains(gpu); }
  /// New places for all of them; nothing if one has none, and then what was given to others stays given.
  std::optional<std::vector<PlaceJob>> rehouse(std::vector<Job const*> jobs);

 private:
  struct Taken {
    std::uint64_t cpu_milli = 0, memory_mib = 0;
  };
  bool is_clear(NodeId node, std::uint32_t gpu) const;
  bool has_room(Node const& node, Job const& job, Template const& t) const;
  std::optional<PlaceJob> place_for(Job const& job);
  std::optional<PlaceJob> slice_for(Job const& job, Template const& t);
  std::optional<PlaceJob> gpus_for(Job const& job, Template const& t);

  Pool const* pool_;
  PlanIndex::Body const* body_;
  std::map<NodeId, std::uint32_t> clear_;
  std::map<NodeId, std::uint32_t> given_;      ///< whole
  std::map<std::uint32_t, mig::StateId> cut_;  ///< GPUs on which somebody was given a slice
  std::map<NodeId, Taken> taken_;
  bool only_on_used_ = false;
};

/// Whole GPUs of one node for this template, those whose jobs cost least to move, and a place elsewhere for each of these jobs. Plans are offered to
/// `accept`, the cheapest first, until it takes one; it fills in for whom. Costs a walk over all GPUs.
std::optional<MoveJobs> clear_gpus(Pool const& pool, PlanIndex::Body const& body, Template const& t, Beside const& need,
                                   std::function<bool(Job const&)> const& may_move, std::function<bool(MoveJobs&)> const& accept);

}  // namespace nav::plan
