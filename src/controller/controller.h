// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "controller/answers.h"
#include "controller/front.h"
#include "controller/time_zones.h"
#include "flow/unfold.h"

/// The controller as a step machine: inputs in, outputs out, no thread, clock or socket. It is the one writer: every step decides what its
/// inputs come to, plans, makes all of it durable in one append, and only then answers.
namespace nav {

/// Two passes of FNV-1a: no defence against anybody who wants two texts of one digest.
Digest plain_digest(std::string_view bytes);

struct ControllerOptions {
  std::string version = "0.1.0";
  Duration silence = seconds(15);           ///< after this long without a sync a node counts as unreachable
  Duration hold = seconds(5);               ///< a sync without news is answered after this long
  Duration lease = minutes(10);             ///< what each answer to a sync grants its node's attempts
  Duration lease_margin = minutes(1);       ///< clocks and kills take time: waited for beyond a lease before its attempts count as stopped
  std::size_t placings_a_step = 2'000;      ///< the planner's budget
  std::size_t trials_a_step = 2'000;        ///< that flows may queue
  std::uint64_t checkpoint_every = 50'000;  ///< events
  /// Of the requests of jobs that flows unfold into. The default tells different ones apart in a simulation, and no more.
  std::function<Digest(std::string_view)> digest = &plain_digest;
  TimeZones const* time_zones = nullptr;  ///< lent, for schedules; none: UTC alone is known
};

struct AskInput {
  std::uint64_t ticket = 0;
  Ask ask;
};
struct SyncInput {
  std::uint64_t ticket = 0;
  SyncRequest request;
};
struct WhyInput {
  std::uint64_t ticket = 0;
  JobId job;
};
/// What a provider's adapter saw.
struct CloudInput {
  CloudStatus status;
};
using ControllerInput = std::variant<AskInput, SyncInput, WhyInput, CloudInput>;

struct AskAnswered {
  std::uint64_t ticket = 0;
  Result<Accepted> done;
};
struct SyncAnswered {
  std::uint64_t ticket = 0;
  Result<SyncAnswer> answer;
};
struct WhyAnswered {
  std::uint64_t ticket = 0;
  Result<Reason> reason;
};
/// Frames that are in the journal from now on, for views and followers.
struct Durable {
  std::shared_ptr<std::vector<Frame> const> frames;
};
/// To be saved off the writer's path.
struct CheckpointDue {
  std::shared_ptr<Snapshot const> snapshot;
  std::shared_ptr<Answers const> answers;
};
/// What should be at the clouds, because it changed or the controller has just begun. All of it is durable.
struct CloudsWanted {
  std::vector<CloudSpec> specs;
};
/// The journal took nothing of this step, which is as if it had not been.
struct JournalRefused {
  Error error;
};
using ControllerOutput = std::variant<AskAnswered, SyncAnswered, WhyAnswered, Durable, CheckpointDue, CloudsWanted, JournalRefused>;

class Controller {
 public:
  Controller(Journal& journal, ControllerOptions options);

  /// Takes up the journal where it ends, under a new epoch. Before any step.
  Result<void> start(Time now);

  /// One step. Also to be called without inputs once a second, and at once when `has_more()`.
  std::vector<ControllerOutput> step(std::vector<ControllerInput> inputs, Time now);

  /// The budget of the planner or of the flows ran out in the last step.
  bool has_more() const { return planning_due_ || !due_runs_.empty(); }
  /// The next moment at which a step is due although nothing came in: a wait on a rung ends, a machine has been idle for long enough.
  std::optional<Time> next_deadline() const;
  std::shared_ptr<Snapshot const> snapshot() const { return snapshot_; }

 private:
  /// All streams at one moment; copying is cheap.
  struct State {
    Pool pool;
    Cow<Access> access;
    Cow<Flows> flows;
    Cow<Answers> answers;
    std::uint64_t sequence = 0;
    std::uint64_t epoch = 0;
    Time now;
  };
  struct HeldSync {
    std::uint64_t ticket = 0;
    Generation have;
    Time until;
  };
  /// What is known of a node only while this process lives.
  struct Contact {
    Time heard;
    Time lease_until;         ///< at the latest, anything granted so far has run out then
    std::string status_hash;  ///< of the last status taken in; empty: none since start
    bool missed = false;      ///< it was said not to answer, since it did or the controller began
    bool expired = false;     ///< its restartable attempts were given up since it fell silent
  };
  struct PendingAsk {
    std::uint64_t ticket = 0;
    std::size_t first = 0, count = 0;  ///< its frames in this step
    std::string answer;
    bool repeated = false;
  };
  struct Step;

  Result<void> replay(Frame const& frame);
  void take(Step& step, AskInput& input);
  void take(Step& step, SyncInput& input);
  void take(Step& step, WhyInput& input);
  void take(Step& step, CloudInput& input);
  Result<void> ask_in(Step& step, Ask& ask, PendingAsk& pending);
  Result<void> flow_command(Step& step, FlowCommand const& what, UserId by);
  void tell_flows(Step& step);
  void unfold_flows(Step& step);
  void queue_trial(Step& step, FlowRunId run, QueueTrial const& due);
  void look_at_all_runs();
  void start_scheduled(Step& step);
  void note_schedule(FlowScheduleId id);
  void note_all_schedules();
  std::shared_ptr<TimeZone const> zone_of(FlowSchedule const& schedule) const;
  std::optional<Time> next_scheduled() const;
  void end_trial(Step& step, TrialStopped const& stopped, UserId by);
  void cancel_jobs_of(Step& step, FlowRunId run, UserId by);
  void watch_nodes(Step& step);
  void refresh_index(Step& step);
  void plan(Step& step);
  bool place_waiting(Step& step);
  bool ask_clouds(Step& step);
  void climb(Step& step);
  void pass_rungs(Step& step);
  void watch_clouds(Step& step);
  void watch_services(Step& step);
  bool is_reclaimed_when_idle(JobId id) const;
  void tell_clouds(Step& step);
  std::string why_not(Step& step, RequestClass const& request, std::uint32_t rung);
  void note_deadlines(PoolEvent const& event);
  void rebuild_deadlines();
  void commit(Step& step);
  void roll_back(Step& step, Error const& error);
  void answer_syncs(Step& step, bool failed);
  void answer_sync(Step& step, NodeId node, std::uint64_t ticket, Generation have);

  /// Decides a command of nobody (or somebody) on the pool and stages its events.
  Result<void> command(Step& step, PoolCommand const& what, UserId by);
  template <class Event>
  void stage(Step& step, char const* stream, Event const& event, UserId by);

  Journal& journal_;
  ControllerOptions options_;
  State state_;
  PlanIndex index_;
  std::map<NodeId, Contact> contacts_;
  std::map<NodeId, HeldSync> held_;
  std::shared_ptr<Snapshot const> snapshot_;
  std::uint64_t checkpointed_ = 0;  ///< sequence of the last checkpoint asked for
  bool planning_due_ = true;
  std::set<std::pair<Time, JobId>> rung_deadlines_;  ///< of waiting jobs; some have been placed meanwhile
  std::optional<std::vector<CloudSpec>> clouds_told_;
  Time clouds_seen_;                              ///< when they were last looked after
  std::set<FlowRunId> due_runs_;                  ///< in which something may be due
  std::map<FlowScheduleId, Time> schedules_due_;  ///< when each comes next
  Time schedules_rest_until_;                     ///< none is looked at before
};

}  // namespace nav
