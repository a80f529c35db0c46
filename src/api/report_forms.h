// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "api/metrics.h"

/// A report in the forms people take away: the command line makes them where it runs, the controller for its folder of reports.
namespace nav::api {

/// RFC 4180, with the units in the head: "gpu_hours (GPU hours)". The total is the last row. What is not known is an empty field.
std::string report_csv(Report const& report);
/// A page of its own, with its picture in it; it loads nothing.
std::string report_html(Report const& report);
/// The report's main number over time, as SVG: areas on one another where they add up, else lines.
std::string chart_svg(MetricsAnswer const& chart);

/// "1,234", "41.5", "0.034"; a share as "42 %"; seconds as "2m10s".
std::string number_text(double value, std::string const& unit);
/// A row's number in a column; "unknown" for what is not known.
std::string report_cell(ReportRow const& row, ReportColumn const& column);
/// What a row is of; "nobody's" where that is nobody.
std::string report_name(std::string const& name);
/// "memory slice hours" of memory_slice_hours.
std::string report_head(std::string name);

}  // namespace nav::api
