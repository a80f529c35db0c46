// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/flows.h"
#include "http/call.h"

/// What is to be run, as requests say it: held against all that is known before anything of it is kept.
namespace nav::http {

/// Places in the definition are told as places in the request: "definition.components.train.on[0]".
Result<void> check_definition(Call const& call, api::FlowDefinition const& definition, std::map<std::string, std::string> const& parameters,
                              std::uint32_t trials_allowed);

/// The same as a command, its project found and its artifacts there.
Result<StartFlow> checked_start(Api const& api, Call const& call, api::StartFlowRun wanted);

}  // namespace nav::http
