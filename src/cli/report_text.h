// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "api/metrics.h"
#include "cli/table.h"

/// A report in the forms people take away.
namespace nav::cli {

std::string report_text(api::Report const& report, Terminal const& terminal);
/// RFC 4180, with the units in the head: "gpu_hours (GPU hours)". The total is the last row. What is not known is an empty field.
std::string report_csv(api::Report const& report);
/// A page of its own, with its picture in it; it loads nothing.
std::string report_html(api::Report const& report);
/// The report's main number over time, as SVG: areas on one another where they add up, else lines.
std::string chart_svg(api::MetricsAnswer const& chart);

/// "1,234", "41.5", "0.034"; a share as "42 %"; seconds as "2m10s". "unknown" for what is not known.
std::string number_text(double value, std::string const& unit);

}  // namespace nav::cli
