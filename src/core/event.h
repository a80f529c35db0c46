// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/sealed.h"
#include "core/cloud.h"
#include "core/job_request.h"
#include "core/node_status.h"
#include "core/rung.h"
#include "core/template.h"

/// What happened in the pool, as written in the journal. A fact is past and is never refused; `apply` only does what it says.
/// Fields may be added with a default; none is ever renamed or given another meaning.
namespace nav {

/// How a job ended for good.
enum class JobEnd { Succeeded, Failed, Cancelled, Lost };
BOOST_DESCRIBE_ENUM(JobEnd, Succeeded, Failed, Cancelled, Lost)

/// The controller was started on this journal. Nothing is placed on a node that has not answered since.
struct ControllerStarted {
  static constexpr std::string_view type = "ControllerStarted";
  std::string version;
};
BOOST_DESCRIBE_STRUCT(ControllerStarted, (), (version))

/// `count` jobs alike, with ids from `first` on.
struct JobsQueued {
  static constexpr std::string_view type = "JobsQueued";
  JobId first;
  std::uint32_t count = 1;
  std::string body;  ///< digest of the JobRequest
  UserId user;
  ProjectId project;
  std::vector<std::string> on;
  std::uint32_t cpu_milli = 0;
  std::uint64_t memory_mib = 0;
  std::int32_t priority = 0;
  Duration time_limit;
  std::uint32_t retries = 0;
  bool restartable = false;
  bool no_preempt = false;
  std::vector<RungLimits> limits;  ///< of each rung; empty: none has any
  bool climbs = false;             ///< it may be stopped when something better is free
  OnOutOfMemory on_out_of_memory = OnOutOfMemory::Fail;
  std::uint32_t members = 0;       ///< of each gang: so many of the jobs after one another are one; zero: they are jobs by themselves
  std::optional<Service> service;  ///< they are there to be used; none: they run to their ends
};
BOOST_DESCRIBE_STRUCT(JobsQueued, (),
                      (first, count, body, user, project, on, cpu_milli, memory_mib, priority, time_limit, retries, restartable, no_preempt, limits, climbs,
                       on_out_of_memory, members, service))

/// Why a rung before the one chosen was not taken.
struct RungTried {
  std::uint32_t rung = 0;
  std::string why;

  bool operator==(RungTried const&) const = default;
};
BOOST_DESCRIBE_STRUCT(RungTried, (), (rung, why))

/// A job got its place: whole GPUs, a slice, or only processors and memory. Idle slices in its way are given up.
struct JobPlaced {
  static constexpr std::string_view type = "JobPlaced";
  AttemptId attempt;
  NodeId node;
  std::uint32_t rung = 0;            ///< index into the compute list
  std::vector<std::uint32_t> gpus;   ///< indices on the node
  std::string placement;             ///< of the slice, "1g.5gb@4"
  std::vector<std::string> removed;  ///< idle slices given up for it
  std::uint32_t cpu_milli = 0;
  std::uint64_t memory_mib = 0;
  Duration time_limit;           ///< the job's or the template's, whichever is shorter; zero: the job's
  std::int64_t price_micro = 0;  ///< an hour, as the template says now
  std::vector<RungTried> tried;  ///< rungs before it, and why they were not taken
  std::uint32_t port = 0;        ///< of rank 0 of a gang: where the others meet it
};
BOOST_DESCRIBE_STRUCT(JobPlaced, (), (attempt, node, rung, gpus, placement, removed, cpu_milli, memory_mib, time_limit, price_micro, tried, port))

/// The wait on a rung is over, or there was none: the next rung that is waited on is the current one now. All up to it are open to the job.
struct RungPassed {
  static constexpr std::string_view type = "RungPassed";
  JobId job;
  std::uint32_t rung = 0;  ///< that was the current one
  std::uint32_t to = 0;    ///< that is now
  Time since;              ///< when `rung` became the current one
  std::string why;         ///< it was not to be had
};
BOOST_DESCRIBE_STRUCT(RungPassed, (), (job, rung, to, since, why))

struct JobStarted {
  static constexpr std::string_view type = "JobStarted";
  AttemptId attempt;
  Time started;               ///< by the node's clock
  std::string instance_uuid;  ///< MIG-..., empty if none
};
BOOST_DESCRIBE_STRUCT(JobStarted, (), (attempt, started, instance_uuid))

/// What its node sees of a service is another than before.
struct ServiceReported {
  static constexpr std::string_view type = "ServiceReported";
  AttemptId attempt;
  ServiceStatus status;
};
BOOST_DESCRIBE_STRUCT(ServiceReported, (), (attempt, status))

/// The attempt is to be ended by its node.
struct JobStopRequested {
  static constexpr std::string_view type = "JobStopRequested";
  AttemptId attempt;
  StopCause cause = StopCause::None;
  std::string message;
  std::uint32_t xid = 0;  ///< what the driver reported, if that is the cause
  JobId for_job = {};     ///< for which job it makes room or moves, if that is the cause
};
BOOST_DESCRIBE_STRUCT(JobStopRequested, (), (attempt, cause, message, xid, for_job))

/// A waiting job will have this place as soon as those who hold it have gone; they were told to. Or a running job that is told to move will, as soon
/// as it has stopped.
struct PlaceClaimed {
  static constexpr std::string_view type = "PlaceClaimed";
  JobId job;
  NodeId node;
  std::uint32_t rung = 0;
  std::vector<std::uint32_t> gpus;
  std::string placement;
  bool by_moving = false;  ///< jobs move for it, and it is promised: nobody else gets it
  JobId for_job = {};      ///< of a move: for whom; nobody: an administrator had jobs moved
};
BOOST_DESCRIBE_STRUCT(PlaceClaimed, (), (job, node, rung, gpus, placement, by_moving, for_job))

/// It will not have that place after all.
struct ClaimDropped {
  static constexpr std::string_view type = "ClaimDropped";
  JobId job;
  std::string message;
};
BOOST_DESCRIBE_STRUCT(ClaimDropped, (), (job, message))

/// After this long what a team or project has spent counts half in the fair share.
struct HalfLifeSet {
  static constexpr std::string_view type = "HalfLifeSet";
  Duration half_life;
};
BOOST_DESCRIBE_STRUCT(HalfLifeSet, (), (half_life))

/// The attempt is over; what it held is free.
struct AttemptEnded {
  static constexpr std::string_view type = "AttemptEnded";
  AttemptId attempt;
  Outcome outcome = Outcome::Exited;
  std::int32_t exit_code = 0;
  std::int32_t signal = 0;
  std::string message;
  Time started;
  Time ended;
  std::uint64_t peak_memory_mib = 0;
  Duration cpu_time;
  Memory short_of = Memory::Machine;  ///< which ran out, if that was its end
};
BOOST_DESCRIBE_STRUCT(AttemptEnded, (), (attempt, outcome, exit_code, signal, message, started, ended, peak_memory_mib, cpu_time, short_of))

/// Back into the queue after an attempt, with its old place in it.
struct JobRequeued {
  static constexpr std::string_view type = "JobRequeued";
  JobId job;
  bool counted = true;  ///< took one of its retries
  std::string message;
  std::vector<std::string> on = {};     ///< its compute list from now on, for it needs more memory; empty: as before
  std::vector<RungLimits> limits = {};  ///< of each rung of that list; empty: none has any
};
BOOST_DESCRIBE_STRUCT(JobRequeued, (), (job, counted, message, on, limits))

struct JobEnded {
  static constexpr std::string_view type = "JobEnded";
  JobId job;
  JobEnd end = JobEnd::Succeeded;
  std::string message;
};
BOOST_DESCRIBE_STRUCT(JobEnded, (), (job, end, message))

/// A member of a gang ended badly, or was told to stop: all are told, and this becomes of the whole as soon as the last has ended.
struct GangBroken {
  static constexpr std::string_view type = "GangBroken";
  JobId gang;
  StopCause cause = StopCause::Gang;  ///< that the others are told
  bool again = false;                 ///< it goes back into the queue; else it ends
  bool counted = true;                ///< going back takes one of its retries
  JobEnd end = JobEnd::Failed;        ///< how it ends
  std::string message;
  JobId for_job = {};  ///< for which job it makes room, if that is the cause

  bool operator==(GangBroken const&) const = default;
};
BOOST_DESCRIBE_STRUCT(GangBroken, (), (gang, cause, again, counted, end, message, for_job))

struct NodeJoined {
  static constexpr std::string_view type = "NodeJoined";
  NodeId node;
  std::string name;
  std::string site;
  std::map<std::string, std::string> labels;
  RentalId rental;  ///< it is a machine of a cloud
};
BOOST_DESCRIBE_STRUCT(NodeJoined, (), (node, name, site, labels, rental))

/// What the node has, first or anew. Layouts found on its GPUs are taken over.
struct NodeInventoried {
  static constexpr std::string_view type = "NodeInventoried";
  NodeId node;
  Inventory inventory;
};
BOOST_DESCRIBE_STRUCT(NodeInventoried, (), (node, inventory))

/// The node answered since the controller started, or after a silence; it runs what we think it runs.
struct NodeConfirmed {
  static constexpr std::string_view type = "NodeConfirmed";
  NodeId node;
  std::string boot;
  std::uint64_t boots = 0;
};
BOOST_DESCRIBE_STRUCT(NodeConfirmed, (), (node, boot, boots))

struct NodeUnreachable {
  static constexpr std::string_view type = "NodeUnreachable";
  NodeId node;
};
BOOST_DESCRIBE_STRUCT(NodeUnreachable, (), (node))

struct NodeDrained {
  static constexpr std::string_view type = "NodeDrained";
  NodeId node;
  std::string message;
};
BOOST_DESCRIBE_STRUCT(NodeDrained, (), (node, message))

struct NodeResumed {
  static constexpr std::string_view type = "NodeResumed";
  NodeId node;
};
BOOST_DESCRIBE_STRUCT(NodeResumed, (), (node))

/// An administrator said that nothing runs there any more. The node must join anew under a new number.
struct NodeLost {
  static constexpr std::string_view type = "NodeLost";
  NodeId node;
};
BOOST_DESCRIBE_STRUCT(NodeLost, (), (node))

/// What the GPU is now: the mode and slices the node should keep. Follows what was found (first report, changes from outside).
struct LayoutChosen {
  static constexpr std::string_view type = "LayoutChosen";
  NodeId node;
  std::uint32_t gpu = 0;
  GpuMode mode = GpuMode::Whole;
  std::vector<std::string> layout;
};
BOOST_DESCRIBE_STRUCT(LayoutChosen, (), (node, gpu, mode, layout))

struct GpuPolicySet {
  static constexpr std::string_view type = "GpuPolicySet";
  NodeId node;
  std::uint32_t gpu = 0;
  GpuPolicy policy = GpuPolicy::Managed;
};
BOOST_DESCRIBE_STRUCT(GpuPolicySet, (), (node, gpu, policy))

/// Not to be given to anybody until it is taken back. Without a placement: the whole GPU.
struct SetAside {
  static constexpr std::string_view type = "SetAside";
  NodeId node;
  std::uint32_t gpu = 0;
  std::string placement;
  std::string reason;
  AttemptId by;  ///< the attempt it happened under, if any
};
BOOST_DESCRIBE_STRUCT(SetAside, (), (node, gpu, placement, reason, by))

struct TakenBack {
  static constexpr std::string_view type = "TakenBack";
  NodeId node;
  std::uint32_t gpu = 0;
  std::string placement;
};
BOOST_DESCRIBE_STRUCT(TakenBack, (), (node, gpu, placement))

/// XIDs up to this number have been dealt with.
struct XidsNoted {
  static constexpr std::string_view type = "XidsNoted";
  NodeId node;
  std::string boot;
  std::uint64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(XidsNoted, (), (node, boot, number))

struct TemplateSet {
  static constexpr std::string_view type = "TemplateSet";
  Template what;
};
BOOST_DESCRIBE_STRUCT(TemplateSet, (), (what))

/// Offered no more. Discovery does not bring it back.
struct TemplateRemoved {
  static constexpr std::string_view type = "TemplateRemoved";
  std::string name;
};
BOOST_DESCRIBE_STRUCT(TemplateRemoved, (), (name))

struct CloudSet {
  static constexpr std::string_view type = "CloudSet";
  Cloud what;
};
BOOST_DESCRIBE_STRUCT(CloudSet, (), (what))

/// A machine is to be booted. From now on it costs.
struct RentalWanted {
  static constexpr std::string_view type = "RentalWanted";
  RentalId rental;
  std::string cloud;
  JobId job;
  std::int64_t price_micro = 0;  ///< an hour
};
BOOST_DESCRIBE_STRUCT(RentalWanted, (), (rental, cloud, job, price_micro))

/// Wanted no more; nothing runs on it.
struct RentalReleased {
  static constexpr std::string_view type = "RentalReleased";
  RentalId rental;
  std::string why;
};
BOOST_DESCRIBE_STRUCT(RentalReleased, (), (rental, why))

/// The provider has it no more; it costs nothing from now on.
struct RentalEnded {
  static constexpr std::string_view type = "RentalEnded";
  RentalId rental;
  bool failed = false;  ///< it never came, or went by itself
  std::string why;
};
BOOST_DESCRIBE_STRUCT(RentalEnded, (), (rental, failed, why))

struct PoolEvent : std::variant<ControllerStarted, JobsQueued, JobPlaced, JobStarted, JobStopRequested, AttemptEnded, JobRequeued, JobEnded, NodeJoined,
                                NodeInventoried, NodeConfirmed, NodeUnreachable, NodeDrained, NodeResumed, NodeLost, LayoutChosen, GpuPolicySet, SetAside,
                                TakenBack, XidsNoted, TemplateSet, TemplateRemoved, RungPassed, CloudSet, RentalWanted, RentalReleased, RentalEnded,
                                PlaceClaimed, ClaimDropped, HalfLifeSet, GangBroken, ServiceReported> {
  NAV_SEALED(PoolEvent)
};

// Read and written in many places, and long to compile: once, in event.cc.
extern template Result<PoolEvent> json_read<PoolEvent>(std::string_view text, Unknown unknown);
extern template std::string json_write<PoolEvent>(PoolEvent const& value);

/// When, in which order and by whom. Travels beside every event of every stream.
struct Stamp {
  std::uint64_t sequence = 0;  ///< of the journal, over all streams, from 1
  std::uint64_t epoch = 0;
  Time at;
  UserId by;  ///< nobody: the controller itself
};
BOOST_DESCRIBE_STRUCT(Stamp, (), (sequence, epoch, at, by))

}  // namespace nav
