// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/flow_definition.h"
#include "base/result.h"

/// Which trials of a sweep are not worth going on with, by what they have logged so far. Pure: the same points give the same answer, so nothing has to
/// be remembered between two looks.
namespace nav {

/// Errors name the field within the component ("early_stopping.every").
Result<void> check_early_stopping(api::FlowComponent const& component);

/// Which metric is compared, and whether more of it is better: its own, or else the sweep's.
std::string const& metric_compared(api::FlowComponent const& component);
api::SweepGoal goal_compared(api::FlowComponent const& component);

/// The last step, up to that which a trial has reached, at which it is compared with the others; nothing: not yet.
std::optional<std::int64_t> step_compared(api::EarlyStopping const& rule, std::int64_t reached);

/// Why a trial is stopped whose best value by a step is `own`, where the others that have come so far had `others`; nothing: it goes on. No number
/// is worse than any.
std::optional<std::string> why_stopped(api::FlowComponent const& component, std::int64_t step, double own, std::vector<double> others);

}  // namespace nav
