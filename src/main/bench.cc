// SPDX-License-Identifier: Apache-2.0
// nav bench: measurements of this build on this machine, with what they were measured on and what we mean to reach beside them.
#include "main/bench.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/table.h"
#include "main/commands.h"

namespace nav::bench {

namespace fs = std::filesystem;

double now_s() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

namespace {

double quantile(std::vector<double> const& sorted, double q) {
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(q * static_cast<double>(sorted.size())))];
}

}  // namespace

Figure rate_of(std::string name, std::string unit, std::vector<double> windows) {
  std::sort(windows.begin(), windows.end());
  Figure figure;
  figure.name = std::move(name);
  figure.unit = std::move(unit);
  figure.samples = windows.size();
  figure.min = windows.front();
  figure.median = quantile(windows, 0.5);
  figure.max = windows.back();
  return figure;
}

Figure figure_of(std::string name, std::string unit, std::vector<double> samples) {
  std::sort(samples.begin(), samples.end());
  double const p99 = quantile(samples, 0.99);
  Figure figure = rate_of(std::move(name), std::move(unit), std::move(samples));
  figure.p99 = p99;
  return figure;
}

namespace {

struct Measurement {
  std::vector<std::string> names;  ///< what its figures' names begin with
  Figures (*run)(Bench&);
};

// Memory comes first: it forks, which wants a process without threads and with a small heap. The door comes before the API, which leaves a long queue.
std::vector<Measurement> const measurements{
    {{"memory"}, memory},
    {{"recovery"}, recovery},
    {{"placements-bare"}, placements_bare},
    {{"placements-planned"}, placements_planned},
    {{"planner-index"}, planner_index},
    {{"planner-moves"}, planner_moves},
    {{"planner-moving"}, planner_moving},
    {{"planner-cut"}, planner_cut},
    {{"submit-durable"}, durable},
    {{"start-idle"}, start_idle},
    {{"start-cut"}, start_cut},
    {{"door-latency", "door-download", "door-new-visits"}, door},
    {{"api-single"}, api_single},
    {{"api-batch"}, api_batch},
    {{"top"}, top},
    {{"telemetry-keeping"}, telemetry_kept},
    {{"telemetry-day", "telemetry-week"}, telemetry_asked},
};

struct Report {
  Surroundings on;
  std::vector<Figure> figures;
  std::vector<std::string> problems;  ///< measurements that could not be made, and why
};
BOOST_DESCRIBE_STRUCT(Report, (), (on, figures, problems))

std::string number_text(double value) {
  if (value >= 1'000) {
    std::string digits = fmt::format("{:.0f}", value);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
  }
  return value >= 100 ? fmt::format("{:.0f}", value) : value >= 10 ? fmt::format("{:.1f}", value) : fmt::format("{:.3g}", value);
}

void print(Report const& report) {
  auto const& on = report.on;
  std::printf("nav %s, %s build%s, %s\n", on.version.c_str(), on.build.c_str(), on.commit.empty() ? "" : (", commit " + on.commit).c_str(), on.at.c_str());
  std::printf("%u processors (%s), %s of memory; disk of %s (%s)\n", on.cpus, on.processor.c_str(), mib_text(on.memory_mib).c_str(), on.folder.c_str(),
              on.disk.c_str());
  std::printf("load average %.1f before, %.1f after%s\n\n", on.load_before, on.load_after,
              on.load_before > 0.5 * on.cpus ? ": the machine was busy with other work, so every figure is worse than it would be alone" : "");
  auto const number = [](char const* head) { return cli::Column{head, cli::Fit::Keep, cli::Align::Right}; };
  cli::Table table({{"measured"}, number("min"), number("median"), number("p99"), number("max"), {"unit"}, number("samples"), number("load"), {"goal"}});
  for (auto const& f : report.figures)
    table.add({f.name, number_text(f.min), number_text(f.median), f.p99 ? number_text(*f.p99) : "", number_text(f.max), f.unit, std::to_string(f.samples),
               fmt::format("{:.1f}", f.load), f.goal});
  std::fputs(table.text(cli::Terminal{}).c_str(), stdout);
  std::puts("");
  for (auto const& f : report.figures) std::printf("%s: %s\n", f.name.c_str(), f.note.c_str());
}

bool is_wanted(Measurement const& measurement, std::vector<std::string> const& only) {
  if (only.empty()) return true;
  for (auto const& part : only)
    for (auto const& name : measurement.names)
      if (name.find(part) != std::string::npos || part.starts_with(name)) return true;
  return false;
}

/// A folder that goes with everything in it.
struct WorkFolder {
  std::string path;
  ~WorkFolder() {
    std::error_code error;
    if (!path.empty()) fs::remove_all(path, error);
  }
};

Result<void> make_folder(std::string const& data, WorkFolder& folder) {
  std::error_code error;
  fs::path const parent = data.empty() ? fs::temp_directory_path(error) : fs::absolute(data);
  if (!data.empty()) fs::create_directories(parent, error);
  std::string name = parent / "nav-bench-XXXXXX";
  if (!mkdtemp(name.data())) return fail_field("data", "choose a folder that can be written", "no folder can be made in {}", parent.string());
  folder.path = name;
  fs::permissions(name, fs::perms(0711), error);  // users that jobs run as pass through it
  return {};
}

Result<Report> measure(cli::BenchOptions const& options) {
  std::vector<Measurement> wanted;
  for (auto const& one : measurements)
    if (is_wanted(one, options.only)) wanted.push_back(one);
  if (wanted.empty()) {
    std::string names;
    for (auto const& one : measurements) names += (names.empty() ? "" : ", ") + one.names.front();
    return fail_field("measurement", names, "nothing here is called {}", fmt::join(options.only, ", "));
  }
  if (options.seconds == 0 || options.clients == 0) return fail_field(options.seconds == 0 ? "seconds" : "clients", "1 or more", "it is 0");
  WorkFolder folder;
  TRY_VOID(make_folder(options.data, folder));
  Bench bench{.options = options, .folder = folder.path, .site = {}};
  Report report{
      .on = surroundings(options.data.empty() ? fs::temp_directory_path().string() : fs::absolute(options.data).string()), .figures = {}, .problems = {}};
  bool const shows_progress = isatty(STDERR_FILENO) && !options.json;
  for (auto const& one : wanted) {
    if (shows_progress) std::fprintf(stderr, "\r\033[Kmeasuring %s ", one.names.front().c_str());
    double const load = load_average();
    auto figures = one.run(bench);
    if (!figures) {
      report.problems.push_back(fmt::format("{}: {}", one.names.front(), to_text(figures.error())));
      continue;
    }
    for (auto& figure : *figures) {
      figure.load = load;
      report.figures.push_back(std::move(figure));
    }
  }
  if (shows_progress) std::fputs("\r\033[K", stderr);
  report.on.load_after = load_average();
  bench.site.reset();
  return report;
}

}  // namespace
}  // namespace nav::bench

namespace nav {

int run_bench(cli::BenchOptions const& options) {
  std::signal(SIGPIPE, SIG_IGN);
  auto const report = bench::measure(options);
  if (!report) return told(report.error());
  if (options.json) std::puts(json_write(*report).c_str());
  else bench::print(*report);
  for (auto const& problem : report->problems) std::fprintf(stderr, "nav bench: not measured: %s\n", problem.c_str());
  return report->problems.empty() ? 0 : 1;
}

}  // namespace nav
