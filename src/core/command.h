// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "base/sealed.h"
#include "core/pool.h"

/// What somebody wants to happen to the pool, and what comes of it.
namespace nav {

/// Jobs alike. Project and templates are names; the digest of the request's JSON is computed by the caller.
struct SubmitJobs {
  JobRequest request;
  std::uint32_t count = 1;
  Digest body;
  ProjectId project;
  std::vector<TeamId> teams = {};  ///< the project's: some templates are for some teams
};

struct CancelJob {
  JobId job;
  std::string stopped_early = {};  ///< why it is not worth going on with; empty: somebody does not want it any more
};

/// The planner's proposal for one job, held against the pool as it is now.
struct PlaceJob {
  JobId job;
  NodeId node;
  std::uint32_t rung = 0;
  std::uint32_t gpus = 0;                   ///< a bit a GPU
  std::optional<mig::Placement> placement;  ///< a slice on the one GPU named
  std::vector<RungTried> tried = {};        ///< rungs before it, and why not
};

/// The planner's proposal for a whole gang: a place for each member, in order of rank, all on one rung. All of them become facts, or none.
struct PlaceGang {
  JobId gang;
  std::vector<PlaceJob> members;
};

/// The current rung of a waiting job is passed: its wait is over, or it has none and cannot start now.
struct PassRung {
  JobId job;
  std::string why;
};

/// A service has been idle for as long as it may.
struct ReclaimIdle {
  JobId job;
};

/// A seated job is stopped, to begin anew on this better rung.
struct ClimbJob {
  JobId job;
  std::uint32_t rung = 0;
};

/// The planner's proposal to stop whoever holds this place, so that the job can have it. Who may be stopped: core/preemption.h.
struct MakeRoom {
  PlaceJob place;
};
/// Running jobs move, each to a place of its own, so that a waiting job fits; or so that what is free lies together. All of them stop first; then
/// everybody is placed. Who may be moved, and what is promised meanwhile: core/moving.h.
struct MoveJobs {
  std::optional<PlaceJob> place;  ///< of the waiting job; none: an administrator tidies up
  std::vector<PlaceJob> moves;    ///< each of them with its new place
};
/// The job is not to wait for the place it claimed.
struct DropClaim {
  JobId job;
  std::string message;
};
/// After this long what was spent counts half in the fair share.
struct SetHalfLife {
  Duration half_life;
};

struct JoinNode {
  std::string name;
  std::string site;
  std::map<std::string, std::string> labels;
};

/// A node's report, as it came. Late, doubled and reordered ones are harmless.
struct ReportNode {
  NodeStatus status;
};

/// The node was silent for too long.
struct MissNode {
  NodeId node;
};

/// The lease of everything restartable on this silent node has run out, margin included: it has stopped by itself.
struct ExpireLeases {
  NodeId node;
};

struct DrainNode {
  NodeId node;
  std::string message;
};
struct ResumeNode {
  NodeId node;
};
/// Nothing runs there any more, says an administrator.
struct DeclareNodeLost {
  NodeId node;
};

struct SetGpuPolicy {
  NodeId node;
  std::uint32_t gpu = 0;
  GpuPolicy policy = GpuPolicy::Managed;
};

/// Keeps a slice, or a whole GPU, from everybody until it is taken back. Who holds it stays to the end.
struct KeepAside {
  NodeId node;
  std::uint32_t gpu = 0;
  std::string placement;  ///< empty: the GPU
  std::string reason;
};

/// Gives a slice, or a whole GPU, back to use after it was set aside.
struct TakeBack {
  NodeId node;
  std::uint32_t gpu = 0;
  std::string placement;  ///< empty: the GPU
};

/// What is to become of a template of that name.
enum class TemplateWish {
  Make,     ///< a new one; Conflict if there is one
  Replace,  ///< what there is becomes this; NotFound if there is none
};
enum class Hardware {
  There,  ///< refuse what nothing in the pool can give
  Later,  ///< it will come
};
struct SetTemplate {
  Template what;
  TemplateWish wish = TemplateWish::Make;
  Hardware hardware = Hardware::There;
};
struct RemoveTemplate {
  std::string name;
};

/// A cloud as it is from now on; what it failed at stays known.
struct SetCloud {
  Cloud what;
};
struct OpenCloud {
  std::string name;
  bool open = true;
};
/// One more machine, for this job.
struct WantMachine {
  std::string cloud;
  JobId job;
};
/// Conflict while something is seated there.
struct ReleaseMachine {
  RentalId rental;
  std::string why;
};
/// It did not come in time.
struct GiveUpMachine {
  RentalId rental;
};
/// The provider's report, as it came.
struct ReportCloud {
  CloudStatus status;
};

struct PoolCommand : std::variant<SubmitJobs, CancelJob, PlaceJob, JoinNode, ReportNode, MissNode, ExpireLeases, DrainNode, ResumeNode, DeclareNodeLost,
                                  SetGpuPolicy, KeepAside, TakeBack, SetTemplate, RemoveTemplate, PassRung, ClimbJob, SetCloud, OpenCloud, WantMachine,
                                  ReleaseMachine, GiveUpMachine, ReportCloud, MakeRoom, DropClaim, SetHalfLife, MoveJobs, PlaceGang, ReclaimIdle> {
  NAV_SEALED(PoolCommand)
};

/// Who asks, and when. Ids are drawn from the pool's own counters.
struct Asked {
  UserId by;
  Time now;
};

/// What the command comes to in this pool: events to be applied in order (none: nothing to change), or a refusal that changes nothing.
Result<std::vector<PoolEvent>> decide(Pool const& pool, PoolCommand const& command, Asked const& asked);

/// How often a job is moved on after a node's fault before it fails.
inline constexpr std::uint32_t most_node_errors = 5;
/// A single job may not talk more slices than this out of the pool.
inline constexpr std::uint32_t most_set_aside = 2;
/// Jobs that one command may move.
inline constexpr std::size_t most_moves = 64;
/// A job that was moved is left alone for so long.
inline constexpr Duration rest_after_move = minutes(10);
/// Jobs in one submission.
inline constexpr std::uint32_t most_jobs_at_once = 100'000;

/// Members of one gang.
inline constexpr std::uint32_t most_members = 1'024;

/// What an XID means for what it happened on (NVIDIA's XID catalogue; the list of the device plugin for the first).
enum class XidMeaning { Application, Hardware };
XidMeaning meaning_of(std::uint32_t xid);

/// All that should be on the node, as it stands in the pool.
NodeSpec spec_of(Pool const& pool, std::string const& installation, NodeId node);

}  // namespace nav
