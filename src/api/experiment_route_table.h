// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/routes.h"

namespace nav::api {

/// The part of the table of routes that is about experiments, MLflow's way of speaking of them included.
std::span<Route const> experiment_routes();

}  // namespace nav::api
