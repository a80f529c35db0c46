// SPDX-License-Identifier: Apache-2.0
#include "http/flow_start.h"

#include <fmt/ranges.h>

#include "base/text.h"
#include "flow/check.h"
#include "flow/sweep.h"
#include "http/handlers.h"
#include "http/submission.h"

namespace nav::http {
namespace {

/// Whether each template of the lists is there, and each component would be taken as a job: nothing is to be found out half-way.
Result<void> check_jobs_of(Call const& call, api::FlowDefinition const& flow) {
  Pool const& pool = call.snapshot->pool;
  std::vector<std::string> templates;
  for (auto const& [name, t] : *pool.templates) templates.push_back(name);
  std::vector<std::string> users;
  for (auto const& [id, user] : call.snapshot->access->users) users.push_back(user.name);
  for (auto const& [name, component] : flow.components) {
    std::string const place = fmt::format("components.{}", name);
    for (std::size_t i = 0; i < component.approvers.size(); ++i) {
      if (call.snapshot->access->user_named(component.approvers[i])) continue;
      auto const near = nearest(component.approvers[i], users);
      return fail_field(fmt::format("{}.approvers[{}]", place, i),
                        near.empty() ? "nav user list shows who there is" : fmt::format("did you mean {}?", fmt::join(near, " or ")), "there is no user \"{}\"",
                        shortened(component.approvers[i], 70));
    }
    auto const form = check_form(api::SubmitJobs{.name = {},
                                                 .project = {},
                                                 .on = component.on,
                                                 .command = component.command,
                                                 .env = component.env,
                                                 .workdir = component.workdir,
                                                 .time_limit = {},
                                                 .retries = component.retries,
                                                 .priority = component.priority});  // its rungs were held against their form with the rest
    if (!form) {
      Error error = form.error();
      error.field = fmt::format("{}.{}", place, error.field);
      return Unexpected(std::move(error));
    }
    for (std::size_t i = 0; i < component.on.size(); ++i) {
      auto const rung = parse_rung(component.on[i]);
      if (!rung || pool.find_template(rung->on)) continue;
      auto const near = nearest(rung->on, templates);
      return fail_field(fmt::format("{}.on[{}]", place, i),
                        templates.empty() ? "no node has joined yet, so there are no templates: see nav nodes"
                        : near.empty()    ? fmt::format("there are: {}", shortened(fmt::format("{}", fmt::join(templates, ", ")), 400))
                                          : fmt::format("did you mean {}?", fmt::join(near, " or ")),
                        "there is no template \"{}\"", shortened(rung->on, 70));
    }
  }
  return {};
}

/// Artifacts that are named by digest are there.
Result<void> check_artifacts_of(Api const& api, ProjectId project, api::FlowDefinition const& flow) {
  for (auto const& [name, component] : flow.components)
    for (auto const& [input, source] : component.inputs) {
      if (!is_digest(source) || is_stored(api, project, source)) continue;
      return fail_field(fmt::format("components.{}.inputs.{}", name, input), "store it first: PUT /v1/artifacts/{digest}", "the project has no artifact {}",
                        source);
    }
  return {};
}

Result<void> check_allowed(std::uint32_t trials) {
  if (trials >= 1 && trials <= most_trials) return {};
  return fail_field("trials_allowed", fmt::format("1 to {}", most_trials), "trials_allowed is {}", trials);
}

/// Places in the definition are told as places in the request.
Result<void> in_definition(Result<void> const& checked) {
  if (checked) return {};
  Error error = checked.error();
  bool const is_given = error.field.starts_with("parameters.") || error.field == "trials_allowed";
  if (!is_given) error.field = "definition." + error.field;
  return Unexpected(std::move(error));
}

}  // namespace

Result<void> check_definition(Call const& call, api::FlowDefinition const& definition, std::map<std::string, std::string> const& parameters,
                              std::uint32_t trials_allowed) {
  TRY_VOID(check_allowed(trials_allowed));
  TRY_VOID(in_definition(nav::check_flow(definition, parameters, trials_allowed)));
  return in_definition(check_jobs_of(call, definition));
}

Result<StartFlow> checked_start(Api const& api, Call const& call, api::StartFlowRun wanted) {
  TRY_VOID(check_allowed(wanted.trials_allowed));
  if (wanted.definition.has_value() == !wanted.flow.empty())
    return fail_field(wanted.definition ? "flow" : "definition", "one of definition and flow", "{} what is to be run",
                      wanted.definition ? "it is said twice" : "nothing says");
  TRY(Project const* project, project_for(call, wanted.project));
  auto const* kept = wanted.definition ? nullptr : call.snapshot->flows->version(project->id, wanted.flow, wanted.version);
  api::FlowDefinition const* definition = wanted.definition ? &*wanted.definition : kept ? kept->definition.get() : nullptr;
  if (definition) {
    TRY_VOID(check_definition(call, *definition, wanted.parameters, wanted.trials_allowed));
    TRY_VOID(in_definition(check_artifacts_of(api, project->id, *definition)));
  }
  return StartFlow{.project = project->id,
                   .project_name = project->name,
                   .definition = std::move(wanted.definition),
                   .flow = std::move(wanted.flow),
                   .version = wanted.version,
                   .parameters = std::move(wanted.parameters),
                   .trials_allowed = wanted.trials_allowed,
                   .cache = wanted.cache};
}

}  // namespace nav::http
