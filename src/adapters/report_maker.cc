// SPDX-License-Identifier: Apache-2.0
#include "adapters/report_maker.h"

#include <algorithm>
#include <set>

#include "api/report_forms.h"
#include "base/ensure.h"
#include "base/json.h"
#include "base/text.h"
#include "controller/report.h"
#include "flow/cron_times.h"

namespace nav {

namespace {

std::string written_as(api::Report const& report, ReportFormat format) {
  switch (format) {
    case ReportFormat::Csv: return api::report_csv(report);
    case ReportFormat::Html: return api::report_html(report);
    case ReportFormat::Json: return json_write(report) + "\n";
  }
  return {};
}

api::ReportFormat told(ReportFormat format) {
  auto const same = enum_of<api::ReportFormat>(enum_text(format));
  ensure(same, "the API has every format of the core");
  return *same;
}

/// When a schedule comes.
struct Times {
  Cron cron;
  std::shared_ptr<TimeZone const> zone;
};

Result<Times> times_of(ReportWish const& wish, TimeZones const* zones) {
  TRY(auto cron, parse_cron(wish.cron, "cron"));
  TRY(auto zone, or_utc(zones).find(wish.time_zone));
  return Times{std::move(cron), std::move(zone)};
}

Time whole_minute(Time at) { return Time{at.us - at.us % minutes(1).us}; }

}  // namespace

ReportMaker::ReportMaker(Front const& front, Telemetry& telemetry, Options options)
    : front_(front), telemetry_(telemetry), options_(std::move(options)), files_(options_.folder) {}

ReportMaker::~ReportMaker() { stop(); }

void ReportMaker::start() {
  thread_ = std::thread([this] { watch(); });
}

void ReportMaker::stop() {
  {
    std::lock_guard lock(mutex_);
    is_stopping_ = true;
    bell_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void ReportMaker::watch() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    lock.unlock();
    look();
    lock.lock();
    bell_.wait_for(lock, std::chrono::microseconds(options_.look_every.us), [&] { return is_stopping_; });
  }
}

void ReportMaker::look() {
  auto const snapshot = front_.snapshot();
  auto const& wanted = snapshot->access->report_schedules;
  std::lock_guard making(making_);
  std::erase_if(standings_, [&](auto const& one) { return !wanted.contains(one.first); });
  {
    std::lock_guard lock(mutex_);
    std::erase_if(progress_, [&](auto const& one) { return !wanted.contains(one.first); });
  }
  for (auto const& [name, schedule] : wanted) {
    {
      std::lock_guard lock(mutex_);
      if (is_stopping_) return;
    }
    Standing& standing = standings_[name];
    Time const now = options_.clock();
    bool const is_new = standing.schedule != schedule;
    if (is_new) standing = Standing{.schedule = schedule, .settled = {}, .due = {}, .try_at = {}, .pause = options_.first_pause};
    if (now < standing.try_at) continue;
    auto done = standing.settled ? Result<void>() : begin(standing);
    // One at a time, and all that were missed, oldest first.
    if (done && !schedule.paused) done = make_due(standing);
    tell_of(name, done, now);
    if (done) {
      standing.pause = options_.first_pause;
    } else {
      standing.try_at = options_.clock() + standing.pause;
      standing.pause = std::min(standing.pause * 2, options_.longest_pause);
    }
  }
}

/// What is there already tells how far it had come: the newest of its times of which every file is there.
Result<void> ReportMaker::begin(Standing& standing) {
  ReportSchedule const& schedule = standing.schedule;
  TRY_VOID(files_.tidy(schedule.name, schedule.wish.keep));
  TRY_VOID(note_files(schedule.name));
  TRY(auto const times, times_of(schedule.wish, options_.time_zones));
  TRY(auto const files, files_.list(schedule.name));
  std::map<Time, std::set<api::ReportFormat>> there;
  for (auto const& file : files) there[file.until].insert(file.format);
  Time settled = schedule.begins;
  for (auto const& one : there) {
    Time const until = one.first;
    bool const is_whole = std::all_of(schedule.wish.formats.begin(), schedule.wish.formats.end(),
                                      [&](ReportFormat format) { return one.second.contains(told(format)); });
    // One that somebody asked for in between settles nothing.
    bool const was_due = !times_between(times.cron, *times.zone, until - microseconds(1), until).empty();
    if (is_whole && was_due) settled = std::max(settled, until);
  }
  standing.due = next_time(times.cron, *times.zone, settled);
  standing.settled = settled;
  return {};
}

Result<void> ReportMaker::make_due(Standing& standing) {
  ReportSchedule const& schedule = standing.schedule;
  while (standing.due) {
    Time const now = options_.clock();
    if (*standing.due > now) return {};
    TRY(auto const times, times_of(schedule.wish, options_.time_zones));
    auto const missed = newest_times(times.cron, *times.zone, standing.settled, now, schedule.wish.keep);
    if (missed.empty()) return {};
    Time const due = missed.front();
    if (known_until() < due) {
      if (now < due + options_.patience) return {};
      std::string const problem = telemetry_.progress().problem;
      return fail(ErrorKind::Unavailable, "what was held until {} is not counted yet{}{}", to_text(due), problem.empty() ? "" : ": ", problem);
    }
    TRY_VOID(make(schedule, due));
    standing.settled = due;
    standing.due = next_time(times.cron, *times.zone, due);
    std::lock_guard lock(mutex_);
    if (is_stopping_) return {};
  }
  return {};
}

/// Nothing while the books cannot be written: how far they are is not what can be asked of them then.
Time ReportMaker::known_until() const {
  auto const progress = telemetry_.progress();
  return progress.problem.empty() && progress.counted ? progress.counted - options_.on_the_way : Time{};
}

void ReportMaker::tell_of(std::string const& schedule, Result<void> const& done, Time now) {
  std::lock_guard lock(mutex_);
  ReportProgress& progress = progress_[schedule];
  std::string const problem = done ? std::string() : done.error().message;
  if (options_.say && problem != progress.problem)
    options_.say(problem.empty() ? fmt::format("{}: reports are made again", schedule) : fmt::format("{}: a report cannot be made: {}", schedule, problem));
  progress.problem = problem;
  if (problem.empty()) progress.failing_since = {};
  else if (!progress.failing_since) progress.failing_since = now;
}

Result<void> ReportMaker::note_files(std::string const& schedule) {
  TRY(auto const files, files_.list(schedule));
  std::lock_guard lock(mutex_);
  progress_[schedule].last = files.empty() ? Time{} : files.front().until;
  return {};
}

Result<api::Report> ReportMaker::report_until(ReportSchedule const& schedule, Time until) const {
  Time from = until - schedule.wish.span;
  if (schedule.wish.span.us == 0) {
    TRY(auto const times, times_of(schedule.wish, options_.time_zones));
    auto const before = newest_times(times.cron, *times.zone, telemetry::first_time, until - microseconds(1), 1);
    from = before.empty() ? telemetry::first_time : before.front();
  }
  TRY(auto const question, reports::question_of(schedule.wish.report, schedule.wish.by, from, until));
  return reports::report_of(telemetry_, question, options_.clock());
}

Result<void> ReportMaker::make(ReportSchedule const& schedule, Time until) {
  TRY(auto const report, report_until(schedule, until));
  for (ReportFormat const format : schedule.wish.formats) TRY_VOID(files_.write(schedule.name, until, told(format), written_as(report, format)));
  TRY_VOID(files_.tidy(schedule.name, schedule.wish.keep));
  return note_files(schedule.name);
}

Result<std::vector<api::ReportFile>> ReportMaker::make_now(ReportSchedule const& schedule) {
  std::lock_guard making(making_);
  Time const until = whole_minute(std::min(options_.clock(), known_until()));
  if (!until) {
    std::string const problem = telemetry_.progress().problem;
    return fail(ErrorKind::Unavailable, "what was held is not counted{}{}", problem.empty() ? " yet" : ": ", problem);
  }
  TRY_VOID(make(schedule, until));
  TRY(auto made, files_.list(schedule.name));
  std::erase_if(made, [&](auto const& file) { return file.until != until; });
  return made;
}

ReportProgress ReportMaker::progress(std::string const& schedule) const {
  std::lock_guard lock(mutex_);
  auto const known = progress_.find(schedule);
  return known == progress_.end() ? ReportProgress{} : known->second;
}

}  // namespace nav
