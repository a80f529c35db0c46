// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "bench/fleet.h"

namespace nav::bench {

struct Asked {
  std::uint8_t profile = 0;
  std::uint32_t previous = 0;  ///< GPU of the placement before
  Random* chance = nullptr;
};

/// A way to choose: one function of what there is and what is asked for.
struct Policy {
  std::string name;
  std::string says;                           ///< in a line, for people
  std::shared_ptr<mig::Scores const> scores;  ///< the order in which its fleet is kept
  std::function<std::optional<mig::BucketIndex::Choice>(Fleet const&, Asked const&)> choose;
  mig::MoveLimits moves{.most = 0};  ///< when nothing fits
  bool sparing = true;               ///< at most one move for each two slices asked for
  bool learns = false;               ///< its table follows what is asked for
};

/// What a policy may know beforehand.
struct Setting {
  mig::Geometry const* geometry = nullptr;
  mig::Mix mix;
  double rho = 1;
  std::uint32_t gpus = 0;
  std::optional<std::uint32_t> most_moves;  ///< instead of what the policy brings
};

std::vector<std::string> policy_names();

/// By its name; an error that lists the names there are.
Result<Policy> policy_named(std::string_view name, Setting const& setting);

/// What is said of each, in the order of policy_names().
std::string about_policy(std::string_view name);

}  // namespace nav::bench
