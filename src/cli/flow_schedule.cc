// SPDX-License-Identifier: Apache-2.0
// nav flow schedule create|list|show|change|pause|resume|delete
#include <memory>

#include "api/flow_schedules.h"
#include "api/page.h"
#include "base/text.h"
#include "cli/access_text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/flow_request.h"
#include "cli/flow_text.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

struct ScheduleOptions : FlowWish {
  std::string cron, time_zone = "UTC", overlap = "skip";
  Duration may_be_late = hours(1);
  std::string id;
  bool json = false;
};

Result<int> create(Context& nav, ScheduleOptions const& asked) {
  TRY(auto const request, flow_request(nav, asked));
  auto const body = nav.server->call({api::Operation::MakeFlowSchedule,
                                      {},
                                      {},
                                      fmt::format(R"({{"run":{},"cron":{},"time_zone":{},"overlap":{},"may_be_late":{}}})", request.json,
                                                  json_write(asked.cron), json_write(asked.time_zone), json_write(asked.overlap), asked.may_be_late.us)});
  if (!body) {
    Error error = body.error();
    if (error.field.starts_with("run.")) error.field.erase(0, 4);
    return Unexpected(error.field.starts_with("definition.") ? request.with_place(std::move(error)) : std::move(error));
  }
  if (asked.json) return nav.print(json_line(*body)), exit_ok;
  TRY(auto const schedule, Server::read<api::FlowSchedule>(*body));
  nav.print(to_text(schedule.id) + "\n");
  nav.print_error(fmt::format("nav: {} runs first at {}\n", schedule.flow, clock_text(schedule.next)));
  return exit_ok;
}

Result<int> list(Context& nav, ScheduleOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::ListFlowSchedules, {}, "limit=1000"}));
  if (asked.json) return nav.print(json_line(body)), exit_ok;
  TRY(auto const page, Server::read<api::Page<api::FlowSchedule>>(body));
  return nav.print(schedules_table(page.items).text(nav.terminal)), exit_ok;
}

Result<int> show_schedule(Context& nav, ScheduleOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::GetFlowSchedule, {asked.id}}));
  if (asked.json) return nav.print(json_line(body)), exit_ok;
  TRY(auto const details, Server::read<api::FlowScheduleDetails>(body));
  return nav.print(schedule_text(details, nav.terminal)), exit_ok;
}

struct ChangeOptions {
  std::string id;
  api::ChangeFlowSchedule wanted;
  std::map<std::string, std::string> parameters;
  std::string overlap;
  bool cache = false, no_cache = false, json = false;
};

Result<int> change_schedule(Context& nav, ChangeOptions const& asked) {
  api::ChangeFlowSchedule wanted = asked.wanted;
  if (!asked.parameters.empty()) wanted.parameters = asked.parameters;
  if (!asked.overlap.empty()) wanted.overlap = enum_of<api::Overlap>(asked.overlap);
  if (asked.cache || asked.no_cache) wanted.cache = asked.cache;
  std::string const request = json_write(wanted);
  if (request == "{}") return wrong("nothing is to be changed", "give --cron, --time-zone, --param or another option");
  TRY(auto const body, change(nav, api::Operation::GetFlowSchedule, api::Operation::ChangeFlowSchedule, asked.id, request));
  if (asked.json) return nav.print(json_line(body)), exit_ok;
  TRY(auto const schedule, Server::read<api::FlowSchedule>(body));
  nav.print(fmt::format("{} {}.\n", asked.id, schedule.paused ? "is changed, and paused" : "comes next at " + clock_text(schedule.next)));
  return exit_ok;
}

/// Pause and resume.
Result<int> pause_or_resume(Context& nav, ScheduleOptions const& asked, api::Operation operation) {
  TRY(auto const body, nav.server->call({operation, {asked.id}}));
  if (asked.json) return nav.print(json_line(body)), exit_ok;
  TRY(auto const schedule, Server::read<api::FlowSchedule>(body));
  nav.print(schedule.paused ? fmt::format("{} is paused.\n", asked.id) : fmt::format("{} goes on at {}.\n", asked.id, clock_text(schedule.next)));
  return exit_ok;
}

Command create_schedule_command() {
  auto asked = std::make_shared<ScheduleOptions>();
  Command command("create", "Run a flow again and again");
  command.about(
      "Times are those of a cron expression, minute hour day month weekday, by the clock of a time zone. A time that its clock leaps over comes when the clock "
      "is put forward, and one that it shows twice comes once; an expression for every hour goes by time that passes. Each time is run once at most, also when "
      "the "
      "controller is killed. Of times that were missed while it was down the newest is run, if it is not too late.");
  command.argument("FLOW", "a YAML file, or the name of a flow that was run before", into(asked->what), Names::File);
  command.option("--cron EXPRESSION!", "when: \"30 2 * * mon-fri\", \"*/15 8-18 * * *\", @hourly, @daily, @weekly, @monthly", into(asked->cron));
  command.option("--time-zone ZONE", "by whose clock, as Europe/Berlin (UTC)", into(asked->time_zone));
  command.option("--project P", "whose work it is (your only project, or default)", into(asked->project), Names::Project);
  add_parameter_options(command, asked);
  command.option("--version N", "always this version of a flow that is named (the newest at each time)", into(asked->version));
  command.option("--no-cache", "run what has not changed too", into_switch(asked->no_cache));
  command.option("--overlap WORD", "while the last run still goes on: skip the time, or allow another beside it (skip)",
                 into_word(asked->overlap, {"skip", "allow"}), Names::Word, {"skip", "allow"});
  command.option("--may-be-late T", "how long after its time a run may still start (1h)", into(asked->may_be_late));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.example("On working days, before anybody is there", "nav flow schedule create flow.yaml --cron '30 5 * * mon-fri' --time-zone Europe/Berlin");
  command.runs([asked](Context& nav) { return create(nav, *asked); });
  return command;
}

Command change_schedule_command() {
  auto asked = std::make_shared<ChangeOptions>();
  Command command("change", "Change when a schedule runs its flow, and with what");
  command.about("What is not given stays as it is. Its runs are your work from now on. A run that goes on goes on.");
  command.argument("SCHEDULE", "its number, as schedule-3", into(asked->id));
  command.option("--cron EXPRESSION", "when", into(asked->wanted.cron));
  command.option("--time-zone ZONE", "by whose clock, as Europe/Berlin", into(asked->wanted.time_zone));
  command.option("--param K=V", "a value for one of the flow's parameters; may be given again: all others are the defaults", into(asked->parameters));
  command.option("--version N", "always this version of the flow; 0: the newest at each time", into(asked->wanted.version));
  command.option("--trials-allowed N", "let a sweep have so many trials", into(asked->wanted.trials_allowed));
  command.option("--cache", "take over what has not changed", into_switch(asked->cache));
  command.option("--no-cache", "run what has not changed too", into_switch(asked->no_cache));
  command.option("--overlap WORD", "while the last run still goes on: skip the time, or allow another beside it", into_word(asked->overlap, {"skip", "allow"}),
                 Names::Word, {"skip", "allow"});
  command.option("--may-be-late T", "how long after its time a run may still start", into(asked->wanted.may_be_late));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.example("An hour later, and by another clock", "nav flow schedule change schedule-3 --cron '30 6 * * mon-fri' --time-zone Europe/Lisbon");
  command.runs([asked](Context& nav) -> Result<int> {
    if (asked->cache && asked->no_cache) return wrong("--cache and --no-cache do not go together", "");
    return change_schedule(nav, *asked);
  });
  return command;
}

/// A verb that takes the number of a schedule.
Command verb(std::string name, std::string summary, std::function<Result<int>(Context&, ScheduleOptions const&)> run) {
  auto asked = std::make_shared<ScheduleOptions>();
  Command command(std::move(name), std::move(summary));
  command.argument("SCHEDULE", "its number, as schedule-3", into(asked->id));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.runs([asked, run = std::move(run)](Context& nav) { return run(nav, *asked); });
  return command;
}

}  // namespace

Command flow_schedule_command() {
  Command command("schedule", "Run flows again and again, at the times of a cron expression");
  command.add(create_schedule_command());
  auto asked = std::make_shared<ScheduleOptions>();
  Command list_command("list", "List schedules: their next and their last time");
  list_command.option("--json", "print the API's answer", into_switch(asked->json));
  list_command.runs([asked](Context& nav) { return list(nav, *asked); });
  command.add(std::move(list_command));
  command.add(verb("show", "Show a schedule: its next times, and what became of the last ones", &show_schedule));
  command.add(change_schedule_command());
  command.add(verb("pause", "Let a schedule start nothing for now",
                   [](Context& nav, ScheduleOptions const& one) { return pause_or_resume(nav, one, api::Operation::PauseFlowSchedule); }));
  command.add(verb("resume", "Let a paused schedule go on, with the next time that comes",
                   [](Context& nav, ScheduleOptions const& one) { return pause_or_resume(nav, one, api::Operation::ResumeFlowSchedule); }));
  command.add(verb("delete", "Delete a schedule; its runs stay", [](Context& nav, ScheduleOptions const& one) -> Result<int> {
    TRY(auto const body, nav.server->call({api::Operation::RemoveFlowSchedule, {one.id}}));
    nav.print(one.json ? json_line(body) : fmt::format("{} is deleted.\n", one.id));
    return exit_ok;
  }));
  return command;
}

}  // namespace nav::cli
