// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/cow.h"
#include "flow/flow_event.h"
#include "flow/schedule.h"

/// The stream of flows as a value: what flows there are, and how far their runs have come. Kept beside the pool: jobs are the pool's, here
/// is why they were submitted. Runs that are over are kept, the newest thousand of them.
namespace nav {

inline constexpr std::size_t most_ended_runs = 1000;

/// One version of a flow.
struct FlowVersion {
  Json text{"{}"};  ///< as it was submitted
  std::shared_ptr<api::FlowDefinition const> definition;
  Time saved;
  UserId by;
};

struct Trial {
  JobId job;
  std::map<std::string, std::string> parameters;
  bool ended = false;  ///< its job is over ...
  JobEnd end = JobEnd::Succeeded;
  bool delivered = false;  ///< ... and what it left has come
  std::map<std::string, OutputFile> outputs;
  std::map<std::string, double> metrics;
  std::string problem;
  std::string stopped_early;  ///< why it was not worth going on with
  std::string content;        ///< digest of all that its results depend on; empty: they are not handed on
  FlowRunId reused_from;      ///< the run in which its job ran, if that was another
  bool ready = false;         ///< its job is a service, and has answered

  /// Ended before its time, which is no failure of it. It may have got to its end all the same.
  bool was_stopped_early() const { return ended && end == JobEnd::Cancelled && !stopped_early.empty(); }
  bool has_succeeded() const { return ended && end == JobEnd::Succeeded && delivered && problem.empty(); }
  /// Nothing more will happen to it. One that succeeded is waited for until what it left has come.
  bool is_over() const { return ended && (end != JobEnd::Succeeded || delivered); }
};
BOOST_DESCRIBE_STRUCT(Trial, (), (job, parameters, ended, end, delivered, outputs, metrics, problem, stopped_early, content, reused_from, ready))

/// What a person was asked before a component starts, and said.
struct Approval {
  Time asked;
  std::optional<bool> approved;
  UserId by;
  Time at;
  std::string note;
};
BOOST_DESCRIBE_STRUCT(Approval, (), (asked, approved, by, at, note))

struct ComponentRun {
  api::ComponentState state = api::ComponentState::Waiting;
  std::vector<Trial> trials;
  std::optional<std::uint32_t> best;
  std::string stopped;  ///< why no more trials are queued
  std::string message;
  std::optional<Approval> approval;  ///< once it was asked for
  bool taken_over = false;
  Time started;
  Time ended;

  /// The trial whose outputs and metrics are the component's.
  Trial const* result() const { return best && *best < trials.size() ? &trials[*best] : nullptr; }
};
BOOST_DESCRIBE_STRUCT(ComponentRun, (), (state, trials, best, stopped, message, approval, taken_over, started, ended))

struct FlowRun {
  FlowRunId id;
  ProjectId project;
  std::string project_name;
  UserId user;
  std::string flow;
  std::uint32_t version = 1;
  std::map<std::string, std::string> parameters;
  api::FlowRunState state = api::FlowRunState::Running;
  bool cancelled = false;
  FlowRunId rerun_of;
  FlowScheduleId schedule;        ///< that started it
  Time scheduled_for;             ///< the time it was started for; kept when it is repeated
  std::vector<std::string> anew;  ///< components that run whatever has been kept
  Time started;
  Time ended;
  std::string message;
  std::map<std::string, ComponentRun> components;
};
BOOST_DESCRIBE_STRUCT(FlowRun, (),
                      (id, project, project_name, user, flow, version, parameters, state, cancelled, rerun_of, schedule, scheduled_for, anew, started, ended,
                       message, components))

/// Whose job it is.
struct TrialOf {
  FlowRunId run;
  std::string component;
  std::uint32_t trial = 0;

  auto operator<=>(TrialOf const&) const = default;
};

struct Flows {
  using Key = std::pair<ProjectId, std::string>;
  std::map<Key, std::vector<FlowVersion>> flows;  ///< version 1 first
  std::map<FlowRunId, Cow<FlowRun>> runs;
  std::map<JobId, TrialOf> trial_of;  ///< of runs that are not over
  std::deque<FlowRunId> ended;        ///< oldest first
  std::uint64_t next_run = 1;
  /// By project and content: the newest trial of a kept run that succeeded so. Not saved, as it follows from the runs.
  Cow<std::map<std::pair<ProjectId, std::string>, TrialOf>> known_results;
  std::map<FlowScheduleId, Cow<FlowSchedule>> schedules;
  std::uint64_t next_schedule = 1;

  FlowRun const* run(FlowRunId id) const;
  FlowVersion const* version(ProjectId project, std::string const& name, std::uint32_t number) const;  ///< 0: the newest
  TrialOf const* result_for(ProjectId project, std::string const& content) const;
  FlowSchedule const* schedule(FlowScheduleId id) const;
  api::FlowDefinition const& definition_of(FlowRun const& run) const;
};

/// Changes the flows as the fact says; cannot fail.
void apply(Flows& flows, FlowEvent const& event, Stamp const& stamp);

/// The state as JSON, and back: a part of a checkpoint.
std::string save_flows(Flows const& flows);
Result<Flows> load_flows(std::string_view text);

}  // namespace nav
