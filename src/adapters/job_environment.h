// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "agent/ports.h"

namespace nav {

/// What a job finds in its environment. What was asked for with it comes first; the node's own (`extra`) and ours win over that, for a job
/// that names another's GPU would only be refused by it.
///   CUDA_VISIBLE_DEVICES     the UUIDs of its slice or GPUs; empty for a job without
///   NVIDIA_VISIBLE_DEVICES   the same for container tools; "void" for a job without
///   NAV_JOB_ID, NAV_ATTEMPT  "42", "42.1"
///   NAV_PROJECT, NAV_URL     where known
///   NAV_PLACEMENT            "1g.5gb@4" on a slice
///   MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN, MLFLOW_RUN_ID   where experiments are logged, unless the job names another place
/// What starts it adds NAV_PORT, a port of loopback to listen on if it serves anything, and NAV_SERVICE_PREFIX ("/jobs/42/"), the path it is then
/// seen under; the supervisor adds NAV_TOKEN_FILE, and HOME and PATH where absent.
std::map<std::string, std::string> environment_of(Launch const& launch, std::map<std::string, std::string> const& extra);

}  // namespace nav
