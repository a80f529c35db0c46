// SPDX-License-Identifier: Apache-2.0
#include "api/flow_schedules.h"
#include "base/text.h"
#include "flow/cron_times.h"
#include "http/flow_start.h"
#include "http/handlers.h"
#include "http/shown.h"

namespace nav::http {
namespace {

constexpr std::size_t times_ahead = 5;

Result<FlowSchedule const*> schedule_named(Snapshot const& snapshot, Caller const& caller, std::string const& text) {
  auto const id = parse_id<FlowScheduleTag>(text);
  FlowSchedule const* schedule = id ? snapshot.flows->schedule(*id) : nullptr;
  if (schedule && caller.sees(schedule->project)) return schedule;
  return Unexpected(Error{ErrorKind::NotFound, id ? fmt::format("there is no {}", to_text(*id)) : id.error().message, "nav flow schedule list shows them", {}});
}

api::ScheduledTime shown_time(Snapshot const& snapshot, PastTime const& past) {
  api::ScheduledTime out{.at = past.at, .outcome = past.outcome, .run = {}, .state = {}, .times = {}, .since = {}, .message = {}};
  if (past.run) out.run = past.run;
  if (FlowRun const* run = snapshot.flows->run(past.run)) out.state = run->state;
  if (past.outcome == api::ScheduledOutcome::Missed) out.times = past.count, out.since = past.first;
  if (!past.why.empty()) out.message = past.why;
  return out;
}

api::FlowSchedule shown_schedule(Api const& api, Snapshot const& snapshot, FlowSchedule const& schedule) {
  api::FlowSchedule out{.id = schedule.id,
                        .flow = schedule.flow,
                        .version = {},
                        .project = schedule.project_name,
                        .user = user_name(*snapshot.access, schedule.user),
                        .parameters = schedule.parameters,
                        .trials_allowed = schedule.trials_allowed,
                        .cache = schedule.cache,
                        .cron = schedule.cron,
                        .time_zone = schedule.time_zone,
                        .overlap = schedule.overlap,
                        .may_be_late = schedule.may_be_late,
                        .made = schedule.made,
                        .paused = schedule.paused,
                        .next = {},
                        .last = {},
                        .problem = {}};
  if (schedule.version != 0) out.version = schedule.version;
  if (!schedule.past.empty()) out.last = shown_time(snapshot, schedule.past.back());
  auto const zone = or_utc(api.options.time_zones).find(schedule.time_zone);
  if (zone) out.next = next_time(schedule, **zone);
  else out.problem = to_text(zone.error());
  return out;
}

/// Its times come without anybody's doing, so they are no part of what a change is held against.
std::string etag_of(FlowSchedule const& schedule) { return fmt::format("\"{}\"", schedule.revision); }

Result<void> answer_changed(Api& api, CallPtr const& call, FlowCommand command) {
  return ask(api, call, Wish{.command = std::move(command)}, [&api](Call& asked, Accepted const& accepted) {
    auto const schedule = schedule_named(*accepted.snapshot, asked.caller, asked.parameter(0));
    if (!schedule) return refuse(asked, schedule.error());  // somebody deleted it in the same moment
    answer_json(asked, json_write(shown_schedule(api, *accepted.snapshot, **schedule)), {{"ETag", etag_of(**schedule)}});
  });
}

Result<void> check_zone(Api& api, std::string const& name) {
  auto const zone = or_utc(api.options.time_zones).find(name);
  if (zone) return {};
  return Unexpected(Error{ErrorKind::InvalidArgument, zone.error().message, zone.error().hint, "time_zone"});
}

}  // namespace

Result<void> list_flow_schedules(Api& api, CallPtr const& call) {
  TRY(auto query, query_of<api::FlowSchedulesQuery>(*call));
  std::vector<FlowSchedule const*> all;
  for (auto const& [id, schedule] : call->snapshot->flows->schedules) {
    bool const fits = (!query.project || schedule->project_name == *query.project) && (!query.flow || schedule->flow == *query.flow);
    if (fits && call->caller.sees(schedule->project)) all.push_back(&*schedule);
  }
  TRY(auto page, page_of<api::FlowSchedule>(
                     all, query.limit, query.cursor, [](FlowSchedule const* one) { return one->id.value; },
                     [&](FlowSchedule const* one) { return shown_schedule(api, *call->snapshot, *one); }));
  answer(*call, page);
  return {};
}

Result<void> make_flow_schedule(Api& api, CallPtr const& call) {
  TRY(auto wanted, body_of<api::MakeFlowSchedule>(*call));
  TRY_VOID(parse_cron(wanted.cron, "cron"));
  TRY_VOID(check_zone(api, wanted.time_zone));
  auto start = checked_start(api, *call, std::move(wanted.run));
  if (!start) {
    Error error = start.error();
    if (!error.field.empty()) error.field = "run." + error.field;
    return Unexpected(std::move(error));
  }
  MakeSchedule command{.start = std::move(*start),
                       .cron = std::move(wanted.cron),
                       .time_zone = std::move(wanted.time_zone),
                       .overlap = wanted.overlap,
                       .may_be_late = wanted.may_be_late};
  Wish wish{.command = FlowCommand{std::move(command)}, .blob = {}, .answer = [](std::vector<Frame> const& frames) {
              auto const made = event_in<FlowScheduleMade>(frames);
              ensure(made, "a schedule that was asked for is made");
              return to_text(made->schedule);
            }};
  return ask(api, call, std::move(wish), [&api](Call& asked, Accepted const& accepted) {
    auto const schedule = schedule_named(*accepted.snapshot, asked.caller, accepted.answer);
    if (!schedule) return refuse(asked, schedule.error());  // asked again under its key, after it was deleted
    answer_json(asked, json_write(shown_schedule(api, *accepted.snapshot, **schedule)),
                {{"Location", api::path_of(api::Operation::GetFlowSchedule, {accepted.answer})}});
  });
}

Result<void> get_flow_schedule(Api& api, CallPtr const& call) {
  TRY(FlowSchedule const* schedule, schedule_named(*call->snapshot, call->caller, call->parameter(0)));
  api::FlowScheduleDetails details{.schedule = shown_schedule(api, *call->snapshot, *schedule), .next = {}, .times = {}};
  if (auto const zone = or_utc(api.options.time_zones).find(schedule->time_zone)) {
    FlowSchedule ahead = *schedule;
    for (auto next = next_time(ahead, **zone); next && details.next.size() < times_ahead; next = next_time(ahead, **zone)) {
      details.next.push_back(*next);
      ahead.settled = *next;
    }
  }
  for (auto past = schedule->past.rbegin(); past != schedule->past.rend(); ++past) details.times.push_back(shown_time(*call->snapshot, *past));
  answer_json(*call, json_write(details), {{"ETag", etag_of(*schedule)}});
  return {};
}

Result<void> change_flow_schedule(Api& api, CallPtr const& call) {
  TRY(FlowSchedule const* schedule, schedule_named(*call->snapshot, call->caller, call->parameter(0)));
  TRY(auto wanted, body_of<api::ChangeFlowSchedule>(*call));
  TRY_VOID(check_match(*call, etag_of(*schedule)));
  MakeSchedule wish{.start = {},
                    .cron = wanted.cron.value_or(schedule->cron),
                    .time_zone = wanted.time_zone.value_or(schedule->time_zone),
                    .overlap = wanted.overlap.value_or(schedule->overlap),
                    .may_be_late = wanted.may_be_late.value_or(schedule->may_be_late)};
  TRY_VOID(check_zone(api, wish.time_zone));
  TRY(wish.start, checked_start(api, *call,
                                {.project = schedule->project_name,
                                 .definition = {},
                                 .flow = schedule->flow,
                                 .version = wanted.version.value_or(schedule->version),
                                 .parameters = wanted.parameters.value_or(schedule->parameters),
                                 .trials_allowed = wanted.trials_allowed.value_or(schedule->trials_allowed),
                                 .cache = wanted.cache.value_or(schedule->cache)}));
  return answer_changed(api, call, ChangeSchedule{.schedule = schedule->id, .seen = schedule->revision, .wish = std::move(wish)});
}

Result<void> pause_flow_schedule(Api& api, CallPtr const& call) {
  TRY(FlowSchedule const* schedule, schedule_named(*call->snapshot, call->caller, call->parameter(0)));
  return answer_changed(api, call, PauseSchedule{schedule->id});
}

Result<void> resume_flow_schedule(Api& api, CallPtr const& call) {
  TRY(FlowSchedule const* schedule, schedule_named(*call->snapshot, call->caller, call->parameter(0)));
  return answer_changed(api, call, ResumeSchedule{schedule->id});
}

Result<void> remove_flow_schedule(Api& api, CallPtr const& call) {
  TRY(FlowSchedule const* schedule, schedule_named(*call->snapshot, call->caller, call->parameter(0)));
  return ask(api, call, {.command = FlowCommand{RemoveSchedule{schedule->id}}}, [](Call& asked, Accepted const&) { answer(asked, api::Nothing{}); });
}

}  // namespace nav::http
