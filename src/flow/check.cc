// SPDX-License-Identifier: Apache-2.0
#include "flow/check.h"

#include <algorithm>
#include <fmt/ranges.h>
#include <set>

#include "base/text.h"
#include "core/rung.h"
#include "flow/condition.h"
#include "flow/early_stopping.h"
#include "flow/service_component.h"
#include "flow/sweep.h"

namespace nav {

namespace {

using Parameters = std::map<std::string, std::string>;

constexpr std::size_t most_question = 1000;

/// The components there are, for hints.
std::vector<std::string> names_of(api::FlowDefinition const& flow) {
  std::vector<std::string> names;
  for (auto const& [name, component] : flow.components) names.push_back(name);
  return names;
}

std::string suggestion(std::string_view word, std::vector<std::string> const& known) {
  auto const near = nearest(word, known);
  if (!near.empty()) return fmt::format("did you mean {}?", fmt::join(near, " or "));
  return known.empty() ? "there are none" : fmt::format("there are: {}", shortened(fmt::format("{}", fmt::join(known, ", ")), 400));
}

Unexpected below(std::string const& place, Error error) {
  error.field = error.field.empty() ? place : fmt::format("{}.{}", place, error.field);
  return Unexpected(std::move(error));
}

/// Parameters become variables and words between braces, so their names are plain.
Result<void> check_parameter_name(std::string const& name, std::string const& field) {
  bool plain = !name.empty() && name.size() <= 63 && !(name[0] >= '0' && name[0] <= '9');
  for (char c : name) plain = plain && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_');
  if (plain) return {};
  return fail_field(field, "letters, digits and _, not beginning with a digit", "\"{}\" cannot be the name of a parameter", shortened(name, 60));
}

/// Names of inputs and outputs are names of files in one folder.
Result<void> check_file_name(std::string const& name, std::string const& field) {
  bool plain = !name.empty() && name.size() <= 100 && name[0] != '.';
  for (char c : name) plain = plain && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.');
  if (plain) return {};
  return fail_field(field, "letters, digits and - _ . , not beginning with a dot", "\"{}\" cannot be the name of a file", shortened(name, 60));
}

Result<void> check_amounts(api::FlowComponent const& component) {
  for (std::size_t i = 0; i < component.on.size(); ++i)
    if (auto const rung = parse_rung(component.on[i]); !rung) {
      Error error = rung.error();
      error.field = error.field.empty() ? fmt::format("on[{}]", i) : fmt::format("on[{}].{}", i, error.field);
      return Unexpected(std::move(error));
    }
  auto const measured = [](std::string const& field, auto const& parsed) -> Result<void> {
    if (parsed) return {};
    Error error = parsed.error();
    error.field = field;
    return Unexpected(std::move(error));
  };
  if (!component.time_limit.empty()) TRY_VOID(measured("time_limit", parse_duration(component.time_limit)));
  if (!component.memory.empty()) TRY_VOID(measured("memory", parse_mib(component.memory)));
  if (!component.cpus.empty()) {
    char* end = nullptr;
    double const cpus = std::strtod(component.cpus.c_str(), &end);
    if (end != component.cpus.c_str() + component.cpus.size() || !(cpus >= 0.001 && cpus <= 4'000'000))
      return fail_field("cpus", "a number of processors, as 4 or 0.5", "cpus is \"{}\"", shortened(component.cpus, 40));
  }
  return {};
}

/// A component that is spoken of, and whether its best trial may be.
Result<void> check_reference(api::FlowDefinition const& flow, std::string const& name, bool of_best, std::string const& field) {
  auto const it = flow.components.find(name);
  if (it == flow.components.end()) return fail_field(field, suggestion(name, names_of(flow)), "there is no component \"{}\"", shortened(name, 63));
  bool const is_sweep = it->second.kind == api::ComponentKind::Sweep;
  if (is_sweep && !of_best) return fail_field(field, fmt::format("{}.best.…: which trial is meant has to be said", name), "{} is a sweep of many trials", name);
  if (!is_sweep && of_best) return fail_field(field, fmt::format("leave \"best\" out: {} is one job", name), "{} is no sweep, so it has no best trial", name);
  if (of_best && it->second.metric.empty())
    return fail_field(fmt::format("components.{}.metric", name), "the metric that says which trial is best, as in `metric: accuracy`",
                      "{} is asked for its best trial, and nothing says which that is", name);
  return {};
}

Result<void> check_links(api::FlowDefinition const& flow, std::string const& place, api::FlowComponent const& component) {
  for (std::size_t i = 0; i < component.after.size(); ++i)
    if (!flow.components.contains(component.after[i]))
      return fail_field(fmt::format("{}.after[{}]", place, i), suggestion(component.after[i], names_of(flow)), "there is no component \"{}\"",
                        shortened(component.after[i], 63));
  for (auto const& [input, text] : component.inputs) {
    std::string const field = fmt::format("{}.inputs.{}", place, input);
    TRY_VOID(check_file_name(input, field));
    auto const source = parse_source(text);
    if (!source) return below(field, source.error());
    if (source->component.empty()) continue;
    TRY_VOID(check_reference(flow, source->component, source->of_best, field));
    auto const& outputs = flow.components.at(source->component).outputs;
    if (std::find(outputs.begin(), outputs.end(), source->output) == outputs.end())
      return fail_field(field, suggestion(source->output, outputs), "{} has no output \"{}\"", source->component, shortened(source->output, 63));
  }
  if (component.approval.empty() && !component.approvers.empty())
    return fail_field(place + ".approvers", "say in `approval` what they are asked", "there are approvers, and nothing that they are asked");
  if (component.approval.size() > most_question)
    return fail_field(place + ".approval", fmt::format("at most {} bytes", most_question), "the question has {}", component.approval.size());
  if (component.when.empty()) return {};
  auto const condition = parse_condition(component.when);
  if (!condition) return below(place, condition.error());
  if (auto const it = flow.components.find(condition->component); it != flow.components.end() && is_service(it->second))
    return fail_field(place + ".when", "a metric of a job or sweep", "{} is a service, and has no metrics", condition->component);
  return check_reference(flow, condition->component, condition->of_best, place + ".when");
}

Result<void> check_component(api::FlowDefinition const& flow, std::string const& name, Parameters parameters, std::uint32_t trials_allowed) {
  auto const& component = flow.components.at(name);
  std::string const place = fmt::format("components.{}", name);
  TRY_VOID(check_name(name, place));
  if (name.size() > 40 || name.find('.') != name.npos)
    return fail_field(place, "at most 40 characters, without dots", "\"{}\" cannot be the name of a component", shortened(name, 63));
  auto const within_it = [&](Result<void> const& checked) -> Result<void> { return checked ? checked : below(place, checked.error()); };
  if (component.cache.value_or(false) && !component.workdir.empty())
    return fail_field(place + ".cache", "leave workdir out, and give what it needs as inputs",
                      "a job that starts in a folder of its node depends on what lies there");
  TRY_VOID(within_it(check_amounts(component)));
  TRY_VOID(within_it(check_service(component)));
  TRY_VOID(within_it(check_sweep(component, trials_allowed)));
  TRY_VOID(within_it(check_early_stopping(component)));
  std::set<std::string> seen;
  for (std::size_t i = 0; i < component.outputs.size(); ++i) {
    std::string const field = fmt::format("{}.outputs[{}]", place, i);
    TRY_VOID(check_file_name(component.outputs[i], field));
    if (component.outputs[i] == "metrics.json") return fail_field(field, "leave it out: metrics are taken from it in any case", "metrics.json is no output");
    if (!seen.insert(component.outputs[i]).second) return fail_field(field, "each output once", "the output {} is named twice", component.outputs[i]);
  }
  TRY_VOID(check_links(flow, place, component));
  for (auto const& [parameter, values] : component.grid) TRY_VOID(check_parameter_name(parameter, fmt::format("{}.grid.{}", place, parameter)));
  for (auto const& [parameter, range] : component.random) TRY_VOID(check_parameter_name(parameter, fmt::format("{}.random.{}", place, parameter)));
  if (component.kind == api::ComponentKind::Sweep) parameters.merge(trial_parameters(component, 0));
  for (std::size_t i = 0; i < component.command.size(); ++i)
    if (auto const filled = filled_in(component.command[i], parameters); !filled) return below(fmt::format("{}.command[{}]", place, i), filled.error());
  for (auto const& [variable, value] : component.env)
    if (auto const filled = filled_in(value, parameters); !filled) return below(fmt::format("{}.env.{}", place, variable), filled.error());
  return {};
}

/// Depth first; a component met again while it is still open closes a circle.
struct Walk {
  api::FlowDefinition const& flow;
  std::map<std::string, int> state{};  // 1: open, 2: done
  std::vector<std::string> path{}, order{};

  Result<void> visit(std::string const& name) {
    if (state[name] == 2) return {};
    if (state[name] == 1) {
      std::vector<std::string> circle(std::find(path.begin(), path.end(), name), path.end());
      circle.push_back(name);
      return fail_field(fmt::format("components.{}", name), "take one of these out of `after`, `inputs` or `when`", "the components wait for each other: {}",
                        fmt::join(circle, " needs "));
    }
    state[name] = 1;
    path.push_back(name);
    for (auto const& need : needs_of(flow.components.at(name))) TRY_VOID(visit(need));
    path.pop_back();
    state[name] = 2;
    order.push_back(name);
    return {};
  }
};

}  // namespace

std::vector<std::string> needs_of(api::FlowComponent const& component) {
  std::set<std::string> needs(component.after.begin(), component.after.end());
  for (auto const& [input, text] : component.inputs)
    if (auto const source = parse_source(text); source && !source->component.empty()) needs.insert(source->component);
  if (auto const condition = parse_condition(component.when); condition) needs.insert(condition->component);
  return {needs.begin(), needs.end()};
}

std::vector<std::string> in_order(api::FlowDefinition const& flow) {
  Walk walk{flow};
  for (auto const& [name, component] : flow.components) (void)walk.visit(name);
  return std::move(walk.order);
}

std::vector<std::string> with_followers(api::FlowDefinition const& flow, std::vector<std::string> const& first) {
  std::set<std::string> all(first.begin(), first.end());
  std::vector<std::string> ordered;
  for (auto const& name : in_order(flow)) {
    auto const needs = needs_of(flow.components.at(name));
    if (std::any_of(needs.begin(), needs.end(), [&](std::string const& need) { return all.contains(need); })) all.insert(name);
    if (all.contains(name)) ordered.push_back(name);
  }
  return ordered;
}

Result<std::string> filled_in(std::string const& text, std::map<std::string, std::string> const& parameters) {
  std::string out;
  std::size_t at = 0;
  while (true) {
    std::size_t const open = text.find("{{", at), close = text.find("}}", open);
    if (open == text.npos || close == text.npos) return out + text.substr(at);
    std::string name = text.substr(open + 2, close - open - 2);
    std::erase(name, ' ');
    auto const it = parameters.find(name);
    if (it == parameters.end()) {
      std::vector<std::string> known;
      for (auto const& [one, value] : parameters) known.push_back(one);
      return Unexpected(Error{ErrorKind::InvalidArgument, fmt::format("there is no parameter \"{}\"", shortened(name, 63)), suggestion(name, known), {}});
    }
    out += text.substr(at, open - at) + it->second;
    at = close + 2;
  }
}

Result<void> check_flow(api::FlowDefinition const& flow, std::map<std::string, std::string> const& given, std::uint32_t trials_allowed) {
  TRY_VOID(check_name(flow.name, "name"));
  if (flow.components.empty()) return fail_field("components", "at least one", "the flow has no components");
  if (flow.components.size() > 200) return fail_field("components", "at most 200", "the flow has {} components", flow.components.size());
  Parameters parameters = flow.parameters;
  std::vector<std::string> known;
  for (auto const& [name, value] : flow.parameters) {
    TRY_VOID(check_parameter_name(name, fmt::format("parameters.{}", name)));
    known.push_back(name);
  }
  for (auto const& [name, value] : given) {
    if (!flow.parameters.contains(name))
      return fail_field(fmt::format("parameters.{}", name), suggestion(name, known), "the flow has no parameter \"{}\"", shortened(name, 63));
    parameters[name] = value;
  }
  for (auto const& [name, component] : flow.components) TRY_VOID(check_component(flow, name, parameters, trials_allowed));
  Walk walk{flow};
  for (auto const& [name, component] : flow.components) TRY_VOID(walk.visit(name));
  return check_services(flow);
}

}  // namespace nav
