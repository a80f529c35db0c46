// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "core/command.h"
#include "core/pool.h"

/// Who goes where. Pure: the planner sees a pool and proposes; `decide` holds every proposal against the pool again.
namespace nav {

/// GPUs kept for a job that waits for them, so that smaller ones do not pass it for ever.
struct Reservation {
  JobId job;
  PriorityClass priority = PriorityClass::Normal;
  NodeId node;
  std::uint32_t rung = 0;
  std::uint32_t gpus = 0;     ///< a bit a GPU
  bool all_of_it = false;     ///< its processors are wanted too: nothing else begins on the node
  Time ready;                 ///< when who holds them now is gone; zero: not known
  bool exact = false;         ///< by time limits, and not by how long such jobs run
  bool is_claimed = false;    ///< who holds them was told to make room
  std::uint32_t members = 1;  ///< of a gang that will be there: `job` is then one of it, another on each node
};

/// An index of the free parts of a pool, so that a decision is a look-up and not a scan: GPUs in buckets by board and state of what is busy,
/// idle slices by profile, whole GPUs and room on nodes. Kept by refreshing the nodes that events touched; equal at any time to one
/// built from the pool (a property test says so).
class PlanIndex {
 public:
  PlanIndex();
  ~PlanIndex();
  PlanIndex(PlanIndex&&) noexcept;
  PlanIndex& operator=(PlanIndex&&) noexcept;

  /// From nothing.
  void rebuild(Pool const& pool);
  /// The node changed in any way: joined, reported, took or lost an attempt, was drained.
  void refresh(Pool const& pool, NodeId node);
  /// So many jobs were submitted that would have this first. What is asked for decides what a free part of a GPU is worth, so places are
  /// chosen for the mix of it; memory of the planner's, made anew after a start.
  void saw(Pool const& pool, std::string const& template_name, std::uint64_t count);
  /// Values GPUs by what was seen, if that is another mix than before. Costs a refresh of every node then.
  void learn(Pool const& pool);
  /// Values GPUs as another index does.
  void learn_from(Pool const& pool, PlanIndex const& other);
  /// Reservations are no part of it.
  bool operator==(PlanIndex const& other) const;
  /// As the last round left them.
  std::vector<Reservation> const& reservations() const;

  struct Body;
  Body& body() { return *body_; }
  Body const& body() const { return *body_; }

 private:
  std::unique_ptr<Body> body_;
};

/// The best place for a job of this class now: rung by rung up to the current one, on each the place that leaves the pool least cut up; an idle
/// slice of the right profile before a new cut that is no better. Nothing if it fits nowhere.
/// `may` says whether a place may be had at all: where not, the next rung is tried.
std::optional<PlaceJob> place(Pool const& pool, PlanIndex const& index, RequestClass const& request, JobId job,
                              std::function<bool(PlaceJob const&)> const& may = {});

/// Places for all members of a gang, each where it is best after those before it; on the first of its rungs, and at the first site, where all fit.
struct GangPlaces {
  std::optional<PlaceGang> places;
  bool may_not = false;  ///< there was room, and a limit forbids it
};
/// The index is as before when it returns.
GangPlaces place_gang(Pool const& pool, PlanIndex& index, Gang const& gang);

/// What `waiting` jobs lack, as data: one dominant reason a class.
enum class Lack {
  NoNode,      ///< no node that takes jobs has such compute at all, but one did or will (node down, draining, joining)
  Never,       ///< nothing in the pool could ever give it
  Busy,        ///< all of it is held by others
  Fragments,   ///< enough is free, but not in one piece
  Processors,  ///< GPUs or slices are free, but not with enough processors or memory beside them
  SetAside,    ///< what is free is set aside
  Booting,     ///< a cloud boots a machine for it
  Terms,       ///< the template's terms: its price is above the rung's, the job's priority above its ceiling
  Quota,       ///< its team, project or user has all it may have
  Reserved,    ///< what is free is kept for a job that goes before it
  Room,        ///< others were told to make room for it
  Turn,        ///< it fits; its turn comes in the next round
};
BOOST_DESCRIBE_ENUM(Lack, NoNode, Never, Busy, Fragments, Processors, SetAside, Booting, Terms, Quota, Reserved, Room, Turn)

/// Why one rung cannot be had now.
struct RungReason {
  std::string on;  ///< the template
  Lack lack = Lack::Turn;
  std::string sentence;            ///< "all 56 places for 1g.5gb are held: 54 by 12 jobs, 2 set aside"
  std::vector<AttemptId> holders;  ///< up to ten attempts whose end would help, those running longest first
  std::uint64_t total = 0;         ///< how many such places the hardware of the pool has
  std::uint64_t held = 0;
  std::uint64_t set_aside = 0;
};

struct Reason {
  Lack lack = Lack::Turn;  ///< the dominant one: of the rung nearest to being had
  std::string sentence;
  std::uint64_t ahead = 0;                 ///< waiting jobs that go before it
  std::optional<LimitReached> limit;       ///< Quota: which, and its numbers
  std::optional<Reservation> reservation;  ///< its own, or the one it waits behind
  double share = 0;                        ///< what its project and each team above have spent, as parts of what their neighbours have: the largest
  std::string preempted;                   ///< why it waits again
  std::vector<Claim> moves;                ///< who moves so that it has its place, and where to
  std::vector<RungReason> rungs;
};

/// Why jobs of this class cannot start on this rung now.
RungReason why_rung(Pool const& pool, PlanIndex const& index, RequestClass const& request, std::uint32_t rung);

/// Why this waiting job waits. Derived on demand.
Reason why(Pool const& pool, PlanIndex const& index, JobId job);

/// A round: jobs in the order of plan/share.h are placed. A class whose first job fits nowhere, or may not have more, is passed over, so smaller work
/// goes on behind it; the first of each priority class and the oldest get reservations, and only what ends in time goes on what is reserved.
/// At most `most` placings: a budget counts work, not time.
struct Plan {
  std::vector<PlaceJob> places;
  bool complete = true;  ///< false: the budget ran out
};
/// Places one after another through `accept`, which decides and applies each on the pool and refreshes the index; it returns false if it was refused.
/// `others` does the same with what else a round comes to: room to be made, and claims to be dropped; without it nobody is stopped. `gangs` with
/// gangs, and refreshes the index for all their nodes; without it none is placed.
Plan plan_round(Pool const& pool, PlanIndex& index, std::size_t most, std::function<bool(PlaceJob const&)> const& accept,
                std::function<bool(PoolCommand const&)> const& others = {}, std::function<bool(PlaceGang const&)> const& gangs = {});

/// What waiting jobs whose current rung a cloud gives come to: machines to be booted for them, and, where none is to be had and the rung has no
/// wait, rungs to be passed. At most `most` of each.
struct CloudPlan {
  std::vector<WantMachine> wanted;
  std::vector<PassRung> passed;
};
CloudPlan plan_clouds(Pool const& pool, Time now, std::size_t most);

/// When a waiting job's wait on its current rung ends; nothing if it has none, or it is the last.
std::optional<Time> rung_deadline(Pool const& pool, Job const& job);

}  // namespace nav
