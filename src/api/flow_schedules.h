// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/flows.h"

/// Flows that are run again and again, at the times of a cron expression in a time zone.
namespace nav::api {

/// What happens at a time while the run of the time before still goes on.
enum class Overlap { Skip, Allow };
BOOST_DESCRIBE_ENUM(Overlap, Skip, Allow)

/// What became of a time.
enum class ScheduledOutcome { Started, Skipped, Missed };
BOOST_DESCRIBE_ENUM(ScheduledOutcome, Started, Skipped, Missed)

/// POST /v1/flow-schedules
struct MakeFlowSchedule {
  StartFlowRun run = {};
  std::string cron = {};
  std::string time_zone = "UTC";
  Overlap overlap = Overlap::Skip;
  Duration may_be_late = hours(1);

  static constexpr std::array required{"run", "cron"};
  static constexpr Doc docs[] = {
      {"", "Run a flow again and again."},
      {"run",
       "What each time starts. With a definition the flow is kept, and nothing starts yet. Without a version each time runs the version that is the newest "
       "then."},
      {"cron",
       "When, as crontab(5) writes it: minute, hour, day, month, weekday, with names of months and weekdays; or `@hourly`, `@daily`, `@weekly`, `@monthly`, "
       "`@yearly`.",
       R"("30 2 * * mon-fri")"},
      {"time_zone", "Whose clock: a name of the IANA database.", R"("Europe/Berlin")"},
      {"overlap", "`skip`: a time is passed over while the last run still goes on, and noted so. `allow`: they run beside each other."},
      {"may_be_late",
       "How long after its time a run may still start, when nobody could start it in time. Of several times that were missed the newest alone is run, and the "
       "others are noted.",
       "3600000000", R"("minimum":60000000,"maximum":2678400000000)"},
  };
};
BOOST_DESCRIBE_STRUCT(MakeFlowSchedule, (), (run, cron, time_zone, overlap, may_be_late))

/// PATCH /v1/flow-schedules/{flow_schedule}
struct ChangeFlowSchedule {
  std::optional<std::uint32_t> version;
  std::optional<std::map<std::string, std::string>> parameters;
  std::optional<std::uint32_t> trials_allowed;
  std::optional<bool> cache;
  std::optional<std::string> cron;
  std::optional<std::string> time_zone;
  std::optional<Overlap> overlap;
  std::optional<Duration> may_be_late;

  static constexpr Doc docs[] = {
      {"", "What is to change of a schedule."},
      {"version", "Each time runs this version. Zero: the newest.", "0"},
      {"parameters", "Values for the flow's parameters, all of them: what is absent is the default from now on.", R"({"rows":"5000"})"},
      {"trials_allowed", "A sweep of more trials is refused.", "1000", R"("minimum":1,"maximum":100000)"},
      {"cache", "`false`: everything runs, whatever its components say.", "true"},
      {"cron", "When.", R"("30 2 * * mon-fri")"},
      {"time_zone", "By whose clock.", R"("Europe/Berlin")"},
      {"overlap", "What happens while the last run still goes on."},
      {"may_be_late", "How long after its time a run may still start.", "3600000000", R"("minimum":60000000,"maximum":2678400000000)"},
  };
};
BOOST_DESCRIBE_STRUCT(ChangeFlowSchedule, (), (version, parameters, trials_allowed, cache, cron, time_zone, overlap, may_be_late))

/// GET /v1/flow-schedules
struct FlowSchedulesQuery {
  std::optional<std::string> project;
  std::optional<std::string> flow;
  std::uint32_t limit = 100;
  std::optional<std::string> cursor;

  static constexpr Doc docs[] = {
      {"project", "Only those of this project."},
      {"flow", "Only those of this flow."},
      {"limit", "At most so many.", "100", R"("minimum":1,"maximum":1000)"},
      {"cursor", "`next` of the part before; its text means nothing to anybody else.", {}, R"("minLength":1)"},
  };
};
BOOST_DESCRIBE_STRUCT(FlowSchedulesQuery, (), (project, flow, limit, cursor))

struct ScheduledTime {
  Time at;
  ScheduledOutcome outcome = ScheduledOutcome::Started;
  std::optional<FlowRunId> run;
  std::optional<FlowRunState> state;
  std::optional<std::uint64_t> times;
  std::optional<Time> since;
  std::optional<std::string> message;

  static constexpr Doc docs[] = {
      {"", "A time that came, and what became of it."},
      {"at", "When it was due."},
      {"outcome", "Whether a run was started, or why not: skipped, because something stood against it, or missed, because nobody was there to start it.",
       R"("started")"},
      {"run", "The run that it made.", R"("run-7")"},
      {"state", "How that run stands, as long as it is kept.", R"("succeeded")"},
      {"times", "Of times that were missed: how many.", "3"},
      {"since", "Of times that were missed: the first of them."},
      {"message", "Why it was not run, in words.", R"("run-6 still goes on")"},
  };
};
BOOST_DESCRIBE_STRUCT(ScheduledTime, (), (at, outcome, run, state, times, since, message))

struct FlowSchedule {
  FlowScheduleId id;
  std::string flow;
  std::optional<std::uint32_t> version;
  std::string project;
  std::string user;
  std::map<std::string, std::string> parameters;
  std::uint32_t trials_allowed = trials_unasked;
  bool cache = true;
  std::string cron;
  std::string time_zone;
  Overlap overlap = Overlap::Skip;
  Duration may_be_late;
  Time made;
  bool paused = false;
  std::optional<Time> next;
  std::optional<ScheduledTime> last;
  std::optional<std::string> problem;

  static constexpr Doc docs[] = {
      {"", "A schedule as lists show it."},
      {"id", "Its number.", R"("schedule-3")"},
      {"flow", "What it runs.", R"("digits")"},
      {"version", "The version it runs. Absent: the newest.", "3"},
      {"project", "Whose work it is.", R"("vision")"},
      {"user", "Who made it or changed it last: whose its runs are.", R"("ada")"},
      {"parameters", "Values for the flow's parameters, where they are not the defaults.", R"({"rows":"5000"})"},
      {"trials_allowed", "A sweep of more trials is refused.", "1000"},
      {"cache", "`false`: everything runs, whatever its components say.", "true"},
      {"cron", "When.", R"("30 2 * * mon-fri")"},
      {"time_zone", "By whose clock.", R"("Europe/Berlin")"},
      {"overlap", "What happens while the last run still goes on."},
      {"may_be_late", "How long after its time a run may still start.", "3600000000"},
      {"made", "When it was made."},
      {"paused", "It starts nothing until it is resumed.", "false"},
      {"next", "When it comes next. Absent while it is paused."},
      {"last", "The last time that came."},
      {"problem", "Why it starts nothing, if something is wrong.", R"("there is no time zone \"Europe/Berlin\" on the controller's machine")"},
  };
};
BOOST_DESCRIBE_STRUCT(FlowSchedule, (),
                      (id, flow, version, project, user, parameters, trials_allowed, cache, cron, time_zone, overlap, may_be_late, made, paused, next, last,
                       problem))

/// GET /v1/flow-schedules/{flow_schedule}
struct FlowScheduleDetails {
  FlowSchedule schedule;
  std::vector<Time> next;
  std::vector<ScheduledTime> times;

  static constexpr Doc docs[] = {
      {"", "All there is to say about one schedule."},
      {"schedule", "As lists show it."},
      {"next", "The next five times. None while it is paused."},
      {"times", "The last fifty times that came, new to old."},
  };
};
BOOST_DESCRIBE_STRUCT(FlowScheduleDetails, (), (schedule, next, times))

}  // namespace nav::api
