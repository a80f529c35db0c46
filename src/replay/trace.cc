// SPDX-License-Identifier: Apache-2.0
#include "replay/trace.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/ranges.h>

#include "base/calendar.h"
#include "base/text.h"
#include "replay/csv.h"

namespace nav::replay {
namespace {

/// Where a form keeps what, by the names of its columns. Empty: it does not tell.
struct Form {
  TraceFormat format;
  std::vector<std::string_view> needs;  ///< by these columns it is known
  std::string_view submitted;
  std::string_view started, ended;  ///< how long it ran, where both are there
  std::string_view ran;             ///< else this, in seconds
  std::string_view gpus;
  std::string_view share_milli = {};
  std::string_view cpu_milli = {};
  std::string_view cpus = {};
  std::string_view memory_mib = {};
  std::string_view memory_gib = {};
  std::string_view user = {}, team = {};
};

/// The first whose columns are all there is it, so who needs more stands first.
std::vector<Form> const& forms() {
  static std::vector<Form> const all{
      {.format = TraceFormat::Openb,
       .needs = {"creation_time", "deletion_time", "num_gpu", "gpu_milli", "cpu_milli", "memory_mib"},
       .submitted = "creation_time",
       .started = "scheduled_time",
       .ended = "deletion_time",
       .ran = {},
       .gpus = "num_gpu",
       .share_milli = "gpu_milli",
       .cpu_milli = "cpu_milli",
       .memory_mib = "memory_mib"},
      {.format = TraceFormat::Helios,
       .needs = {"submit_time", "duration", "gpu_num", "cpu_num", "vc"},
       .submitted = "submit_time",
       .started = "start_time",
       .ended = "end_time",
       .ran = "duration",
       .gpus = "gpu_num",
       .cpus = "cpu_num",
       .user = "user",
       .team = "vc"},
      {.format = TraceFormat::Acme,
       .needs = {"submit_time", "duration", "gpu_num", "cpu_num", "node_num", "type"},
       .submitted = "submit_time",
       .started = "start_time",
       .ended = "end_time",
       .ran = "duration",
       .gpus = "gpu_num",
       .cpus = "cpu_num",
       .user = "user"},
      {.format = TraceFormat::Philly,
       .needs = {"timestamp", "duration", "num_gpus"},
       .submitted = "timestamp",
       .started = {},
       .ended = {},
       .ran = "duration",
       .gpus = "num_gpus",
       .user = "user",
       .team = "cluster"},
      {.format = TraceFormat::Plain,
       .needs = {"submitted", "duration", "gpus"},
       .submitted = "submitted",
       .started = {},
       .ended = {},
       .ran = "duration",
       .gpus = "gpus",
       .share_milli = "gpu_milli",
       .cpus = "cpus",
       .memory_gib = "memory_gib",
       .user = "user",
       .team = "team"},
  };
  return all;
}

Result<Form const*> form_of(Csv const& csv) {
  for (auto const& form : forms())
    if (std::all_of(form.needs.begin(), form.needs.end(), [&](auto name) { return csv.has(name); })) return &form;
  auto const names = fmt::format("{}", fmt::join(csv.names(), ","));
  bool const is_text = std::none_of(names.begin(), names.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  std::string wanted;
  for (auto const& form : forms()) wanted += fmt::format("{}{}: {}", wanted.empty() ? "" : "; ", enum_text(form.format), fmt::join(form.needs, ","));
  auto const found = names.empty() ? std::string("there is no first line")
                     : !is_text    ? "the first line is not text"
                                   : fmt::format("no trace is known by the columns \"{}\"", shortened(names, 200));
  return fail_field("FILE", fmt::format("the first line must name the columns of one of these, in any order: {}", wanted), "{}", found);
}

/// Gives each name a number.
class Names {
 public:
  explicit Names(std::vector<std::string>& names) : names_(names) {}
  std::uint32_t number(std::string_view name) {
    auto const [it, fresh] = known_.try_emplace(std::string(name), static_cast<std::uint32_t>(names_.size()));
    if (fresh) names_.emplace_back(name);
    return it->second;
  }

 private:
  std::vector<std::string>& names_;
  std::map<std::string, std::uint32_t> known_;
};

/// Reads one line's cells; the first that is wrong is remembered.
struct Reader {
  Csv::Line const& line;
  std::string problem = {};

  void blame(std::string_view column, std::string_view what) {
    if (problem.empty()) problem = fmt::format("{} is \"{}\", {}", column, shortened(line[column], 40), what);
  }
  double number(std::string_view column, double most) {
    if (column.empty()) return 0;
    auto const text = line[column];
    double value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return blame(column, "not a number"), 0;
    if (!(value >= 0) || value > most) return blame(column, fmt::format("not from 0 to {:.0f}", most)), 0;
    return value;
  }
  std::uint32_t count(std::string_view column, double most) {
    double const value = number(column, most);
    if (value != std::floor(value)) blame(column, "not a whole number");
    return static_cast<std::uint32_t>(value);
  }
  Time moment(std::string_view column) {
    auto const read = read_moment(line[column]);
    if (!read) blame(column, "no moment of time");
    return read.value_or(Time{});
  }
};

constexpr double most_seconds = 100.0 * 365 * 86400, most_gpus = 100'000, most_processors = 1e6, most_gib = 1e6;

/// Why a line that can be read is not replayed; empty: it is.
std::string read_line(Form const& form, Reader& in, TraceJob& job) {
  job.submitted = in.moment(form.submitted);
  job.gpus = in.count(form.gpus, most_gpus);
  job.share_milli = form.share_milli.empty() || in.line[form.share_milli].empty() ? 1000 : in.count(form.share_milli, 1000);
  if (job.gpus == 0) job.share_milli = 1000;
  else if (job.share_milli == 0 || (job.gpus > 1 && job.share_milli != 1000)) in.blame(form.share_milli, fmt::format("which goes with no {} GPUs", job.gpus));
  job.cpu_milli = form.cpu_milli.empty() ? 0 : in.count(form.cpu_milli, most_processors * 1000);
  // What a trace of its form may leave out is not asked for: a node's share goes with the GPUs then.
  if (!form.cpus.empty() && !in.line[form.cpus].empty()) job.cpu_milli = static_cast<std::uint32_t>(in.number(form.cpus, most_processors) * 1000);
  if (!form.memory_mib.empty()) job.memory_mib = in.count(form.memory_mib, most_gib * 1024);
  if (!form.memory_gib.empty() && !in.line[form.memory_gib].empty()) job.memory_mib = static_cast<std::uint64_t>(in.number(form.memory_gib, most_gib) * 1024);
  if (!in.problem.empty()) return {};

  auto const tells = [&](std::string_view column) {
    auto const text = column.empty() ? std::string_view{} : in.line[column];
    return !text.empty() && text != "None" && text != "nan" && text != "NaN";
  };
  if (tells(form.started) && tells(form.ended)) {
    Time const started = in.moment(form.started), ended = in.moment(form.ended);
    if (in.problem.empty() && ended < started) in.blame(form.ended, "which is before it started");
    job.ran = ended - started;
  } else if (form.ran.empty() || (!form.started.empty() && in.line.of->has(form.started))) {
    return "never ran to an end, so nobody knows for how long";
  } else {
    job.ran = microseconds(static_cast<std::int64_t>(in.number(form.ran, most_seconds) * 1e6));
  }
  if (in.problem.empty() && job.gpus == 0 && job.cpu_milli == 0) return "asks for nothing that is counted here";
  return {};
}

}  // namespace

Result<Time> read_moment(std::string_view text) {
  double seconds = 0;
  if (auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
      error == std::errc{} && end == text.data() + text.size() && seconds >= 0 && seconds < 1e11)
    return Time{static_cast<std::int64_t>(seconds * 1e6)};
  auto const wrong = fail_field("", "2023-03-01 00:18:22, with +08:00 or Z behind it or not, or a number of seconds", "\"{}\" is no moment of time",
                                shortened(text, 40));
  auto const part = [&](std::size_t at, std::size_t length) -> int {
    int value = -1;
    if (at + length > text.size()) return -1;
    auto const [end, error] = std::from_chars(text.data() + at, text.data() + at + length, value);
    return error == std::errc{} && end == text.data() + at + length ? value : -1;
  };
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || (text[10] != ' ' && text[10] != 'T') || text[13] != ':' || text[16] != ':') return wrong;
  int const hour = part(11, 2), minute = part(14, 2), second = part(17, 2);
  int const year = part(0, 4), month = part(5, 2), day = part(8, 2);
  if (year < 1900 || month < 1 || month > 12 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return wrong;
  Date const date{year, static_cast<unsigned>(month), static_cast<unsigned>(day)};
  if (date_of(days_since_1970(date)) != date) return wrong;
  std::int64_t at = days_since_1970(date) * 86400 + hour * 3600 + minute * 60 + second;
  std::size_t rest = 19;
  if (rest < text.size() && text[rest] == '.')
    for (++rest; rest < text.size() && text[rest] >= '0' && text[rest] <= '9';) ++rest;
  if (text.substr(rest) == "Z" || rest == text.size()) return Time{at * 1'000'000};
  if (text.size() != rest + 6 || (text[rest] != '+' && text[rest] != '-') || text[rest + 3] != ':' || part(rest + 1, 2) < 0 || part(rest + 4, 2) < 0)
    return wrong;
  std::int64_t const offset = part(rest + 1, 2) * 3600 + part(rest + 4, 2) * 60;
  at += text[rest] == '+' ? -offset : offset;
  return Time{at * 1'000'000};
}

void sort_by_submission(Trace& trace) {
  std::stable_sort(trace.jobs.begin(), trace.jobs.end(), [](TraceJob const& a, TraceJob const& b) { return a.submitted < b.submitted; });
  if (trace.jobs.empty()) return;
  Duration const before = trace.jobs.front().submitted - Time{seconds(1).us};
  for (auto& job : trace.jobs) job.submitted = job.submitted - before;
}

Result<Trace> read_trace(std::string_view text) {
  Csv const csv(text);
  TRY(Form const* form, form_of(csv));
  Trace trace;
  trace.format = form->format;
  Names teams(trace.teams), users(trace.users);
  csv.each([&](Csv::Line const& line) {
    ++trace.lines;
    Reader in{line};
    TraceJob job{.line = line.number};
    auto const left_out = read_line(*form, in, job);
    if (!in.problem.empty()) {
      if (++trace.broken <= Trace::most_told) trace.broken_lines.push_back({line.number, std::move(in.problem)});
      return;
    }
    if (!left_out.empty()) {
      ++trace.left_out[left_out];
      return;
    }
    auto const team = form->team.empty() ? std::string_view{} : line[form->team];
    auto const user = form->user.empty() ? std::string_view{} : line[form->user];
    job.team = teams.number(team.empty() ? "all" : team);
    job.user = users.number(user.empty() ? "all" : user);
    trace.jobs.push_back(std::move(job));
  });
  if (trace.jobs.empty()) {
    auto const why = trace.lines == 0             ? std::string("there is no line after the first")
                     : trace.broken_lines.empty() ? fmt::format("none of its {} lines is replayed: {}", trace.lines, trace.left_out.begin()->first)
                                                  : fmt::format("line {}: {}", trace.broken_lines[0].line, trace.broken_lines[0].why);
    return fail_field("FILE", fmt::format("its columns are those of {}", enum_text(form->format)), "no job can be read: {}", why);
  }
  sort_by_submission(trace);
  return trace;
}

}  // namespace nav::replay
