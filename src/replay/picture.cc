// SPDX-License-Identifier: Apache-2.0
#include "replay/picture.h"

#include <algorithm>
#include <cmath>

#include "base/html.h"
#include "base/text.h"

namespace nav::replay {
namespace {

constexpr char const* colours[] = {"#2563eb", "#d97706", "#059669", "#c026d3", "#dc2626", "#0891b2", "#65a30d", "#7c3aed"};
constexpr double width = 460, height = 260, left = 56, top = 40, gap = 90;

char const* colour(std::size_t run) { return colours[run % std::size(colours)]; }

std::string label(double x, double y, char const* anchor, std::string_view text, char const* style = "t") {
  return fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", style, x, y, anchor, html_escaped(text));
}

std::string line(double x1, double y1, double x2, double y2) {
  return fmt::format("<line class=\"g\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", x1, y1, x2, y2);
}

/// The frame of a panel, its title, and lines at every fifth of its height, which stand for parts of all.
std::string panel(double x0, std::string_view title, std::string_view below) {
  std::string out = label(x0, top - 14, "start", title, "h");
  for (int i = 0; i <= 5; ++i) {
    double const y = top + height * (1 - i / 5.0);
    out += line(x0, y, x0 + width, y) + label(x0 - 8, y + 4, "end", fmt::format("{} %", i * 20));
  }
  return out + label(x0 + width / 2, top + height + 40, "middle", below);
}

std::string curve(std::vector<std::pair<double, double>> const& points, std::size_t run, std::string_view title) {
  std::string path;
  for (auto const& [x, y] : points) path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : " L", x, y);
  return fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"><title>{}</title></path>\n", path, colour(run), html_escaped(title));
}

constexpr double shortest = 1, longest_shown = 30 * 86400.0;  // of a wait, in seconds, on a logarithmic axis

double wait_x(double seconds) {
  double const part = std::log(std::clamp(seconds, shortest, longest_shown) / shortest) / std::log(longest_shown / shortest);
  return left + part * width;
}

std::string wait_panel(std::vector<Curves> const& runs) {
  std::string out = panel(left, "Jobs that waited no longer than", "waiting, from submission to start");
  for (auto const& [seconds, name] : {std::pair{1.0, "1s"},
                                      {10.0, "10s"},
                                      {60.0, "1m"},
                                      {600.0, "10m"},
                                      {3600.0, "1h"},
                                      {6 * 3600.0, "6h"},
                                      {86400.0, "1d"},
                                      {7 * 86400.0, "7d"},
                                      {30 * 86400.0, "30d"}}) {
    double const x = wait_x(seconds);
    out += line(x, top, x, top + height) + label(x, top + height + 18, "middle", name);
  }
  for (std::size_t run = 0; run < runs.size(); ++run) {
    auto const& waits = runs[run].waits;
    if (waits.empty()) continue;
    std::vector<std::pair<double, double>> points;
    for (double x = left; x <= left + width + 0.01; x += 2) {
      double const seconds = shortest * std::pow(longest_shown / shortest, (x - left) / width);
      auto const within = std::upper_bound(waits.begin(), waits.end(), seconds) - waits.begin();
      points.emplace_back(x, top + height * (1 - static_cast<double>(within) / static_cast<double>(waits.size())));
    }
    out += curve(points, run, runs[run].title);
  }
  return out;
}

std::string use_panel(std::vector<Curves> const& runs) {
  double const x0 = left + width + gap;
  std::string out = panel(x0, "GPUs held, of those in the pool", "days into the trace");
  double days = 0;
  for (auto const& run : runs) days = std::max(days, run.days);
  for (int i = 0; i <= 4; ++i) {
    double const x = x0 + width * i / 4;
    out += line(x, top, x, top + height) + label(x, top + height + 18, "middle", fmt::format("{:.{}f}", days * i / 4, days < 4 ? 2 : 0));
  }
  for (std::size_t run = 0; run < runs.size(); ++run) {
    auto const& moments = runs[run].moments;
    std::vector<std::pair<double, double>> points;
    for (std::size_t i = 0; i < moments.size() && runs[run].gpus > 0 && days > 0; ++i)
      points.emplace_back(x0 + width * runs[run].days / days * (static_cast<double>(i) + 0.5) / static_cast<double>(moments.size()),
                          top + height * (1 - std::min(1.0, moments[i].used / runs[run].gpus)));
    if (!points.empty()) out += curve(points, run, runs[run].title);
  }
  return out;
}

std::string time_cell(double seconds) {
  if (seconds < 60) return fmt::format("{:.1f}s", seconds);
  return to_text(Duration{static_cast<std::int64_t>(std::round(seconds)) * 1'000'000});
}

std::string row(std::vector<std::string> const& cells, char const* tag) {
  std::string out = "<tr>";
  for (auto const& cell : cells) out += fmt::format("<{}>{}</{}>", tag, html_escaped(cell), tag);
  return out + "</tr>\n";
}

std::string tables(std::vector<RunReport> const& runs) {
  std::string out = "<table>\n" + row({"pool", "policy", "GPUs", "jobs", "held", "asked for", "stranded", "stopped", "moved", "GPU-hours", "cost"}, "th");
  for (auto const& run : runs)
    out += row({run.pool, run.policy, std::to_string(run.gpus), std::to_string(run.jobs), fmt::format("{:.1f} %", 100 * run.use),
                fmt::format("{:.1f} %", 100 * run.asked), fmt::format("{:.1f} %", 100 * run.stranded), std::to_string(run.stops), std::to_string(run.moves),
                fmt::format("{:.0f}", run.all().gpu_hours), run.pool_cost ? fmt::format("{:.2f}", *run.pool_cost) : ""},
               "td");
  out += "</table>\n";
  for (char const* by : {"all", "team", "user", "template"}) {
    out += fmt::format("<h2>{}</h2>\n<table>\n", std::string_view(by) == "all" ? "Waiting and completion" : fmt::format("By {}", by));
    out += row({"pool", "policy", by, "jobs", "wait mean", "p50", "p95", "p99", "longest", "completion mean", "p50", "p95", "p99", "GPU-hours"}, "th");
    for (auto const& run : runs)
      for (auto const& group : run.groups) {
        if (group.by != by) continue;
        std::vector<std::string> cells{run.pool, run.policy, group.name, std::to_string(group.jobs)};
        for (double seconds : {group.wait.mean, group.wait.p50, group.wait.p95, group.wait.p99, group.wait.longest, group.completion.mean, group.completion.p50,
                               group.completion.p95, group.completion.p99})
          cells.push_back(time_cell(seconds));
        cells.push_back(fmt::format("{:.1f}", group.gpu_hours));
        out += row(cells, "td");
      }
    out += "</table>\n";
  }
  return out;
}

}  // namespace

Curves curves_of(Trace const& trace, RunReport const& run, Past const& past) {
  Curves curves{.title = fmt::format("{}, {}", run.pool, run.policy), .waits = {}, .moments = past.moments, .gpus = past.gpus, .days = run.days};
  for (auto const& one : past.jobs)
    if (one.started && trace.jobs[one.job].gpus > 0) curves.waits.push_back((one.started - one.submitted).seconds());
  std::sort(curves.waits.begin(), curves.waits.end());
  return curves;
}

std::string svg_of(std::vector<Curves> const& runs) {
  double const whole_width = left + width + gap + width + 24, legend = top + height + 64, whole_height = legend + 20.0 * static_cast<double>(runs.size()) + 8;
  std::string out = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0f} {:.0f}\" width=\"{:.0f}\" height=\"{:.0f}\" role=\"img\">\n",
                                whole_width, whole_height, whole_width, whole_height);
  out +=
      "<style>text{font:12px system-ui,sans-serif;fill:#334155}.h{font-weight:600;font-size:14px}.g{stroke:#cbd5e1;stroke-width:1}"
      "@media (prefers-color-scheme:dark){text{fill:#cbd5e1}.g{stroke:#334155}}</style>\n";
  out += wait_panel(runs) + use_panel(runs);
  for (std::size_t run = 0; run < runs.size(); ++run) {
    double const y = legend + 20.0 * static_cast<double>(run);
    out += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"18\" height=\"4\" fill=\"{}\"/>\n", left, y - 6, colour(run)) +
           label(left + 26, y, "start", runs[run].title);
  }
  return out + "</svg>\n";
}

std::string html_of(std::vector<RunReport> const& runs, std::vector<Curves> const& curves) {
  std::string const title = runs.empty() ? "" : runs.front().trace;
  std::string out = fmt::format("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title>\n", html_escaped(title));
  out +=
      "<style>:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:1180px;margin:2rem auto;padding:0 1rem}"
      "table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.5rem 0 1.5rem}th,td{padding:.2rem .7rem;text-align:right;border-bottom:1px "
      "solid #8884}"
      "th:first-child,td:first-child,th:nth-child(2),td:nth-child(2){text-align:left}svg{max-width:100%;height:auto}</style></head><body>\n";
  out += fmt::format("<h1>{}</h1>\n", html_escaped(title));
  if (!runs.empty()) {
    auto const& first = runs.front();
    out += fmt::format("<p>{} jobs submitted on {:.1f} days, of {} lines ({} could not be read).", first.jobs, first.days, first.lines, first.broken);
    for (auto const& left_out : first.left_out) out += fmt::format(" {} are left out: they {}.", left_out.jobs, html_escaped(left_out.why));
    out += "</p>\n";
    for (auto const& run : runs)
      if (!run.want.empty()) out += fmt::format("<p>{} takes {} with {}: {} GPUs.</p>\n", html_escaped(run.want), html_escaped(run.pool), run.policy, run.gpus);
  }
  return out + svg_of(curves) + tables(runs) + "</body></html>\n";
}

}  // namespace nav::replay
