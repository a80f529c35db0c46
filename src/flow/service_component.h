// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/flow_definition.h"
#include "base/result.h"
#include "core/service.h"

/// Components that others use while they are there.
namespace nav {

bool is_service(api::FlowComponent const& component);

/// What its job is to be. Refuses, by field, what no service can be: `health`, `idle_after`.
Result<Service> service_of(api::FlowComponent const& component);

/// Refuses what goes with no service, and of what is none what only a service has.
Result<void> check_service(api::FlowComponent const& component);

/// Each is found under a name of its own; and somebody has to use them, or they are to be kept.
Result<void> check_services(api::FlowDefinition const& flow);

/// The services that a component needs, and those that they need.
std::vector<std::string> services_needed(api::FlowDefinition const& flow, std::string const& component);

/// The variable in which those that need a service find its path at the door: "NAV_DOOR_MODEL_SERVER".
inline constexpr char const* door_variables = "NAV_DOOR_";
std::string door_variable(std::string const& component);

}  // namespace nav
