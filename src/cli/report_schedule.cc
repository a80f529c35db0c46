// SPDX-License-Identifier: Apache-2.0
// nav report schedule create|list|show|change|pause|resume|delete|run|fetch
#include <fmt/ranges.h>
#include <fstream>
#include <memory>

#include "api/page.h"
#include "api/report_schedules.h"
#include "base/text.h"
#include "cli/access_text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

std::vector<std::string> const report_words{"usage", "demand", "waiting", "idle", "cost", "stranded"};
std::vector<std::string> const dimension_words{"team", "project", "user", "template", "profile", "node", "site"};

std::string what_text(api::ReportSchedule const& one) { return one.by.empty() ? one.report : fmt::format("{} by {}", one.report, fmt::join(one.by, " and ")); }

std::string formats_text(std::vector<api::ReportFormat> const& formats) {
  std::vector<std::string> words;
  for (auto const format : formats) words.push_back(enum_text(format));
  return fmt::format("{}", fmt::join(words, " "));
}

Table report_files_table(std::vector<api::ReportFile> const& files) {
  Table table({{"FILE"}, {"ENDS"}, {"BYTES", Fit::Keep, Align::Right}, {"MADE", Fit::Optional}});
  for (auto const& file : files) table.add({Cell(file.name, Paint::Strong), clock_text(file.until), fmt::format("{}", file.bytes), clock_text(file.made)});
  return table;
}

Result<Table> report_schedules_table(std::string const& body) {
  TRY(auto const page, Server::read<api::Page<api::ReportSchedule>>(body));
  Table table({{"NAME", Fit::Shrink},
               {"REPORT"},
               {"CRON"},
               {"ZONE", Fit::Shrink},
               {"NEXT"},
               {"LAST"},
               {"KEPT", Fit::Optional, Align::Right},
               {"PROBLEM", Fit::Optional}});
  for (auto const& one : page.items)
    table.add({Cell(one.name, Paint::Strong), what_text(one), printable(one.cron), one.time_zone,
               one.paused ? Cell("paused", Paint::Dim) : Cell(clock_text(one.next)), clock_text(one.last), fmt::format("{}", one.keep),
               Cell(printable(one.problem.value_or("")), Paint::Bad)});
  return table;
}

std::string report_schedule_text(api::ReportScheduleDetails const& details, Terminal const& terminal) {
  auto const& one = details.schedule;
  std::string const problem = one.problem ? fmt::format("{}{}", *one.problem, one.failing_since ? fmt::format(", since {}", clock_text(one.failing_since)) : "")
                                          : "";
  std::string out = fields_text({{"schedule", Cell(one.name, Paint::Strong)},
                                 {"report", what_text(one)},
                                 {"about", one.span.us == 0 ? "all since the time before" : fmt::format("the {} before", to_text(one.span))},
                                 {"times", fmt::format("{}, {}", printable(one.cron), one.time_zone)},
                                 {"state", one.paused ? Cell("paused", Paint::Dim) : Cell("")},
                                 {"problem", Cell(printable(problem), Paint::Bad)},
                                 {"formats", formats_text(one.formats)},
                                 {"kept", fmt::format("the newest {}", one.keep)},
                                 {"made", clock_text(one.made)}},
                                terminal);
  Table next({{"NEXT"}, {"IN UTC"}});
  for (Time const time : details.next) next.add({clock_text(time), to_text(time).substr(0, 16) + "Z"});
  if (!next.is_empty()) out += "\n" + next.text(terminal);
  Table const files = report_files_table(details.files);
  if (!files.is_empty()) out += "\n" + files.text(terminal);
  return out;
}

struct ReportScheduleOptions {
  std::string name, file, to;
  bool json = false;
};

struct ReportWishOptions {
  std::string name;
  std::optional<std::string> report, cron, time_zone;
  std::vector<std::string> by, formats;
  std::optional<Duration> span;
  std::optional<std::uint32_t> keep;
  bool json = false;
};

void add_wish_options(Command& command, std::shared_ptr<ReportWishOptions> const& asked) {
  command.option("--by WHAT", "group by team, project, user, template, profile, node or site; two at most", into_words(asked->by, dimension_words), Names::Word,
                 dimension_words);
  command.option("--span T", "each is about so long, as 7d; 0s: about all since the time before", into(asked->span));
  command.option("--time-zone ZONE", "by whose clock, as Europe/Berlin (UTC)", into(asked->time_zone));
  command.option("--format WORD", "csv, html or json, or several with commas (csv,html)", into_list(asked->formats), Names::Word, {"csv", "html", "json"});
  command.option("--keep N", "keep so many, the newest (52)", into(asked->keep));
  command.option("--json", "print the API's answer", into_switch(asked->json));
}

Result<int> create_report_schedule(Context& nav, ReportWishOptions const& asked) {
  api::MakeReportSchedule wanted{.name = asked.name, .report = asked.report.value_or(""), .by = asked.by, .span = asked.span.value_or(Duration{})};
  wanted.cron = asked.cron.value_or("");
  if (asked.time_zone) wanted.time_zone = *asked.time_zone;
  if (!asked.formats.empty()) wanted.formats = asked.formats;
  if (asked.keep) wanted.keep = *asked.keep;
  TRY(auto const body, nav.server->call({api::Operation::MakeReportSchedule, {}, {}, json_write(wanted)}));
  if (asked.json) return nav.print(json_line(body)), exit_ok;
  TRY(auto const schedule, Server::read<api::ReportSchedule>(body));
  nav.print(fmt::format("{} is made first at {}.\n", schedule.name, clock_text(schedule.next)));
  return exit_ok;
}

Result<int> change_report_schedule(Context& nav, ReportWishOptions const& asked) {
  api::ChangeReportSchedule wanted{
      .report = asked.report, .by = {}, .span = asked.span, .cron = asked.cron, .time_zone = asked.time_zone, .formats = {}, .keep = asked.keep};
  if (!asked.by.empty()) wanted.by = asked.by;
  if (!asked.formats.empty()) wanted.formats = asked.formats;
  std::string const request = json_write(wanted);
  if (request == "{}") return wrong("nothing is to be changed", "give --cron, --keep, --by or another option");
  TRY(auto const body, change(nav, api::Operation::GetReportSchedule, api::Operation::ChangeReportSchedule, asked.name, request));
  if (asked.json) return nav.print(json_line(body)), exit_ok;
  TRY(auto const schedule, Server::read<api::ReportSchedule>(body));
  nav.print(fmt::format("{} {}.\n", asked.name, schedule.paused ? "is changed, and paused" : "comes next at " + clock_text(schedule.next)));
  return exit_ok;
}

Result<int> show_report_schedule(Context& nav, ReportScheduleOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::GetReportSchedule, {asked.name}}));
  if (asked.json) return nav.print(json_line(body)), exit_ok;
  TRY(auto const details, Server::read<api::ReportScheduleDetails>(body));
  return nav.print(report_schedule_text(details, nav.terminal)), exit_ok;
}

Result<int> pause_or_resume_reports(Context& nav, ReportScheduleOptions const& asked, api::Operation operation) {
  TRY(auto const body, nav.server->call({operation, {asked.name}}));
  if (asked.json) return nav.print(json_line(body)), exit_ok;
  TRY(auto const schedule, Server::read<api::ReportSchedule>(body));
  nav.print(schedule.paused ? fmt::format("{} is paused.\n", asked.name) : fmt::format("{} goes on at {}.\n", asked.name, clock_text(schedule.next)));
  return exit_ok;
}

Result<int> run_report_schedule(Context& nav, ReportScheduleOptions const& asked) {
  TRY(auto const body, nav.server->call({api::Operation::RunReportSchedule, {asked.name}}));
  if (asked.json) return nav.print(json_line(body)), exit_ok;
  TRY(auto const made, Server::read<api::MadeReport>(body));
  for (auto const& file : made.files) nav.print(file.name + "\n");
  return exit_ok;
}

Result<int> fetch_report(Context& nav, ReportScheduleOptions const& asked) {
  std::string file = asked.file;
  if (file.empty()) {
    TRY(auto const details, nav.server->read<api::ReportScheduleDetails>({api::Operation::GetReportSchedule, {asked.name}}));
    if (details.files.empty())
      return Unexpected(Error{
          ErrorKind::NotFound, fmt::format("{} has made no report yet", asked.name), fmt::format("nav report schedule run {} makes one now", asked.name), {}});
    file = details.files.front().name;
  }
  TRY(auto const text, nav.server->call({api::Operation::FetchReport, {asked.name, file}}));
  if (asked.to == "-") return nav.print(text), exit_ok;
  std::string const target = asked.to.empty() ? file : asked.to;
  std::ofstream out(target, std::ios::binary);
  out << text;
  out.close();
  if (!out) return fail(ErrorKind::InvalidArgument, "{} cannot be written", target);
  nav.print_error(fmt::format("Written to {}.\n", target));
  return exit_ok;
}

Command create_report_schedule_command() {
  auto asked = std::make_shared<ReportWishOptions>();
  Command command("create", "Make a report again and again");
  command.about(
      "Into the folder reports/NAME of the controller's data folder, each file named by the time it was due, in UTC. Times are those of a cron expression by "
      "the "
      "clock of a time zone. Each is made once, also when the controller is killed; what was missed while it was down is made when it is back, as many as are "
      "kept.");
  command.argument("NAME", "of the schedule and its folder", into(asked->name));
  command.argument("REPORT", "usage, demand, waiting, idle, cost or stranded", into(asked->report), Names::Word, report_words);
  command.option("--cron EXPRESSION!", "when: \"0 6 * * mon\", @hourly, @daily, @weekly, @monthly", into(asked->cron));
  add_wish_options(command, asked);
  command.example("What each team held, every Monday morning",
                  "nav report schedule create teams usage --by team --cron '0 6 * * mon' --time-zone Europe/Berlin");
  command.runs([asked](Context& nav) { return create_report_schedule(nav, *asked); });
  return command;
}

Command change_report_schedule_command() {
  auto asked = std::make_shared<ReportWishOptions>();
  Command command("change", "Change which report a schedule makes, and when");
  command.about("What is not given stays as it is, and so do files that are there.");
  command.argument("NAME", "of the schedule", into(asked->name));
  command.option("--report REPORT", "usage, demand, waiting, idle, cost or stranded", into(asked->report), Names::Word, report_words);
  command.option("--cron EXPRESSION", "when", into(asked->cron));
  add_wish_options(command, asked);
  command.example("Keep a year of them", "nav report schedule change teams --keep 53");
  command.runs([asked](Context& nav) { return change_report_schedule(nav, *asked); });
  return command;
}

/// A verb that takes the name of a schedule.
Command report_verb(std::string name, std::string summary, std::function<Result<int>(Context&, ReportScheduleOptions const&)> run) {
  auto asked = std::make_shared<ReportScheduleOptions>();
  Command command(std::move(name), std::move(summary));
  command.argument("NAME", "of the schedule", into(asked->name));
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.runs([asked, run = std::move(run)](Context& nav) { return run(nav, *asked); });
  return command;
}

Command fetch_report_command() {
  auto asked = std::make_shared<ReportScheduleOptions>();
  Command command("fetch", "Fetch a report that was made");
  command.argument("NAME", "of the schedule", into(asked->name));
  command.argument("[FILE]", "which, as show lists them (the newest)", into(asked->file));
  command.option("--to FILE", "where to put it (a file of the same name); - prints it", into(asked->to), Names::File);
  command.runs([asked](Context& nav) { return fetch_report(nav, *asked); });
  return command;
}

}  // namespace

Command report_schedule_command() {
  Command command("schedule", "Make reports again and again, into a folder");
  command.add(create_report_schedule_command());
  command.add(list_command("List schedules of reports, and how they go",
                           [](Context& nav, bool json) { return show_list(nav, api::Operation::ListReportSchedules, json, report_schedules_table); }));
  command.add(report_verb("show", "Show a schedule of reports: its next times, and the files that are there", &show_report_schedule));
  command.add(change_report_schedule_command());
  command.add(report_verb("pause", "Let a schedule make nothing for now", [](Context& nav, ReportScheduleOptions const& one) {
    return pause_or_resume_reports(nav, one, api::Operation::PauseReportSchedule);
  }));
  command.add(report_verb("resume", "Let a paused schedule go on, with the next time that comes", [](Context& nav, ReportScheduleOptions const& one) {
    return pause_or_resume_reports(nav, one, api::Operation::ResumeReportSchedule);
  }));
  command.add(report_verb("delete", "Delete a schedule of reports; its files stay", [](Context& nav, ReportScheduleOptions const& one) -> Result<int> {
    TRY(auto const body, nav.server->call({api::Operation::RemoveReportSchedule, {one.name}}));
    nav.print(one.json ? json_line(body) : fmt::format("{} is deleted.\n", one.name));
    return exit_ok;
  }));
  command.add(report_verb("run", "Make a report now", &run_report_schedule));
  command.add(fetch_report_command());
  return command;
}

}  // namespace nav::cli
