// SPDX-License-Identifier: Apache-2.0
#include "api/report_schedules.h"
#include "base/text.h"
#include "controller/report.h"
#include "flow/cron_times.h"
#include "http/handlers.h"
#include "http/shown.h"

namespace nav::http {
namespace {

constexpr std::size_t most_times_ahead = 5;

Result<Reports*> reports_of(Api const& api) {
  if (api.options.reports == nullptr) return fail(ErrorKind::NotFound, "no reports are made by a schedule here");
  return api.options.reports;
}

Result<ReportSchedule const*> report_schedule_parameter(Snapshot const& snapshot, Call const& call) {
  auto const& all = snapshot.access->report_schedules;
  auto const found = all.find(call.parameter(0));
  if (found != all.end()) return &found->second;
  return Unexpected(Error{
      ErrorKind::NotFound, fmt::format("there is no schedule of reports \"{}\"", shortened(call.parameter(0), 70)), "nav report schedule list shows them", {}});
}

/// The next times, as far as they can be known.
Result<std::vector<Time>> report_times(Api const& api, ReportSchedule const& schedule, std::size_t most) {
  std::vector<Time> times;
  if (schedule.paused) return times;
  TRY(auto const cron, parse_cron(schedule.wish.cron, "cron"));
  TRY(auto const zone, or_utc(api.options.time_zones).find(schedule.wish.time_zone));
  for (auto next = next_time(cron, *zone, std::max(schedule.begins, api.now())); next && times.size() < most; next = next_time(cron, *zone, *next))
    times.push_back(*next);
  return times;
}

api::ReportSchedule shown_report_schedule(Api const& api, ReportSchedule const& schedule, ReportProgress const& progress) {
  api::ReportSchedule out{.name = schedule.name,
                          .report = schedule.wish.report,
                          .by = schedule.wish.by,
                          .span = schedule.wish.span,
                          .cron = schedule.wish.cron,
                          .time_zone = schedule.wish.time_zone,
                          .formats = {},
                          .keep = schedule.wish.keep,
                          .made = schedule.made,
                          .paused = schedule.paused,
                          .next = {},
                          .last = {},
                          .failing_since = {},
                          .problem = {}};
  for (ReportFormat const format : schedule.wish.formats) out.formats.push_back(same_word<api::ReportFormat>(format));
  auto const next = report_times(api, schedule, 1);
  if (next && !next->empty()) out.next = next->front();
  if (progress.last) out.last = progress.last;
  if (progress.failing_since) out.failing_since = progress.failing_since;
  if (!progress.problem.empty()) out.problem = progress.problem;
  if (!next) out.problem = to_text(next.error());
  return out;
}

/// One that was deleted and made anew is another, whatever its revision.
std::string etag_of(ReportSchedule const& schedule) { return fmt::format("\"{}-{}\"", schedule.made.us, schedule.revision); }

Result<std::vector<ReportFormat>> formats_of(std::vector<std::string> const& words) {
  std::vector<ReportFormat> formats;
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto const format = enum_of<ReportFormat>(words[i]);
    std::string const field = fmt::format("formats[{}]", i);
    if (words[i] == "parquet")
      return fail_field(field, "csv, html or json; nav report --parquet makes Parquet where Apache Arrow for Python is",
                        "the controller writes no Parquet, since it brings no library for it");
    if (!format) return fail_field(field, "csv, html or json", "\"{}\" is no format of a report", shortened(words[i], 60));
    formats.push_back(*format);
  }
  return formats;
}

/// Held against what the core knows, and against what it does not: reports, cron expressions, time zones.
Result<void> check_wish(Api const& api, ReportWish const& wish) {
  TRY_VOID(checked(wish));
  Time const now = api.now();
  if (auto const question = reports::question_of(wish.report, wish.by, now - days(1), now); !question) {
    Error error = question.error();
    if (error.kind == ErrorKind::NotFound) error.kind = ErrorKind::InvalidArgument, error.field = "report";
    return Unexpected(std::move(error));
  }
  TRY_VOID(parse_cron(wish.cron, "cron"));
  auto const zone = or_utc(api.options.time_zones).find(wish.time_zone);
  if (!zone) return Unexpected(Error{ErrorKind::InvalidArgument, zone.error().message, zone.error().hint, "time_zone"});
  return {};
}

Result<void> answer_schedule(Api& api, CallPtr const& call, AccessCommand command) {
  TRY(Reports const* const reports, reports_of(api));
  return ask(api, call, {.command = std::move(command)}, [&api, reports](Call& asked, Accepted const& accepted) {
    auto const schedule = report_schedule_parameter(*accepted.snapshot, asked);
    if (!schedule) return refuse(asked, schedule.error());  // somebody deleted it in the same moment
    answer_json(asked, json_write(shown_report_schedule(api, **schedule, reports->progress((*schedule)->name))), {{"ETag", etag_of(**schedule)}});
  });
}

std::string_view media_type_of(std::string_view file) {
  if (file.ends_with(".csv")) return "text/csv; charset=utf-8; header=present";
  return file.ends_with(".html") ? "text/html; charset=utf-8" : "application/json";
}

}  // namespace

Result<void> list_report_schedules(Api& api, CallPtr const& call) {
  TRY(Reports const* const reports, reports_of(api));
  TRY(auto query, query_of<api::PageQuery>(*call));
  std::vector<std::pair<std::uint64_t, ReportSchedule const*>> all;
  for (auto const& [name, one] : call->snapshot->access->report_schedules) all.emplace_back(all.size() + 1, &one);
  TRY(auto page, page_of<api::ReportSchedule>(
                     all, query.limit, query.cursor, [](auto const& one) { return one.first; },
                     [&](auto const& one) { return shown_report_schedule(api, *one.second, reports->progress(one.second->name)); }));
  answer(*call, page);
  return {};
}

Result<void> make_report_schedule(Api& api, CallPtr const& call) {
  TRY_VOID(reports_of(api));
  TRY(auto wanted, body_of<api::MakeReportSchedule>(*call));
  TRY(auto formats, formats_of(wanted.formats));
  MakeReportSchedule command{.name = wanted.name,
                             .wish = {.report = std::move(wanted.report),
                                      .by = std::move(wanted.by),
                                      .span = wanted.span,
                                      .cron = std::move(wanted.cron),
                                      .time_zone = std::move(wanted.time_zone),
                                      .formats = std::move(formats),
                                      .keep = wanted.keep}};
  TRY_VOID(check_wish(api, command.wish));
  Wish wish{.command = AccessCommand{std::move(command)}, .blob = {}, .answer = [](std::vector<Frame> const& frames) {
              auto const made = event_in<ReportScheduleSet>(frames);
              ensure(made, "a schedule that was asked for is made");
              return made->schedule.name;
            }};
  return ask(api, call, std::move(wish), [&api](Call& asked, Accepted const& accepted) {
    auto const& all = accepted.snapshot->access->report_schedules;
    auto const made = all.find(accepted.answer);
    if (made == all.end())  // asked again under its key, after it was deleted
      return refuse(asked, {ErrorKind::NotFound, fmt::format("{} was made, and deleted since", accepted.answer), {}, {}});
    answer_json(asked, json_write(shown_report_schedule(api, made->second, {})),
                {{"Location", api::path_of(api::Operation::GetReportSchedule, {accepted.answer})}});
  });
}

Result<void> get_report_schedule(Api& api, CallPtr const& call) {
  TRY(Reports const* const reports, reports_of(api));
  TRY(ReportSchedule const* const schedule, report_schedule_parameter(*call->snapshot, *call));
  on_worker(api, call, [&api, reports, schedule](Call& asked) -> Result<void> {  // which the call's snapshot holds
    api::ReportScheduleDetails details{.schedule = shown_report_schedule(api, *schedule, reports->progress(schedule->name)), .next = {}, .files = {}};
    if (auto ahead = report_times(api, *schedule, most_times_ahead)) details.next = std::move(*ahead);
    TRY(details.files, reports->files(schedule->name));
    answer_json(asked, json_write(details), {{"ETag", etag_of(*schedule)}});
    return {};
  });
  return {};
}

Result<void> change_report_schedule(Api& api, CallPtr const& call) {
  TRY(ReportSchedule const* const schedule, report_schedule_parameter(*call->snapshot, *call));
  TRY(auto wanted, body_of<api::ChangeReportSchedule>(*call));
  ReportWish const& now = schedule->wish;
  ReportWish wish{.report = wanted.report.value_or(now.report),
                  .by = wanted.by.value_or(now.by),
                  .span = wanted.span.value_or(now.span),
                  .cron = wanted.cron.value_or(now.cron),
                  .time_zone = wanted.time_zone.value_or(now.time_zone),
                  .formats = now.formats,
                  .keep = wanted.keep.value_or(now.keep)};
  if (wanted.formats) { TRY(wish.formats, formats_of(*wanted.formats)); }
  TRY_VOID(check_wish(api, wish));
  TRY_VOID(check_match(*call, etag_of(*schedule)));
  return answer_schedule(api, call, ChangeReportSchedule{.name = schedule->name, .seen = schedule->revision, .wish = std::move(wish)});
}

Result<void> pause_report_schedule(Api& api, CallPtr const& call) {
  TRY(ReportSchedule const* const schedule, report_schedule_parameter(*call->snapshot, *call));
  return answer_schedule(api, call, PauseReportSchedule{schedule->name});
}

Result<void> resume_report_schedule(Api& api, CallPtr const& call) {
  TRY(ReportSchedule const* const schedule, report_schedule_parameter(*call->snapshot, *call));
  return answer_schedule(api, call, ResumeReportSchedule{schedule->name});
}

Result<void> remove_report_schedule(Api& api, CallPtr const& call) {
  TRY(ReportSchedule const* const schedule, report_schedule_parameter(*call->snapshot, *call));
  return ask(api, call, {.command = AccessCommand{RemoveReportSchedule{schedule->name}}}, [](Call& asked, Accepted const&) { answer(asked, api::Nothing{}); });
}

Result<void> run_report_schedule(Api& api, CallPtr const& call) {
  TRY(Reports* const reports, reports_of(api));
  TRY(ReportSchedule const* const schedule, report_schedule_parameter(*call->snapshot, *call));
  on_searcher(api, call, [reports, schedule](Call& asked) -> Result<void> {
    TRY(auto files, reports->make_now(*schedule));
    answer(asked, api::MadeReport{std::move(files)});
    return {};
  });
  return {};
}

Result<void> fetch_report(Api& api, CallPtr const& call) {
  TRY(Reports const* const reports, reports_of(api));
  TRY(ReportSchedule const* const schedule, report_schedule_parameter(*call->snapshot, *call));
  on_worker(api, call, [reports, schedule](Call& asked) -> Result<void> {
    TRY(auto text, reports->read(schedule->name, asked.parameter(1)));
    // Names of teams and projects stand in it, so no browser is to open it as a page of ours.
    asked.reply.send(Response{.body = std::move(text),
                              .content_type = std::string(media_type_of(asked.parameter(1))),
                              .headers = {{"X-Content-Type-Options", "nosniff"}, {"Content-Disposition", "attachment"}}});
    return {};
  });
  return {};
}

}  // namespace nav::http
