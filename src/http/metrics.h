// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/metrics.h"
#include "http/call.h"

/// What the routes of metrics, reports and the exporter share.
namespace nav::http {

/// NotFound where nothing is measured.
Result<Telemetry*> telemetry_of(Api const& api);
/// Names of the projects the caller sees; none: all.
std::optional<std::set<std::string>> visible_projects(Call const& call);
/// Who holds this place of the GPU; an empty placement: the whole.
AttemptId holder_of(Gpu const& gpu, std::string const& placement);

}  // namespace nav::http
