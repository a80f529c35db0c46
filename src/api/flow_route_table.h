// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/routes.h"

namespace nav::api {

/// The part of the table of routes that is about flows and artifacts.
std::span<Route const> flow_routes();

}  // namespace nav::api
