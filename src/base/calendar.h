// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace nav {

constexpr std::int64_t seconds_per_day = 86'400;

/// A day of the Gregorian calendar.
struct Date {
  std::int64_t year = 1970;
  unsigned month = 1;  ///< 1 to 12
  unsigned day = 1;    ///< from 1

  bool operator==(Date const&) const = default;
};

/// Of the day that is so many after 1 January 1970; negative ones lie before.
Date date_of(std::int64_t days_since_1970);
/// The other way. A day that its month does not have becomes one of the next month: whoever takes dates from outside looks whether
/// date_of() gives it back.
std::int64_t days_since_1970(Date const& date);

}  // namespace nav
