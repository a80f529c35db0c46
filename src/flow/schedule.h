// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/flow_schedules.h"

namespace nav {

/// A time of a schedule that came, or several that were missed, and what became of it.
struct PastTime {
  Time at;     ///< when it was due; of several the last
  Time first;  ///< of several the first
  std::uint64_t count = 1;
  api::ScheduledOutcome outcome = api::ScheduledOutcome::Started;
  FlowRunId run;    ///< if one was started
  std::string why;  ///< if none was
};
BOOST_DESCRIBE_STRUCT(PastTime, (), (at, first, count, outcome, run, why))

/// A flow that is run again and again, for the user who made or last changed that.
struct FlowSchedule {
  FlowScheduleId id;
  ProjectId project;
  std::string project_name;
  UserId user;
  std::string flow;
  std::uint32_t version = 0;  ///< zero: the newest
  std::map<std::string, std::string> parameters;
  std::uint32_t trials_allowed = api::trials_unasked;
  bool cache = true;
  std::string cron;
  std::string time_zone;
  api::Overlap overlap = api::Overlap::Skip;
  Duration may_be_late = hours(1);
  Time made;
  std::uint32_t revision = 0;  ///< how often it was changed
  bool paused = false;
  Time settled;                ///< every time until then has been run, skipped or missed
  FlowRunId last_run;          ///< that it started
  std::vector<PastTime> past;  ///< newest last
};
BOOST_DESCRIBE_STRUCT(FlowSchedule, (),
                      (id, project, project_name, user, flow, version, parameters, trials_allowed, cache, cron, time_zone, overlap, may_be_late, made, revision,
                       paused, settled, last_run, past))

inline constexpr std::size_t most_past_times = 50;
inline constexpr std::size_t most_schedules_a_project = 1000;
inline constexpr Duration least_lateness = minutes(1), most_lateness = days(31);

}  // namespace nav
