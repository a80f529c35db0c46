// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/metrics.h"
#include "http/call.h"

/// What the routes of metrics, reports and the exporter share.
namespace nav::http {

/// NotFound where nothing is measured.
Result<Telemetry*> telemetry_of(Api const& api);
Result<std::vector<telemetry::Dimension>> dimensions_of(std::vector<std::string> const& by);
/// Names of the projects the caller sees; none: all.
std::optional<std::set<std::string>> visible_projects(Call const& call);
std::string unit_of(telemetry::Measure measure);
/// Whether its value is the sum by the weight, and not the sum over time.
bool is_mean(telemetry::Measure measure);
/// `answer` with its groups: means over each step.
Result<api::MetricsAnswer> usage_answer(Telemetry& telemetry, telemetry::UsageQuestion const& question, telemetry::Measure measure, api::MetricsAnswer answer,
                                        Time now);
/// Who holds this place of the GPU; an empty placement: the whole.
AttemptId holder_of(Gpu const& gpu, std::string const& placement);

}  // namespace nav::http
