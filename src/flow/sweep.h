// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "api/flow_definition.h"
#include "base/result.h"

/// What the trials of a component are. Nothing is listed ahead: each trial is worked out from its number, so a large sweep costs nothing
/// before it runs, and a restart finds the same trials.
namespace nav {

/// A hard end: no sweep is larger, whatever is allowed.
inline constexpr std::uint64_t most_trials = 100'000;

/// How many jobs the component unfolds into; 1 for a job. Counts beyond any limit, so that a refusal can name the number.
std::uint64_t trial_count(api::FlowComponent const& component);

/// The parameters of trial `number`, beside those of the flow. The last parameter of a grid by name varies fastest.
std::map<std::string, std::string> trial_parameters(api::FlowComponent const& component, std::uint32_t number);

/// Errors name the field within the component ("grid.rate").
Result<void> check_sweep(api::FlowComponent const& component, std::uint32_t trials_allowed);

}  // namespace nav
