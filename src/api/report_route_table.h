// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/routes.h"

namespace nav::api {

/// The part of the table of routes that is about reports made by a schedule.
std::span<Route const> report_routes();

}  // namespace nav::api
