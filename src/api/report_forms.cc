// SPDX-License-Identifier: Apache-2.0
#include "api/report_forms.h"

#include <algorithm>
#include <cmath>
#include <fmt/ranges.h>
#include <set>

#include "base/html.h"
#include "base/text.h"

namespace nav::api {

namespace {

std::string csv_field(std::string const& text) {
  // A spreadsheet must not take a name for a formula.
  std::string const safe = !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos ? "'" + text : text;
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  std::string out = "\"";
  for (char c : safe) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string with_commas(std::string digits) {
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0 && digits[static_cast<std::size_t>(at) - 1] != '-'; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

// Colours that are told apart by people who see red and green alike, too (after Okabe and Ito).
constexpr char const* colours[] = {"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8a8a00", "#666666"};
constexpr double width = 860, height = 240, left = 60, bottom = 26, top = 10, right = 10;
constexpr std::size_t most_lines = 7;

struct ReportLine {
  std::string name;
  std::map<Time, double> values;
  double sum = 0;
};

/// The largest, and one for all the others.
std::vector<ReportLine> lines_of(MetricsAnswer const& chart) {
  std::vector<ReportLine> lines;
  for (auto const& group : chart.groups) {
    ReportLine line;
    std::vector<std::string> names;
    for (auto const& [label, name] : group.labels) names.push_back(report_name(name));
    line.name = fmt::format("{}", fmt::join(names, ", "));
    for (std::size_t i = 0; i < group.at.size() && i < group.values.size(); ++i) line.values[group.at[i]] += group.values[i], line.sum += group.values[i];
    lines.push_back(std::move(line));
  }
  std::stable_sort(lines.begin(), lines.end(), [](ReportLine const& a, ReportLine const& b) { return a.sum > b.sum; });
  if (lines.size() > most_lines) {
    ReportLine others{.name = fmt::format("{} others", lines.size() - most_lines)};
    for (std::size_t i = most_lines; i < lines.size(); ++i)
      for (auto const& [at, value] : lines[i].values) others.values[at] += value;
    lines.resize(most_lines);
    lines.push_back(std::move(others));
  }
  return lines;
}

/// 1, 2 or 5 times a power of ten, at or above.
double round_up(double value) {
  double step = 1e-6;
  while (true)
    for (double const times : {1.0, 2.0, 5.0, 10.0}) {
      if (times == 10.0) step *= 10;
      else if (step * times >= value) return step * times;
    }
}

std::string day_text(Time at, Duration length) {
  std::string const text = to_text(at);  // 2026-11-22T10:04:00.000000Z
  return length > days(2) ? text.substr(5, 5) : text.substr(11, 5);
}

}  // namespace

std::string report_name(std::string const& name) { return name.empty() ? "nobody's" : name; }

std::string report_head(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

std::string report_cell(ReportRow const& row, ReportColumn const& column) {
  auto const it = row.numbers.find(column.name);
  return it == row.numbers.end() ? "unknown" : number_text(it->second, column.unit);
}

std::string number_text(double value, std::string const& unit) {
  if (unit == "share") return fmt::format("{:.0f} %", value * 100);
  if (unit == "s") return to_text(microseconds(static_cast<std::int64_t>(value * 1e6)));
  if (value == 0) return "0";
  if (std::abs(value) >= 1000) return with_commas(fmt::format("{:.0f}", value));
  if (std::abs(value) >= 10) return fmt::format("{:.1f}", value);
  return fmt::format("{:.3g}", value);
}

std::string report_csv(Report const& report) {
  std::string out;
  auto const line = [&out](std::vector<std::string> const& fields) { out += fmt::format("{}\r\n", fmt::join(fields, ",")); };
  std::vector<std::string> head = report.by;
  for (auto const& column : report.columns) head.push_back(csv_field(fmt::format("{} ({})", column.name, column.unit)));
  line(head);
  auto const row_line = [&](ReportRow const& row, std::vector<std::string> const& names) {
    std::vector<std::string> fields;
    for (auto const& name : names) fields.push_back(csv_field(name));
    for (auto const& column : report.columns) {
      auto const it = row.numbers.find(column.name);
      fields.push_back(it == row.numbers.end() ? "" : fmt::format("{}", it->second));
    }
    line(fields);
  };
  for (auto const& row : report.rows) row_line(row, row.names);
  std::vector<std::string> names(report.by.size());
  if (!names.empty()) names.front() = "(all)";
  row_line(report.total, names);
  return out;
}

std::string chart_svg(MetricsAnswer const& chart) {
  auto const lines = lines_of(chart);
  std::set<Time> times;
  for (auto const& line : lines)
    for (auto const& [at, value] : line.values) times.insert(at);
  bool const adds_up = chart.unit != "share" && chart.unit != "s";
  double most = 0;
  for (Time const at : times) {
    double total = 0;
    for (auto const& line : lines)
      if (auto const it = line.values.find(at); it != line.values.end()) total = adds_up ? total + it->second : std::max(total, it->second);
    most = std::max(most, total);
  }
  if (most == 0) most = 1;
  most = round_up(most);
  Duration const length = chart.until - chart.since;
  auto const x = [&](Time at) { return left + (width - left - right) * std::clamp((at - chart.since).seconds() / std::max(1.0, length.seconds()), 0.0, 1.0); };
  auto const y = [&](double value) { return height - bottom - (height - bottom - top) * value / most; };
  std::string out = fmt::format(R"(<svg viewBox="0 0 {} {}" role="img" aria-label="{} over time" xmlns="http://www.w3.org/2000/svg">)", width, height,
                                html_escaped(chart.metric));
  for (int i = 0; i <= 4; ++i) {
    double const value = most * i / 4;
    out += fmt::format(R"(<line x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}" class="grid"/><text x="{}" y="{:.1f}" class="y">{}</text>)", left, width - right,
                       y(value), y(value), left - 6, y(value) + 4, html_escaped(number_text(value, chart.unit)));
  }
  for (int i = 0; i <= 4; ++i) {
    Time const at = chart.since + length * i / 4;
    out += fmt::format(R"(<text x="{:.1f}" y="{}" class="x">{}</text>)", x(at), height - 8, day_text(at, length));
  }
  // A step is drawn as wide as it is: nothing is drawn where nothing is known.
  std::map<Time, double> below;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    char const* const colour = colours[i % std::size(colours)];
    std::string path;
    for (auto const& [at, value] : lines[i].values) {
      double& base = below[at];
      double const low = adds_up ? y(base) : y(0), high = adds_up ? y(base + value) : y(value);
      double const from = x(std::max(at, chart.since)), to = x(std::min(at + chart.step, chart.until));
      if (adds_up) path += fmt::format("M{:.1f} {:.1f}H{:.1f}V{:.1f}H{:.1f}Z", from, low, to, high, from);
      else path += fmt::format("M{:.1f} {:.1f}H{:.1f}", from, high, to);
      base += value;
    }
    out += adds_up
               ? fmt::format(R"(<path d="{}" fill="{}"><title>{}</title></path>)", path, colour, html_escaped(lines[i].name))
               : fmt::format(R"(<path d="{}" stroke="{}" stroke-width="2" fill="none"><title>{}</title></path>)", path, colour, html_escaped(lines[i].name));
  }
  return out + "</svg>";
}

std::string report_html(Report const& report) {
  std::string out = fmt::format(R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{0}</title><style>
:root{{color-scheme:light dark}}body{{font:15px/1.5 system-ui,sans-serif;max-width:920px;margin:2em auto;padding:0 1em}}
h1{{font-size:1.5em;margin-bottom:0}}.range,dt,dd,.legend{{color:GrayText}}table{{border-collapse:collapse;width:100%;margin:1.5em 0}}
th,td{{text-align:right;padding:.3em .6em;border-bottom:1px solid #8884}}th.name,td.name{{text-align:left}}tr.all td{{font-weight:600}}
svg{{width:100%}}svg text{{font-size:12px;fill:currentColor}}svg .y{{text-anchor:end}}svg .x{{text-anchor:middle}}svg .grid{{stroke:#8884}}
.legend span{{margin-right:1.2em}}.legend i{{display:inline-block;width:.8em;height:.8em;margin-right:.4em}}dt{{font-weight:600}}dd{{margin:0 0 .4em}}
</style></head><body><h1>{0}</h1><p class="range">{1} to {2} (UTC)</p>
)",
                                html_escaped(report.title), to_text(report.since).substr(0, 16), to_text(report.until).substr(0, 16));
  out += fmt::format("<figure>{}<figcaption class=\"legend\">{}, {}: ", chart_svg(report.chart), html_escaped(report_head(report.chart.metric)),
                     html_escaped(report.chart.unit));
  auto const lines = lines_of(report.chart);
  for (std::size_t i = 0; i < lines.size(); ++i)
    out += fmt::format("<span><i style=\"background:{}\"></i>{}</span>", colours[i % std::size(colours)], html_escaped(lines[i].name));
  out += "</figcaption></figure>\n<table><thead><tr>";
  for (auto const& by : report.by) out += fmt::format("<th class=\"name\">{}</th>", html_escaped(by));
  for (auto const& column : report.columns) out += fmt::format("<th>{}</th>", html_escaped(report_head(column.name)));
  out += "</tr></thead><tbody>\n";
  auto const row_line = [&](ReportRow const& row, std::vector<std::string> const& names, char const* of) {
    out += fmt::format("<tr{}>", of);
    for (auto const& name : names) out += fmt::format("<td class=\"name\">{}</td>", html_escaped(name));
    for (auto const& column : report.columns) out += fmt::format("<td>{}</td>", html_escaped(report_cell(row, column)));
    out += "</tr>\n";
  };
  for (auto const& row : report.rows) {
    std::vector<std::string> names;
    for (auto const& name : row.names) names.push_back(report_name(name));
    row_line(row, names, "");
  }
  std::vector<std::string> names(report.by.size());
  if (!names.empty()) names.front() = "all";
  row_line(report.total, names, " class=\"all\"");
  out += "</tbody></table>\n<dl>";
  for (auto const& column : report.columns)
    out += fmt::format("<dt>{} ({})</dt><dd>{}</dd>", html_escaped(report_head(column.name)), html_escaped(column.unit), html_escaped(column.text));
  out += "</dl>\n";
  for (auto const& note : report.notes) out += fmt::format("<p>{}</p>\n", html_escaped(note));
  return out + "</body></html>\n";
}

}  // namespace nav::api
