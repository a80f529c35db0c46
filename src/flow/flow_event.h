// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "api/flow_schedules.h"
#include "base/sealed.h"
#include "core/event.h"

/// What happened to flows, as written in the journal beside the pool's events: a trial and its job are in one commit, so none is ever without the other.
/// Fields may be added with a default; none is ever renamed or given another meaning.
namespace nav {

/// A definition became the next version of its flow.
struct FlowSaved {
  static constexpr std::string_view type = "FlowSaved";
  ProjectId project;
  std::string name;
  std::uint32_t version = 1;
  Json definition{"{}"};
};
BOOST_DESCRIBE_STRUCT(FlowSaved, (), (project, name, version, definition))

struct FlowRunStarted {
  static constexpr std::string_view type = "FlowRunStarted";
  FlowRunId run;
  ProjectId project;
  std::string project_name;
  std::string flow;
  std::uint32_t version = 1;
  std::map<std::string, std::string> parameters;  ///< defaults and what was given
  FlowRunId rerun_of;
  std::vector<std::string> taken_over;  ///< components whose results are those of that run
  FlowScheduleId schedule;              ///< that started it: its times until `scheduled_for` are settled by this very fact
  Time scheduled_for;
  std::vector<std::string> anew;  ///< components that run whatever has been kept
};
BOOST_DESCRIBE_STRUCT(FlowRunStarted, (), (run, project, project_name, flow, version, parameters, rerun_of, taken_over, schedule, scheduled_for, anew))

/// A component became ready and this job of it was queued.
struct TrialQueued {
  static constexpr std::string_view type = "TrialQueued";
  FlowRunId run;
  std::string component;
  std::uint32_t trial = 0;
  JobId job;
  std::map<std::string, std::string> parameters;  ///< its own, beside the run's
  std::string content;                            ///< digest of all that its results depend on; empty: they are not handed on
};
BOOST_DESCRIBE_STRUCT(TrialQueued, (), (run, component, trial, job, parameters, content))

struct OutputFile {
  std::string digest;  ///< "sha256:..."
  std::uint64_t size = 0;

  bool operator==(OutputFile const&) const = default;
};
BOOST_DESCRIBE_STRUCT(OutputFile, (), (digest, size))

/// A component became ready, and the results of an earlier job were handed on to it: nothing that they depend on has changed.
struct TrialReused {
  static constexpr std::string_view type = "TrialReused";
  FlowRunId run;
  std::string component;
  std::uint32_t trial = 0;
  std::map<std::string, std::string> parameters;
  std::string content;
  FlowRunId from;  ///< in which the job ran
  JobId job;
  std::map<std::string, OutputFile> outputs;
  std::map<std::string, double> metrics;
};
BOOST_DESCRIBE_STRUCT(TrialReused, (), (run, component, trial, parameters, content, from, job, outputs, metrics))

/// Its job, which is a service, answers.
struct TrialReady {
  static constexpr std::string_view type = "TrialReady";
  FlowRunId run;
  std::string component;
  std::uint32_t trial = 0;
};
BOOST_DESCRIBE_STRUCT(TrialReady, (), (run, component, trial))

/// Its job is over.
struct TrialEnded {
  static constexpr std::string_view type = "TrialEnded";
  FlowRunId run;
  std::string component;
  std::uint32_t trial = 0;
  JobEnd end = JobEnd::Succeeded;
  std::string message;
};
BOOST_DESCRIBE_STRUCT(TrialEnded, (), (run, component, trial, end, message))

/// What a trial left behind is with the controller.
struct TrialDelivered {
  static constexpr std::string_view type = "TrialDelivered";
  FlowRunId run;
  std::string component;
  std::uint32_t trial = 0;
  std::map<std::string, OutputFile> outputs;
  std::map<std::string, double> metrics;
  std::string problem;  ///< why it counts as failed all the same
};
BOOST_DESCRIBE_STRUCT(TrialDelivered, (), (run, component, trial, outputs, metrics, problem))

/// It is not worth going on with; its job is being ended.
struct TrialStopped {
  static constexpr std::string_view type = "TrialStopped";
  FlowRunId run;
  std::string component;
  std::uint32_t trial = 0;
  std::string why;
  std::map<std::string, double> metrics;  ///< by which it was compared
};
BOOST_DESCRIBE_STRUCT(TrialStopped, (), (run, component, trial, why, metrics))

/// No more of its trials will be queued; those that run come to their end.
struct ComponentStopped {
  static constexpr std::string_view type = "ComponentStopped";
  FlowRunId run;
  std::string component;
  std::string why;
};
BOOST_DESCRIBE_STRUCT(ComponentStopped, (), (run, component, why))

/// All it needs is there, and somebody has to approve before it starts.
struct ApprovalAsked {
  static constexpr std::string_view type = "ApprovalAsked";
  FlowRunId run;
  std::string component;
  std::string question;
};
BOOST_DESCRIBE_STRUCT(ApprovalAsked, (), (run, component, question))

/// Whoever the event is by approved or rejected it.
struct ApprovalAnswered {
  static constexpr std::string_view type = "ApprovalAnswered";
  FlowRunId run;
  std::string component;
  bool approved = false;
  std::string note;
};
BOOST_DESCRIBE_STRUCT(ApprovalAnswered, (), (run, component, approved, note))

struct ComponentEnded {
  static constexpr std::string_view type = "ComponentEnded";
  FlowRunId run;
  std::string component;
  api::ComponentState state = api::ComponentState::Succeeded;
  std::optional<std::uint32_t> best;  ///< trial whose outputs and metrics are the component's
  std::string message;
};
BOOST_DESCRIBE_STRUCT(ComponentEnded, (), (run, component, state, best, message))

struct FlowRunCancelled {
  static constexpr std::string_view type = "FlowRunCancelled";
  FlowRunId run;
};
BOOST_DESCRIBE_STRUCT(FlowRunCancelled, (), (run))

struct FlowRunEnded {
  static constexpr std::string_view type = "FlowRunEnded";
  FlowRunId run;
  api::FlowRunState state = api::FlowRunState::Succeeded;
  std::string message;
};
BOOST_DESCRIBE_STRUCT(FlowRunEnded, (), (run, state, message))

/// A flow is to be run at the times of a cron expression from now on.
struct FlowScheduleMade {
  static constexpr std::string_view type = "FlowScheduleMade";
  FlowScheduleId schedule;
  ProjectId project;
  std::string project_name;
  std::string flow;
  std::uint32_t version = 0;  ///< zero: the newest at each time
  std::map<std::string, std::string> parameters;
  std::uint32_t trials_allowed = api::trials_unasked;
  bool cache = true;
  std::string cron;
  std::string time_zone;
  api::Overlap overlap = api::Overlap::Skip;
  Duration may_be_late = hours(1);
};
BOOST_DESCRIBE_STRUCT(FlowScheduleMade, (),
                      (schedule, project, project_name, flow, version, parameters, trials_allowed, cache, cron, time_zone, overlap, may_be_late))

/// What its times start, and when, is this from now on; its runs are the work of whoever changed it.
struct FlowScheduleChanged {
  static constexpr std::string_view type = "FlowScheduleChanged";
  FlowScheduleId schedule;
  ProjectId project;
  std::uint32_t version = 0;
  std::map<std::string, std::string> parameters;
  std::uint32_t trials_allowed = api::trials_unasked;
  bool cache = true;
  std::string cron;
  std::string time_zone;
  api::Overlap overlap = api::Overlap::Skip;
  Duration may_be_late = hours(1);
};
BOOST_DESCRIBE_STRUCT(FlowScheduleChanged, (), (schedule, project, version, parameters, trials_allowed, cache, cron, time_zone, overlap, may_be_late))

struct FlowSchedulePaused {
  static constexpr std::string_view type = "FlowSchedulePaused";
  FlowScheduleId schedule;
  ProjectId project;
};
BOOST_DESCRIBE_STRUCT(FlowSchedulePaused, (), (schedule, project))

/// Times that came while it was paused count as settled.
struct FlowScheduleResumed {
  static constexpr std::string_view type = "FlowScheduleResumed";
  FlowScheduleId schedule;
  ProjectId project;
};
BOOST_DESCRIBE_STRUCT(FlowScheduleResumed, (), (schedule, project))

struct FlowScheduleRemoved {
  static constexpr std::string_view type = "FlowScheduleRemoved";
  FlowScheduleId schedule;
  ProjectId project;
};
BOOST_DESCRIBE_STRUCT(FlowScheduleRemoved, (), (schedule, project))

/// A time came, and something stood against a run.
struct ScheduledTimeSkipped {
  static constexpr std::string_view type = "ScheduledTimeSkipped";
  FlowScheduleId schedule;
  ProjectId project;
  Time at;
  std::string why;
};
BOOST_DESCRIBE_STRUCT(ScheduledTimeSkipped, (), (schedule, project, at, why))

/// Times passed when nobody could start a run, and none of these will be made up for.
struct ScheduledTimesMissed {
  static constexpr std::string_view type = "ScheduledTimesMissed";
  FlowScheduleId schedule;
  ProjectId project;
  Time first, last;
  std::uint64_t count = 1;
  std::string why;
};
BOOST_DESCRIBE_STRUCT(ScheduledTimesMissed, (), (schedule, project, first, last, count, why))

struct FlowEvent : std::variant<FlowSaved, FlowRunStarted, TrialQueued, TrialEnded, TrialDelivered, ComponentStopped, ComponentEnded, FlowRunCancelled,
                                FlowRunEnded, TrialStopped, FlowScheduleMade, FlowSchedulePaused, FlowScheduleResumed, FlowScheduleRemoved,
                                ScheduledTimeSkipped, ScheduledTimesMissed, TrialReused, FlowScheduleChanged, ApprovalAsked, ApprovalAnswered, TrialReady> {
  NAV_SEALED(FlowEvent)
};

}  // namespace nav
