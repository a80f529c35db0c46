// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/pool.h"

/// Who may be stopped to make room for whom. Asked by the planner while it looks for a place and by `decide` before anything is stopped.
namespace nav {

/// What gives a waiting job the right to another's place.
enum class PreemptionGround {
  Lent,      ///< what it wants is its own: others had borrowed it
  Priority,  ///< it is of a higher class, and what is stopped is not its owner's own
};
BOOST_DESCRIBE_ENUM(PreemptionGround, Lent, Priority)

/// Holds one job's rights while victims are picked one after another: each one picked lessens what its team has borrowed.
class Preemption {
 public:
  Preemption(Pool const& pool, Job const& job, Amount cost);

  /// Whether this attempt may be stopped for it, and why. Never one that is not restartable, that said it must not be preempted, or that is being
  /// stopped already.
  std::optional<PreemptionGround> ground(Job const& victim) const;
  /// It will be stopped.
  void pick(Job const& victim);
  /// "preempted by job 42 of project vision: team guests had borrowed what is team research's own"
  std::string sentence(Job const& victim, PreemptionGround ground) const;

 private:
  struct Sides {
    Account const* own = nullptr;     ///< below the fork of the two ways up the tree, on the job's side
    Account const* victim = nullptr;  ///< on the other
  };
  Sides sides(Job const& victim) const;
  bool is_entitled(Account const& own) const;
  bool borrows(Account const& account) const;

  Pool const& pool_;
  Job const& job_;
  Amount cost_;
  PriorityClass class_;
  std::vector<Account const*> path_;
  std::map<Account const*, std::uint64_t> picked_;  ///< slices
};

/// An attempt that has to go.
struct Victim {
  AttemptId attempt;
  std::string sentence;
};

/// Everybody who must be stopped so that the job can have this place: nobody if it is free. Conflict if somebody there may not be stopped.
Result<std::vector<Victim>> victims_at(Pool const& pool, Job const& job, Node const& node, std::uint32_t gpus, std::optional<mig::Placement> placement);

}  // namespace nav
