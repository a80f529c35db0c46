// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "mig/geometry.h"

namespace nav::mig {

/// The shares of what is asked for, by profile. Need not add up to one.
using Mix = std::vector<double>;

/// Every profile alike but those with a special suffix, which are rare and asked for by name.
Mix even_mix(Geometry const& geometry);

/// By state: the slices one GPU goes on to absorb from arrivals of this mix, each placed as well as can be, until the first that does not
/// fit.
std::vector<double> potential(Geometry const& geometry, Mix const& mix);

/// By state: the free slices that the next arrival of this mix is expected not to be able to use (FGD, "Beware of Fragmentation", USENIX
/// ATC 2023).
std::vector<double> fragments(Geometry const& geometry, Mix const& mix);

/// Which placement harms the GPU least, for a given mix: tables over all states, rebuilt when the mix has moved.
///
/// The value of a state is half its potential less half its fragments. The cost of a placement is the value it takes away. Neither half
/// alone is best on every mix. Integers, so that every machine breaks ties alike.
class Scores {
 public:
  Scores(Geometry const& geometry, Mix const& mix);
  /// Of another notion of value, by state, in slices: what policies are compared with.
  static Scores of_values(Geometry const& geometry, std::vector<double> const& values);

  static constexpr std::int32_t kUnit = 1024;  ///< of one memory slice

  std::int32_t value(StateId state) const { return values_[state]; }
  /// The placement that costs least, the lowest start among equals; nothing when the profile does not fit.
  std::optional<Placement> best(StateId state, std::uint8_t profile) const {
    auto const start = starts_[profile * states_ + state];
    return start == kNoStart ? std::nullopt : std::optional(Placement{profile, start});
  }
  /// What best() takes away; meaningless when the profile does not fit.
  std::int32_t cost(StateId state, std::uint8_t profile) const { return costs_[profile * states_ + state]; }

  /// The states where the profile fits, best first: by cost, then the fuller GPU, then the lower id.
  std::span<StateId const> order(std::uint8_t profile) const { return orders_[profile]; }

  std::size_t states() const { return states_; }
  std::size_t profiles() const { return orders_.size(); }

 private:
  static constexpr std::uint8_t kNoStart = 0xFF;

  Scores() = default;
  void fill_tables(Geometry const& geometry);

  std::size_t states_ = 0;
  std::vector<std::int32_t> values_;          // by state
  std::vector<std::uint8_t> starts_;          // by profile and state
  std::vector<std::int32_t> costs_;           // by profile and state
  std::vector<std::vector<StateId>> orders_;  // by profile
};

}  // namespace nav::mig
