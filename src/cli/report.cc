// SPDX-License-Identifier: Apache-2.0
// nav report; its schedules are in report_schedule.cc
#include <fstream>
#include <memory>

#include "api/query.h"
#include "api/report_forms.h"
#include "base/calendar.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/report_parquet.h"
#include "cli/report_text.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

struct ReportOptions {
  std::string report;
  std::vector<std::string> by;
  std::string from, to, html, parquet;
  bool csv = false, json = false;
};

/// "7d": so long ago; or a day "2026-11-22" or moment "2026-11-22T10:04", in UTC.
Result<Time> moment_of(std::string const& text, char const* option, Time now) {
  if (auto const ago = parse_duration(text)) return now - *ago;
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, used = 0;
  int const got = std::sscanf(text.c_str(), "%4d-%2d-%2d%nT%2d:%2d%n", &year, &month, &day, &used, &hour, &minute, &used);
  bool const is_whole = (got == 3 || got == 5) && static_cast<std::size_t>(used) == text.size();
  if (!is_whole || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59)
    return fail_field(option, "as 7d (so long ago), 2026-11-22 or 2026-11-22T10:04, in UTC", "{}: \"{}\" is no moment", option, text);
  Date const date{year, static_cast<unsigned>(month), static_cast<unsigned>(day)};
  return Time{} + days(days_since_1970(date)) + hours(hour) + minutes(minute);
}

Result<int> show_report(Context& nav, ReportOptions const& asked) {
  api::ReportQuery query{.by = asked.by};
  if (!asked.from.empty()) { TRY(query.since, moment_of(asked.from, "--from", nav.now())); }
  if (!asked.to.empty()) { TRY(query.until, moment_of(asked.to, "--to", nav.now())); }
  TRY(auto const body, nav.server->call({api::Operation::ShowReport, {asked.report}, api::query_text(query)}));
  if (asked.json) return nav.print(json_line(body)), 0;
  if (!asked.parquet.empty()) {
    TRY_VOID(write_parquet(body, asked.parquet));
    nav.print_error(fmt::format("Written to {}.\n", asked.parquet));
    return 0;
  }
  TRY(auto const report, Server::read<api::Report>(body));
  if (asked.csv) return nav.print(api::report_csv(report)), 0;
  if (!asked.html.empty()) {
    std::ofstream out(asked.html, std::ios::binary);
    out << api::report_html(report);
    out.close();
    if (!out) return fail(ErrorKind::InvalidArgument, "{} cannot be written", asked.html);
    nav.print_error(fmt::format("Written to {}.\n", asked.html));
    return 0;
  }
  nav.print(report_text(report, nav.terminal));
  return 0;
}

}  // namespace

Command report_command() {
  auto asked = std::make_shared<ReportOptions>();
  Command command("report", "Report who used what, what waited, what stood idle");
  command.about(
      "Sums over the last week unless told otherwise. In memory slices, held, idle, reconfiguring, set aside and geometry loss add up to all there is.");
  command.argument("REPORT", "usage, demand, waiting, idle, cost or stranded",
                   into_word(asked->report, {"usage", "demand", "waiting", "idle", "cost", "stranded"}), Names::Word,
                   {"usage", "demand", "waiting", "idle", "cost", "stranded"});
  std::vector<std::string> const dimensions{"team", "project", "user", "template", "profile", "node", "site"};
  command.option("--by WHAT", "group by team, project, user, template, profile, node or site; two at most", into_words(asked->by, dimensions), Names::Word,
                 dimensions);
  command.option("--from TIME", "begin so long ago (7d), or on a day (2026-11-22), in UTC", into(asked->from));
  command.option("--to TIME", "end then (now)", into(asked->to));
  command.option("--csv", "print a table for spreadsheets", into_switch(asked->csv));
  command.option("--html FILE", "write a page with a picture", into(asked->html), Names::File);
  command.option("--parquet FILE", "write a table for data tools, with Apache Arrow (pip install pyarrow)", into(asked->parquet), Names::File);
  command.option("--json", "print the API's answer", into_switch(asked->json));
  command.example("What each team held in the last 30 days", "nav report usage --by team --from 30d");
  command.checked([asked]() -> Result<void> {
    if (asked->csv + asked->json + !asked->html.empty() + !asked->parquet.empty() > 1)
      return fail(ErrorKind::InvalidArgument, "--csv, --json, --html and --parquet: one at a time");
    return {};
  });
  command.runs([asked](Context& nav) { return show_report(nav, *asked); });
  command.add(report_schedule_command());
  return command;
}

}  // namespace nav::cli
