// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/flow_definition.h"
#include "base/result.h"

/// Everything that can be said of a flow before it runs. A flow that passes cannot be half-started: what a run unfolds into is settled.
namespace nav {

/// The first thing wrong with the flow, with its place ("components.train.grid.rate") and what would be right. Whether templates and
/// artifacts exist is for who knows them.
Result<void> check_flow(api::FlowDefinition const& flow, std::map<std::string, std::string> const& given, std::uint32_t trials_allowed);

/// The components a component waits for: those of `after`, of its inputs and of its condition, each once, ascending.
std::vector<std::string> needs_of(api::FlowComponent const& component);

/// All components, each after all it needs. The flow has been checked.
std::vector<std::string> in_order(api::FlowDefinition const& flow);

/// These and all that needs them, directly or not.
std::vector<std::string> with_followers(api::FlowDefinition const& flow, std::vector<std::string> const& first);

/// The text with {{name}} replaced. InvalidArgument names what is not known; nothing else in braces is touched.
Result<std::string> filled_in(std::string const& text, std::map<std::string, std::string> const& parameters);

}  // namespace nav
