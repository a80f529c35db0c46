// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace nav {

/// What a job says of one rung of its compute list, beside the template's name.
struct RungLimits {
  Duration wait;                            ///< the longest wait while this rung is the current one; zero: none
  std::optional<std::int64_t> price_micro;  ///< the highest price an hour; none: any

  auto operator<=>(RungLimits const&) const = default;
};
BOOST_DESCRIBE_STRUCT(RungLimits, (), (wait, price_micro))

struct Rung {
  std::string on;  ///< name of a template
  RungLimits limits;

  bool operator==(Rung const&) const = default;
};

/// "mig-1g.5gb", "mig-1g.5gb:wait=2m", "v100-cloud:wait=10m:price=3.00". The error's field is the key, or empty where the name is wrong.
Result<Rung> parse_rung(std::string_view text);
/// The same again, exactly.
std::string to_text(Rung const& rung);

}  // namespace nav
