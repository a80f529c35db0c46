// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "flow/cron.h"
#include "flow/time_zone.h"

/// Which moments the local times of a cron expression are. Where the clocks are changed:
///
/// An expression that names some hours goes by what the clock shows. A time that the clock leaps over comes at the moment it is put forward, and one that it
/// shows twice comes the first time: each comes once a day, however the clocks are changed.
///
/// One for every hour (`*`, or all of them) goes by time that passes: what the clock leaps over does not come, and what it shows twice comes twice.
namespace nav {

/// The first moment after `after` at which it comes. None only if it does not come within 400 years.
std::optional<Time> next_time(Cron const& cron, TimeZone const& zone, Time after);

/// All at which it comes, after `after` and until `until`, ascending.
std::vector<Time> times_between(Cron const& cron, TimeZone const& zone, Time after, Time until);

/// The last of these, `most` at most, ascending. Does not look at all the others, however many they are.
std::vector<Time> newest_times(Cron const& cron, TimeZone const& zone, Time after, Time until, std::size_t most);

}  // namespace nav
