// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>
#include <vector>

#include "base/sealed.h"
#include "core/command.h"
#include "flow/flows.h"
#include "flow/time_zone.h"

/// What somebody wants to happen to flows, and what comes of it.
namespace nav {

/// Runs a flow. A definition that differs from the newest version of its name becomes the next one.
struct StartFlow {
  ProjectId project;
  std::string project_name;
  std::optional<api::FlowDefinition> definition;
  std::string flow;           ///< instead of a definition: of this name ...
  std::uint32_t version = 0;  ///< ... and version; zero: the newest
  std::map<std::string, std::string> parameters;
  std::uint32_t trials_allowed = api::trials_unasked;
  bool cache = true;  ///< no: everything runs, whatever its components say
};

/// Runs it again from these components on (none: what did not succeed), with the results of all others taken over.
struct RerunFlow {
  FlowRunId run;
  std::vector<std::string> from;
};

struct CancelFlow {
  FlowRunId run;
};

/// Says yes or no to a component that waits for approval. Whether whoever asks may do so is for who knows the users.
struct AnswerApproval {
  FlowRunId run;
  std::string component;
  bool approve = false;
  std::string note;
};

/// What a trial's attempt left behind, told by its node. A second telling changes nothing.
struct DeliverOutputs {
  AttemptId attempt;
  std::map<std::string, OutputFile> outputs;
  std::map<std::string, double> metrics;
  std::string problem;
};

/// Ends a trial that does worse than the others; which, is for who has the points it logged (flow/early_stopping.h).
struct StopTrial {
  AttemptId attempt;
  std::string why;
  std::map<std::string, double> metrics;  ///< by which it was compared
};

/// Runs a flow at the times of a cron expression from now on.
struct MakeSchedule {
  StartFlow start;  ///< what each time starts; a definition is kept now, and each time runs the newest
  std::string cron;
  std::string time_zone;
  api::Overlap overlap = api::Overlap::Skip;
  Duration may_be_late = hours(1);
};

/// Its flow stays; all else is as it is wished from now on.
struct ChangeSchedule {
  FlowScheduleId schedule;
  std::uint32_t seen = 0;  ///< the revision it was looked at in: PreconditionFailed if there is another by now
  MakeSchedule wish;       ///< its start names the schedule's project and flow
};

struct PauseSchedule {
  FlowScheduleId schedule;
};
struct ResumeSchedule {
  FlowScheduleId schedule;
};
struct RemoveSchedule {
  FlowScheduleId schedule;
};

/// Settles the times of a schedule that have come: the newest is run if it is young enough, and all others are missed.
struct StartScheduled {
  FlowScheduleId schedule;
  std::shared_ptr<TimeZone const> zone;  ///< the schedule's
  std::string refused;                   ///< why whoever made it may not run anything; empty: they may
};

struct FlowCommand : std::variant<StartFlow, RerunFlow, CancelFlow, AnswerApproval, DeliverOutputs, StopTrial, MakeSchedule, ChangeSchedule, PauseSchedule,
                                  ResumeSchedule, RemoveSchedule, StartScheduled> {
  NAV_SEALED(FlowCommand)
};

Result<std::vector<FlowEvent>> decide(Flows const& flows, FlowCommand const& command, Asked const& asked);

/// When a schedule comes next. None while it is paused.
std::optional<Time> next_time(FlowSchedule const& schedule, TimeZone const& zone);

}  // namespace nav
