// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>

#include "core/pool.h"

/// Whose turn it is.
namespace nav::plan {

/// The foremost waiting job of a class.
struct Turn {
  std::uint64_t queue = 0;
  JobId job;
  PriorityClass priority = PriorityClass::Normal;
};

/// The order in which classes of waiting jobs go during one round. From the top of the tree down, at every fork goes whoever
///   1. has a job of a higher priority class,
///   2. is within its quota, before those that borrow,
///   3. has spent less for its weight, what it holds now counted some minutes ahead so that a round is divided too,
///   4. has the higher priority, then the older job.
/// Costs O(classes) a round, and O(levels) a placing.
class ShareOrder {
 public:
  explicit ShareOrder(Pool const& pool);
  ShareOrder(ShareOrder const&) = delete;
  ~ShareOrder();

  /// Nothing: nobody waits whose turn has not been.
  std::optional<Turn> next() const;
  /// The class whose turn it is is passed over for the rest of the round.
  void drop(std::uint64_t queue);
  /// The foremost job of the class whose turn it is got its place: its project has more now, and its next job is foremost.
  void placed(std::uint64_t queue);
  /// The oldest foremost job of a priority class, as it was when the round began.
  JobId oldest(PriorityClass priority) const;

 private:
  struct Branch;
  struct Rank;

  Branch* branch_of_project(ProjectId id);
  Branch* branch_of_team(std::uint64_t number);
  Rank rank_of(Branch const& branch) const;
  void rank_again(Branch* branch);

  Pool const& pool_;
  std::unique_ptr<Branch> root_;
  std::map<std::uint64_t, std::unique_ptr<Branch>> projects_, teams_;
  std::map<std::uint64_t, Branch*> of_queue_;
  std::map<PriorityClass, JobId> oldest_;
};

/// What a fork compares: slice-seconds for its weight.
double share_of(Account const& account, Time now, Duration half_life);

}  // namespace nav::plan
