// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "mig/bucket_index.h"
#include "mig/moves.h"
#include "mig/tenants.h"

namespace nav::bench {

/// Who sits on the GPUs of one board, by number, and the indexes over it that the planner also keeps.
class Fleet {
 public:
  using Who = std::uint32_t;

  /// Both are lent. `scores` gives the index its order; policies that have none of their own use it as a list of states only.
  Fleet(mig::Geometry const& geometry, mig::Scores const& scores, std::uint32_t gpus);

  mig::Geometry const& geometry() const { return *geometry_; }
  mig::BucketIndex const& free() const { return free_; }
  mig::TenantIndex const& tenants() const { return tenants_; }
  std::uint32_t gpus() const { return gpus_; }
  mig::StateId state(std::uint32_t gpu) const { return *free_.state_of(gpu); }

  void seat(Who who, mig::BucketIndex::Choice const& at, mig::Hold hold);
  void leave(Who who);
  mig::BucketIndex::Choice const& seat_of(Who who) const { return seats_[who].at; }
  Who who_is_at(std::uint32_t gpu, mig::Placement at) const { return at_[gpu * std::size_t{16} + at.start]; }
  /// Carries out all moves but not the placing they are for.
  void move(mig::MovePlan const& plan);
  /// Another order of preference.
  void use(mig::Scores const& scores) { free_.use(scores); }

 private:
  struct Seat {
    mig::BucketIndex::Choice at;
    mig::Hold hold = mig::Hold::Pinned;
  };

  mig::Geometry const* geometry_;
  mig::BucketIndex free_;
  mig::TenantIndex tenants_;
  std::uint32_t gpus_;
  std::vector<Seat> seats_;  // by who
  std::vector<Who> at_;      // by GPU and first slice
};

}  // namespace nav::bench
