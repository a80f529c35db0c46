// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/ranges.h>

#include "base/text.h"
#include "core/code_files.h"
#include "flow/check.h"
#include "flow/condition.h"
#include "flow/decide_schedule.h"
#include "flow/flow_command.h"
#include "flow/service_component.h"

namespace nav {

NAV_SEALED_HERE(FlowCommand)

namespace {

using Events = std::vector<FlowEvent>;

constexpr std::size_t most_note = 1000;

Result<FlowRun const*> run_named(Flows const& flows, FlowRunId id) {
  if (FlowRun const* run = flows.run(id)) return run;
  if (id.value != 0 && id.value < flows.next_run) return fail(ErrorKind::NotFound, "{} is over, and only the newest {} are kept", to_text(id), most_ended_runs);
  return fail(ErrorKind::NotFound, "there is no {}", to_text(id));
}

Result<void> check_component(api::FlowDefinition const& flow, std::string const& wanted, std::string const& field) {
  if (flow.components.contains(wanted)) return {};
  std::vector<std::string> known;
  for (auto const& [name, component] : flow.components) known.push_back(name);
  auto const near = nearest(wanted, known);
  return fail_field(field, near.empty() ? fmt::format("there are: {}", fmt::join(known, ", ")) : fmt::format("did you mean {}?", fmt::join(near, " or ")),
                    "there is no component \"{}\"", shortened(wanted, 63));
}

Result<Events> decide_on(Flows const& flows, StartFlow const& c, Asked const&) {
  Events events;
  FlowRunStarted started{.run = FlowRunId{flows.next_run},
                         .project = c.project,
                         .project_name = c.project_name,
                         .flow = c.flow,
                         .version = c.version,
                         .parameters = {},
                         .rerun_of = {},
                         .taken_over = {},
                         .schedule = {},
                         .scheduled_for = {},
                         .anew = {}};
  api::FlowDefinition const* definition = c.definition ? &*c.definition : nullptr;
  if (definition) {
    TRY_VOID(check_flow(*definition, c.parameters, c.trials_allowed));
    started.flow = definition->name;
    auto const known = flows.flows.find({c.project, definition->name});
    started.version = known == flows.flows.end() ? 1 : static_cast<std::uint32_t>(known->second.size());
    std::string text = json_write(*definition);
    bool const is_new = known == flows.flows.end();
    if (is_new || json_write(*known->second.back().definition) != text) {
      started.version += is_new ? 0 : 1;
      events.push_back(FlowSaved{c.project, definition->name, started.version, Json{std::move(text)}});
    }
  } else {
    FlowVersion const* kept = flows.version(c.project, c.flow, c.version);
    if (!kept) {
      std::vector<std::string> known;
      for (auto const& [key, versions] : flows.flows)
        if (key.first == c.project) known.push_back(key.second);
      auto const near = nearest(c.flow, known);
      bool const is_known = flows.flows.contains({c.project, c.flow});
      return fail_field(is_known ? "version" : "flow",
                        is_known       ? fmt::format("1 to {}", flows.flows.at({c.project, c.flow}).size())
                        : near.empty() ? "give a definition, or the name of a flow that was run in this project"
                                       : fmt::format("did you mean {}?", fmt::join(near, " or ")),
                        "there is no {} of a flow \"{}\" in this project", is_known ? fmt::format("version {}", c.version) : "version", shortened(c.flow, 63));
    }
    definition = kept->definition.get();
    TRY_VOID(check_flow(*definition, c.parameters, c.trials_allowed));
    if (started.version == 0) started.version = static_cast<std::uint32_t>(flows.flows.at({c.project, c.flow}).size());
  }
  started.parameters = definition->parameters;
  for (auto const& [name, value] : c.parameters) started.parameters[name] = value;
  if (!c.cache)
    for (auto const& [name, component] : definition->components) started.anew.push_back(name);
  events.push_back(std::move(started));
  return events;
}

Result<Events> decide_on(Flows const& flows, RerunFlow const& c, Asked const&) {
  TRY(FlowRun const* before, run_named(flows, c.run));
  if (before->state == api::FlowRunState::Running)
    return Unexpected(Error{ErrorKind::Conflict, fmt::format("{} still runs", to_text(c.run)), "cancel it first, or wait for its end", {}});
  auto const& definition = flows.definition_of(*before);
  for (std::size_t i = 0; i < c.from.size(); ++i) TRY_VOID(check_component(definition, c.from[i], fmt::format("components[{}]", i)));
  std::vector<std::string> again = c.from;
  for (auto const& [name, part] : before->components)
    if (part.state != api::ComponentState::Succeeded) again.push_back(name);
  again = with_followers(definition, again);
  // A service is not there any more, so who needs it needs it anew, and it what it was given by those that are taken over.
  for (auto const& name : std::vector<std::string>(again))
    for (auto const& need : services_needed(definition, name))
      if (std::find(again.begin(), again.end(), need) == again.end()) again.push_back(need);
  if (again.empty())
    return fail_field("components", "the components to run again", "all of {} succeeded, so there is nothing that has to run again", to_text(c.run));
  FlowRunStarted started{.run = FlowRunId{flows.next_run},
                         .project = before->project,
                         .project_name = before->project_name,
                         .flow = before->flow,
                         .version = before->version,
                         .parameters = before->parameters,
                         .rerun_of = before->id,
                         .taken_over = {},
                         .schedule = {},
                         .scheduled_for = before->scheduled_for,
                         .anew = c.from};  // who names a component wants it to run
  for (auto const& [name, part] : before->components)
    if (std::find(again.begin(), again.end(), name) == again.end()) started.taken_over.push_back(name);
  return Events{std::move(started)};
}

Result<Events> decide_on(Flows const& flows, CancelFlow const& c, Asked const&) {
  TRY(FlowRun const* run, run_named(flows, c.run));
  if (run->state != api::FlowRunState::Running) return fail(ErrorKind::Conflict, "{} is over: {}", to_text(c.run), enum_text(run->state));
  if (run->cancelled) return Events{};
  return Events{FlowRunCancelled{c.run}};
}

Result<Events> decide_on(Flows const& flows, AnswerApproval const& c, Asked const&) {
  TRY(FlowRun const* run, run_named(flows, c.run));
  TRY_VOID(check_component(flows.definition_of(*run), c.component, "component"));
  if (c.note.size() > most_note) return fail_field("note", fmt::format("at most {} bytes", most_note), "the note has {}", c.note.size());
  ComponentRun const& part = run->components.at(c.component);
  if (run->state != api::FlowRunState::Running || run->cancelled)
    return fail(ErrorKind::Conflict, "{} is {}", to_text(c.run), run->cancelled ? "being cancelled" : enum_text(run->state));
  if (part.approval && part.approval->approved && !part.taken_over)
    return fail(ErrorKind::Conflict, "{} was {} already", c.component, *part.approval->approved ? "approved" : "rejected");
  if (part.state != api::ComponentState::AwaitingApproval)
    return fail(ErrorKind::Conflict, "{} does not wait for approval: it is {}", c.component, enum_text(part.state));
  return Events{ApprovalAnswered{c.run, c.component, c.approve, c.note}};
}

Result<Events> decide_on(Flows const& flows, DeliverOutputs const& c, Asked const&) {
  auto const it = flows.trial_of.find(c.attempt.job);
  if (it == flows.trial_of.end()) return fail(ErrorKind::NotFound, "job {} is no trial of a run that goes on", to_text(c.attempt.job));
  TrialOf const& at = it->second;
  FlowRun const& run = *flows.run(at.run);
  Trial const& trial = run.components.at(at.component).trials.at(at.trial);
  if (trial.delivered) return Events{};
  TrialDelivered delivered{.run = at.run, .component = at.component, .trial = at.trial, .outputs = c.outputs, .metrics = c.metrics, .problem = c.problem};
  for (auto const& output : flows.definition_of(run).components.at(at.component).outputs) {
    auto const found = c.outputs.find(output);
    if (found == c.outputs.end()) {
      if (delivered.problem.empty()) delivered.problem = fmt::format("it did not write its output {} into $NAV_OUTPUTS", output);
    } else if (!is_digest(found->second.digest)) {
      return fail_field(fmt::format("outputs.{}", output), "sha256: and 64 hexadecimal digits", "this is no digest of an artifact");
    }
  }
  return Events{std::move(delivered)};
}

Result<Events> decide_on(Flows const& flows, StopTrial const& c, Asked const&) {
  auto const it = flows.trial_of.find(c.attempt.job);
  if (it == flows.trial_of.end()) return fail(ErrorKind::NotFound, "job {} is no trial of a run that goes on", to_text(c.attempt.job));
  TrialOf const& at = it->second;
  Trial const& trial = flows.run(at.run)->components.at(at.component).trials.at(at.trial);
  if (trial.ended || !trial.stopped_early.empty()) return Events{};
  return Events{TrialStopped{at.run, at.component, at.trial, c.why, c.metrics}};
}

/// Schedules have a file of their own.
template <class Command>
Result<Events> decide_on(Flows const& flows, Command const& c, Asked const& asked) {
  return decide_schedule(flows, c, asked);
}

}  // namespace

Result<std::vector<FlowEvent>> decide(Flows const& flows, FlowCommand const& command, Asked const& asked) {
  return std::visit([&](auto const& c) { return decide_on(flows, c, asked); }, command);
}

}  // namespace nav
