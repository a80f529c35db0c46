// SPDX-License-Identifier: Apache-2.0
#include "flow/service_component.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "flow/check.h"

namespace nav {

bool is_service(api::FlowComponent const& component) {
  return component.kind == api::ComponentKind::Workspace || component.kind == api::ComponentKind::Endpoint;
}

Result<Service> service_of(api::FlowComponent const& component) {
  bool const is_workspace = component.kind == api::ComponentKind::Workspace;
  Service service{
      .kind = is_workspace ? ServiceKind::Workspace : ServiceKind::Endpoint, .health = component.health, .idle_after = is_workspace ? hours(2) : Duration{}};
  if (!component.idle_after.empty()) {
    auto const parsed = parse_duration(component.idle_after);
    if (!parsed) return fail_field("idle_after", parsed.error().hint, "{}", parsed.error().message);
    service.idle_after = *parsed;
  }
  auto const checked = check(service);
  if (checked) return service;
  Error error = checked.error();
  error.field = error.field.substr(error.field.find('.') + 1);
  return Unexpected(std::move(error));
}

Result<void> check_service(api::FlowComponent const& component) {
  bool const has_command = !component.command.empty() && !component.command[0].empty();
  if (!has_command && component.kind != api::ComponentKind::Workspace)
    return fail_field("command", "give the program and its arguments", "no command is given");
  if (!is_service(component)) {
    for (auto const& [field, used] : {std::pair{"health", !component.health.empty()}, {"idle_after", !component.idle_after.empty()}, {"keep", component.keep}})
      if (used) return fail_field(field, "add `kind: endpoint` or `kind: workspace`", "only a service has {}", field);
    return {};
  }
  if (!component.outputs.empty()) return fail_field("outputs", "leave them out: what needs it asks it while it is there", "a service leaves no outputs");
  if (!component.metric.empty()) return fail_field("metric", "leave it out", "a service has no metric");
  if (component.cache.value_or(false)) return fail_field("cache", "leave it out: a service is there or it is not", "a service cannot be handed on");
  TRY_VOID(service_of(component));
  return {};
}

Result<void> check_services(api::FlowDefinition const& flow) {
  std::map<std::string, std::string> found;
  for (auto const& [name, component] : flow.components) {
    if (!is_service(component)) continue;
    auto const [it, is_new] = found.emplace(door_variable(name), name);
    if (!is_new)
      return fail_field(fmt::format("components.{}", name), "another name for one of them", "{} and {} are both found under {}", it->second, name, it->first);
  }
  for (auto const& [name, component] : flow.components)
    if (!is_service(component)) return {};
  for (auto const& [name, component] : flow.components)
    if (!component.keep)
      return fail_field(fmt::format("components.{}.keep", name), "`keep: true`, or add what uses it",
                        "the flow has services alone, and {} would be ended at once", name);
  return {};
}

std::vector<std::string> services_needed(api::FlowDefinition const& flow, std::string const& component) {
  std::vector<std::string> found;
  for (auto const& need : needs_of(flow.components.at(component))) {
    if (!is_service(flow.components.at(need))) continue;
    found.push_back(need);
    for (auto& further : services_needed(flow, need)) found.push_back(std::move(further));
  }
  return found;
}

std::string door_variable(std::string const& component) {
  std::string variable = door_variables;
  for (char c : component) variable += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ? c : '_';
  return variable;
}

}  // namespace nav
