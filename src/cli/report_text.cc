// SPDX-License-Identifier: Apache-2.0
#include "cli/report_text.h"

#include "api/report_forms.h"
#include "cli/words.h"

namespace nav::cli {

std::string report_text(api::Report const& report, Terminal const& terminal) {
  std::string out = fmt::format("{}\n{}\n\n", terminal.painted(Paint::Strong, report.title),
                                terminal.painted(Paint::Dim, fmt::format("{} to {}", clock_text(report.since), clock_text(report.until))));
  std::vector<Column> columns;
  for (auto const& by : report.by) columns.push_back({by, Fit::Shrink});
  for (auto const& column : report.columns) columns.push_back({api::report_head(column.name), Fit::Keep, Align::Right});
  for (auto& column : columns)
    for (char& c : column.head) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  Table table(columns);
  auto const add = [&](api::ReportRow const& row, std::vector<std::string> const& names, Paint paint) {
    std::vector<Cell> cells;
    for (auto const& name : names) cells.emplace_back(printable(name), paint);
    for (auto const& column : report.columns) cells.emplace_back(api::report_cell(row, column), row.numbers.contains(column.name) ? paint : Paint::Dim);
    table.add(std::move(cells));
  };
  for (auto const& row : report.rows) {
    std::vector<std::string> names;
    for (auto const& name : row.names) names.push_back(api::report_name(name));
    add(row, names, Paint::Plain);
  }
  if (report.rows.size() > 1) {
    std::vector<std::string> names(report.by.size());
    if (!names.empty()) names.front() = "all";
    add(report.total, names, Paint::Strong);
  }
  out += report.rows.empty() ? "Nothing in this time.\n" : table.text(terminal);
  out += "\n";
  for (auto const& column : report.columns)
    out += terminal.painted(Paint::Dim, fmt::format("{} ({}): {}\n", api::report_head(column.name), column.unit, column.text));
  for (auto const& note : report.notes) out += fmt::format("{}\n", note);
  return out;
}

}  // namespace nav::cli
