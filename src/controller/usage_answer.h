// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "api/metrics.h"
#include "controller/telemetry.h"

/// Sums of use as the API tells them: to charts, to reports, to a Prometheus.
namespace nav {

/// Refuses (field "by") what is nothing to group by, and more than two.
Result<std::vector<telemetry::Dimension>> dimensions_of(std::vector<std::string> const& by);
std::string unit_of(telemetry::Measure measure);
/// Whether its value is the sum by the weight, and not the sum over time.
bool is_mean(telemetry::Measure measure);
/// `answer` with its groups: means over each step.
Result<api::MetricsAnswer> usage_answer(Telemetry& telemetry, telemetry::UsageQuestion const& question, telemetry::Measure measure, api::MetricsAnswer answer,
                                        Time now);

}  // namespace nav
