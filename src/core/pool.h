// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/container/flat_set.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/accounts.h"
#include "core/cow.h"
#include "core/digest.h"
#include "core/event.h"
#include "mig/geometry.h"
#include "mig/placement.h"

/// Everything the scheduler knows, as one value: copying it is cheap (tables are copy-on-write), so a snapshot for readers or a way
/// back is an assignment. Only `apply` changes it.
namespace nav {

/// Jobs alike in all that decides where they may go: if one of them cannot be placed now, none can, and for one reason.
struct RequestClass {
  std::vector<std::string> on;
  std::uint32_t cpu_milli = 0;
  std::uint64_t memory_mib = 0;
  std::int32_t priority = 0;
  ProjectId project;
  std::vector<RungLimits> limits = {};  ///< of each rung; empty: none has any
  std::uint32_t rung = 0;               ///< the current one: it and those before it are open to these jobs
  UserId user = {};                     ///< may have limits of their own
  JobId gang = {};                      ///< whose members these are: each gang is a class of its own

  RungLimits limits_of(std::size_t index) const { return index < limits.size() ? limits[index] : RungLimits{}; }
  bool is_last(std::size_t index) const { return index + 1 >= on.size(); }
  auto operator<=>(RequestClass const&) const = default;
};

/// The jobs of one class that wait, oldest first: a list through the jobs themselves.
struct ClassQueue {
  std::uint64_t number = 0;
  RequestClass request;
  JobId head, tail;
  std::uint64_t waiting = 0;
  std::uint64_t alive = 0;  ///< jobs of the class that are not over; at none the class goes
};

enum class JobState : std::uint8_t {
  Queued,
  Starting,
  Running,
  Finishing,  ///< a member of a gang whose attempt is over, while others of the gang have not ended
};

/// Where an attempt sits.
struct Seat {
  NodeId node;
  std::uint32_t rung = 0;
  std::uint32_t gpus = 0;                   ///< a bit a GPU of the node
  std::optional<mig::Placement> placement;  ///< of the slice, on the one GPU named
  std::uint32_t cpu_milli = 0;
  std::uint64_t memory_mib = 0;
  Duration time_limit;   ///< of this attempt: the job's or its template's, whichever is shorter; zero: none
  Amount cost;           ///< what it counts for its project and user
  bool leaving = false;  ///< its attempt was told to make room
};

/// A job that is not over. What a person asked for in words (command, environment) is not here but under `body`.
struct Job {
  JobId id;
  std::uint64_t queue = 0;  ///< number of its ClassQueue
  Digest body;
  UserId user;
  ProjectId project;
  Time submitted;
  Time since;       ///< of its present state
  Time started;     ///< by the node's clock
  Time rung_since;  ///< when the current rung became so
  Duration time_limit;
  JobState state = JobState::Queued;
  StopCause stop = StopCause::None;
  std::uint16_t stop_xid = 0;  ///< what the driver reported, if that is why
  bool restartable = false;
  bool climbs = false;  ///< stopped, to begin anew, when something better is free
  bool no_preempt = false;
  OnOutOfMemory on_out_of_memory = OnOutOfMemory::Fail;
  std::uint32_t retries_left = 0;
  std::uint32_t attempt = 0;      ///< number of the present or last attempt
  std::uint32_t node_errors = 0;  ///< attempts that failed by a node's fault
  std::uint32_t aside = 0;        ///< slices and GPUs set aside under it
  JobId before, after;            ///< neighbours in the queue while it waits
  JobId gang;                     ///< whose member it is: the first member's number; none: it is a job by itself
  Seat seat;                      ///< while Starting or Running

  AttemptId attempt_id() const { return {id, attempt}; }
  bool has_seat() const { return state == JobState::Starting || state == JobState::Running; }
  std::uint32_t rank() const { return gang ? static_cast<std::uint32_t>(id.value - gang.value) : 0; }
};

/// A job of several members, which are jobs with numbers that follow one another: they get their places in one step or none does, and when one
/// fails or is told to stop, all are. What becomes of them is decided once, for all.
struct Gang {
  JobId first;  ///< rank 0
  std::uint32_t members = 1;
  std::uint32_t well = 0;            ///< attempts that ended well
  std::uint32_t port = 0;            ///< where rank 0 is met, while they have places
  std::vector<NodeId> nodes;         ///< by rank, of the present attempts
  std::optional<GangBroken> broken;  ///< they cannot end well any more
};

/// A slice that should exist: held by an attempt, idle and ready for the next one, or set aside.
struct Slice {
  mig::Placement at;
  AttemptId holder;
  std::string aside;  ///< why it is set aside; empty: it is not

  bool is_free() const { return !holder && aside.empty(); }
};

struct Gpu {
  std::uint32_t index = 0;
  std::string uuid;
  std::string model;
  std::string family;                             ///< "a100"
  std::shared_ptr<mig::Geometry const> geometry;  ///< none: this board cannot be cut
  std::uint64_t memory_mib = 0;
  GpuPolicy policy = GpuPolicy::Managed;
  GpuMode mode = GpuMode::Whole;
  std::vector<Slice> slices;  ///< the layout that should exist, along the GPU
  AttemptId holder;           ///< who has it whole
  std::string aside;          ///< why the whole GPU is set aside; empty: it is not
  std::uint64_t erred = 0;    ///< in which of its node's boots an error last set something on it aside

  /// Nothing runs on it and nothing on it is set aside: it may be switched between whole and cut.
  bool is_unused() const;
  /// Something on it is set aside, or all of it.
  bool has_trouble() const;
  mig::Layout layout() const;
};

/// A place that will be a waiting job's as soon as those who were told to make room have gone, or a moving job's as soon as it has stopped.
struct Claim {
  JobId job;
  NodeId node;
  std::uint32_t rung = 0;
  std::uint32_t gpus = 0;
  std::optional<mig::Placement> placement;
  Amount cost;
  Time since;
  bool by_moving = false;  ///< a part of a move, see core/moving.h: what is claimed is promised
  JobId for_job = {};      ///< of a move: for whom

  /// A job that moves counts for its project by its seat already.
  bool is_counted() const { return !by_moving || for_job == job; }
};

/// Why an attempt was told to make room or to move, or its job waits again since.
struct Preempted {
  JobId by;
  std::string sentence;
  Time at;
};

enum class NodeState { Joining, Ready, Unreachable, Lost };
BOOST_DESCRIBE_ENUM(NodeState, Joining, Ready, Unreachable, Lost)
BOOST_DESCRIBE_ENUM(JobState, Queued, Starting, Running, Finishing)

struct Node {
  NodeId id;
  std::string name;
  std::string site;
  std::map<std::string, std::string> labels;
  NodeState state = NodeState::Joining;  ///< Ready only while confirmed since the controller started
  Time since;
  bool draining = false;
  std::string drain_message;
  RentalId rental;  ///< it is a machine of a cloud, and costs
  std::string boot;
  std::uint64_t boots = 0;  ///< reports of fewer are late ones of an earlier boot
  std::shared_ptr<Inventory const> inventory;
  std::vector<Gpu> gpus;
  std::uint64_t cpu_milli = 0, cpu_milli_used = 0;
  std::uint64_t memory_mib = 0, memory_mib_used = 0;
  boost::container::flat_set<AttemptId> attempts;  ///< seated here
  Generation generation;                           ///< of its spec
  std::uint64_t xids_seen = 0;

  bool takes_jobs() const { return state == NodeState::Ready && !draining; }
};

struct Pool {
  Table<Job> jobs;  ///< not over
  Table<Node, 1> nodes;
  Table<ClassQueue> queues;
  Table<Gang> gangs;  ///< by the number of their first member
  Cow<std::map<RequestClass, std::uint64_t>> queue_of;
  Cow<std::map<std::string, NodeId>> node_named;  ///< lost nodes have given their name back
  Cow<std::map<std::string, Template>> templates;
  Cow<std::set<std::string>> retired;                                 ///< names of templates a person took away: discovery leaves them alone
  Cow<std::vector<std::shared_ptr<mig::Geometry const>>> geometries;  ///< boards seen, each compiled once
  Cow<std::map<std::string, Cloud>> clouds;
  Cow<std::map<RentalId, Rental>> rentals;  ///< that the provider may have
  Cow<std::set<JobId>> climbers;            ///< seated on a rung below their best, and willing to climb
  std::uint64_t next_rental = 1;
  std::uint64_t next_job = 1;
  std::uint64_t next_node = 1;
  std::uint64_t next_queue = 1;
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;                    ///< of the last event taken in
  Time now;                                      ///< of that event
  std::uint64_t waiting = 0;                     ///< jobs queued
  Accounts accounts;                             ///< who has how much
  Cow<std::map<JobId, Claim>> claims;            ///< by the job that waits for it, or moves there
  Cow<std::map<JobId, Preempted>> preempted;     ///< by the job that was stopped, until it has a place again
  Cow<std::map<JobId, Time>> moved;              ///< when a job that is not over was last told to move
  Cow<std::map<JobId, ServiceStatus>> services;  ///< all that are there to be used, as their nodes see them

  Node const* node(NodeId id) const { return nodes.find(id.value); }
  Job const* job(JobId id) const { return jobs.find(id.value); }
  Template const* find_template(std::string const& name) const;
};

/// Changes the pool as the fact says. Cannot fail: what the fact says was decided against this very pool.
void apply(Pool& pool, PoolEvent const& event, Stamp const& stamp);

/// "NVIDIA A100-SXM4-40GB" -> "a100", "NVIDIA RTX PRO 6000 Blackwell Server Edition" -> "rtx-pro-6000": what a template for whole GPUs
/// is called.
std::string family_of(std::string const& model);

/// "1g.5gb+me" -> "mig-1g.5gb.me": the name of a profile's seeded template ('+' is no letter of a name; Kubernetes writes it so too).
std::string template_name_of_profile(std::string const& profile);

/// The templates that hardware like this should bring along: each profile, one whole GPU, 2, 4, ... and all GPUs of a node, and cpu.
std::vector<Template> templates_for(Inventory const& inventory);

/// The share of a node's processors and memory that goes with one of its memory slices, for templates and `cpu`.
struct Share {
  std::uint32_t cpu_milli = 0;
  std::uint64_t memory_mib = 0;
};

/// What these GPUs, or this slice of the one named, count for whoever holds them.
Amount cost_of(Node const& node, std::uint32_t gpus, std::optional<mig::Placement> placement);
/// All GPUs of the node.
Amount capacity_of(Node const& node);

/// All as text, for tests and for people: node by node, what is cut and who holds it, and who waits.
std::string to_text(Pool const& pool);

}  // namespace nav
