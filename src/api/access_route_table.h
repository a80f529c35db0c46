// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/routes.h"

namespace nav::api {

/// The part of the table of routes that is about users, teams, projects and tokens.
std::span<Route const> access_routes();

}  // namespace nav::api
