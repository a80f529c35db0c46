// SPDX-License-Identifier: Apache-2.0
#include "flow/decide_schedule.h"

#include <algorithm>

#include "base/ensure.h"
#include "base/text.h"
#include "flow/cron_times.h"

namespace nav {

namespace {

using Events = std::vector<FlowEvent>;

Result<FlowSchedule const*> schedule_named(Flows const& flows, FlowScheduleId id) {
  if (FlowSchedule const* schedule = flows.schedule(id)) return schedule;
  return fail(ErrorKind::NotFound, "there is no {}", to_text(id));
}

/// It was read when the schedule was made.
Cron cron_of(FlowSchedule const& schedule) {
  auto const cron = parse_cron(schedule.cron, "cron");
  ensure(cron, "the cron expression of a schedule was checked");
  return *cron;
}

Result<void> check_times(std::string const& cron, Duration may_be_late) {
  TRY_VOID(parse_cron(cron, "cron"));
  if (may_be_late >= least_lateness && may_be_late <= most_lateness) return {};
  return fail_field("may_be_late", fmt::format("{} to {}", to_text(least_lateness), to_text(most_lateness)), "may_be_late is {}", to_text(may_be_late));
}

/// The run of the time before, if it goes on.
FlowRun const* run_under_way(Flows const& flows, FlowSchedule const& schedule) {
  FlowRun const* run = flows.run(schedule.last_run);
  return run && run->state == api::FlowRunState::Running ? run : nullptr;
}

/// A run for this time, or why there is none.
Events run_for(Flows const& flows, FlowSchedule const& schedule, std::string const& refused, Time at, Asked const& asked) {
  auto const skipped = [&](std::string why) { return Events{ScheduledTimeSkipped{schedule.id, schedule.project, at, std::move(why)}}; };
  if (!refused.empty()) return skipped(refused);
  if (FlowRun const* run = run_under_way(flows, schedule); run && schedule.overlap == api::Overlap::Skip)
    return skipped(fmt::format("{} still goes on", to_text(run->id)));
  auto started = decide(flows,
                        StartFlow{.project = schedule.project,
                                  .project_name = schedule.project_name,
                                  .definition = {},
                                  .flow = schedule.flow,
                                  .version = schedule.version,
                                  .parameters = schedule.parameters,
                                  .trials_allowed = schedule.trials_allowed,
                                  .cache = schedule.cache},
                        asked);
  if (!started) return skipped(shortened(to_text(started.error()), 1000));  // its newest version does not go with the schedule any more
  auto& run = std::get<FlowRunStarted>(started->back());
  run.schedule = schedule.id;
  run.scheduled_for = at;
  return std::move(*started);
}

}  // namespace

std::optional<Time> next_time(FlowSchedule const& schedule, TimeZone const& zone) {
  if (schedule.paused) return std::nullopt;
  return next_time(cron_of(schedule), zone, schedule.settled);
}

Result<Events> decide_schedule(Flows const& flows, MakeSchedule const& c, Asked const& asked) {
  TRY_VOID(check_times(c.cron, c.may_be_late));
  auto const own = std::count_if(flows.schedules.begin(), flows.schedules.end(), [&](auto const& one) { return one.second->project == c.start.project; });
  if (static_cast<std::size_t>(own) >= most_schedules_a_project)
    return Unexpected(
        Error{ErrorKind::Conflict, fmt::format("{} has {} schedules already", c.start.project_name, own), "delete one: nav flow schedule list", {}});
  // All that can be wrong with a run is told now; the run itself is left to its times.
  auto sound = decide(flows, c.start, asked);
  if (!sound) {
    Error error = sound.error();
    if (!error.field.empty()) error.field = "run." + error.field;
    return Unexpected(std::move(error));
  }
  Events events = std::move(*sound);
  FlowRunStarted const run = std::get<FlowRunStarted>(events.back());
  events.pop_back();
  events.push_back(FlowScheduleMade{.schedule = FlowScheduleId{flows.next_schedule},
                                    .project = c.start.project,
                                    .project_name = c.start.project_name,
                                    .flow = run.flow,
                                    .version = c.start.definition ? 0 : c.start.version,
                                    .parameters = c.start.parameters,
                                    .trials_allowed = c.start.trials_allowed,
                                    .cache = c.start.cache,
                                    .cron = c.cron,
                                    .time_zone = c.time_zone,
                                    .overlap = c.overlap,
                                    .may_be_late = c.may_be_late});
  return events;
}

Result<Events> decide_schedule(Flows const& flows, ChangeSchedule const& c, Asked const& asked) {
  TRY(FlowSchedule const* schedule, schedule_named(flows, c.schedule));
  if (c.seen != schedule->revision)
    return Unexpected(Error{ErrorKind::PreconditionFailed, "it was changed by somebody else meanwhile", "get it again, and look at it", {}});
  TRY_VOID(check_times(c.wish.cron, c.wish.may_be_late));
  TRY_VOID(decide(flows, c.wish.start, asked));
  return Events{FlowScheduleChanged{.schedule = schedule->id,
                                    .project = schedule->project,
                                    .version = c.wish.start.version,
                                    .parameters = c.wish.start.parameters,
                                    .trials_allowed = c.wish.start.trials_allowed,
                                    .cache = c.wish.start.cache,
                                    .cron = c.wish.cron,
                                    .time_zone = c.wish.time_zone,
                                    .overlap = c.wish.overlap,
                                    .may_be_late = c.wish.may_be_late}};
}

Result<Events> decide_schedule(Flows const& flows, PauseSchedule const& c, Asked const&) {
  TRY(FlowSchedule const* schedule, schedule_named(flows, c.schedule));
  return schedule->paused ? Events{} : Events{FlowSchedulePaused{schedule->id, schedule->project}};
}

Result<Events> decide_schedule(Flows const& flows, ResumeSchedule const& c, Asked const&) {
  TRY(FlowSchedule const* schedule, schedule_named(flows, c.schedule));
  return schedule->paused ? Events{FlowScheduleResumed{schedule->id, schedule->project}} : Events{};
}

Result<Events> decide_schedule(Flows const& flows, RemoveSchedule const& c, Asked const&) {
  TRY(FlowSchedule const* schedule, schedule_named(flows, c.schedule));
  return Events{FlowScheduleRemoved{schedule->id, schedule->project}};
}

Result<Events> decide_schedule(Flows const& flows, StartScheduled const& c, Asked const& asked) {
  TRY(FlowSchedule const* schedule, schedule_named(flows, c.schedule));
  if (schedule->paused) return Events{};
  auto times = times_between(cron_of(*schedule), *c.zone, schedule->settled, asked.now);
  Events events;
  std::optional<Time> newest;
  if (!times.empty() && asked.now - times.back() <= schedule->may_be_late) {
    newest = times.back();
    times.pop_back();
  }
  if (!times.empty())
    events.push_back(ScheduledTimesMissed{.schedule = schedule->id,
                                          .project = schedule->project,
                                          .first = times.front(),
                                          .last = times.back(),
                                          .count = times.size(),
                                          .why = newest ? "nothing could be started then, and a later time was there to be run"
                                                        : fmt::format("nothing could be started until more than {} later", to_text(schedule->may_be_late))});
  if (newest)
    for (auto& event : run_for(flows, *schedule, c.refused, *newest, asked)) events.push_back(std::move(event));
  return events;
}

}  // namespace nav
