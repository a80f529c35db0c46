// SPDX-License-Identifier: Apache-2.0
#include "flow/unfold.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/ranges.h>

#include "base/ensure.h"
#include "base/text.h"
#include "flow/check.h"
#include "flow/condition.h"
#include "flow/service_component.h"
#include "flow/sweep.h"

namespace nav {

namespace {

using api::ComponentState;

/// A text that is filled in from parameters that were there when the flow was checked.
std::string filled(std::string const& text, std::map<std::string, std::string> const& parameters) {
  auto out = filled_in(text, parameters);
  return out ? *out : text;
}

/// {"rate":0.01,"name":"a"}: what reads as a number is one.
std::string parameters_json(std::map<std::string, std::string> const& parameters) {
  std::map<std::string, Json> values;
  for (auto const& [name, text] : parameters) {
    auto const document = json::Document::parse(text);
    auto const kind = document ? document->root().kind() : json::Node::Kind::Null;
    bool const is_number = kind == json::Node::Kind::Int || kind == json::Node::Kind::Uint || kind == json::Node::Kind::Double;
    values[name] = Json{is_number || kind == json::Node::Kind::Bool ? text : json_write(text)};
  }
  return json_write(values);
}

/// One component of one run, looked at.
struct Look {
  FlowRun const& run;
  api::FlowDefinition const& definition;
  std::string const& name;
  api::FlowComponent const& component;
  ComponentRun const& part;
  std::vector<FlowStep>& steps;
  std::size_t& room;

  void end(ComponentState state, std::string message, std::optional<std::uint32_t> best = {}) {
    steps.push_back(FlowEvent{ComponentEnded{run.id, name, state, best, std::move(message)}});
  }

  /// Whether it may begin; ends it where it never will.
  bool is_ready() {
    for (auto const& need : needs_of(component)) {
      ComponentState const state = run.components.at(need).state;
      if (state == ComponentState::Succeeded || state == ComponentState::Serving) continue;
      if (!api::is_over(state)) return false;
      end(ComponentState::Skipped, fmt::format("{} {}", need, state == ComponentState::Skipped ? "was skipped" : enum_text(state)));
      return false;
    }
    return component.when.empty() || condition_holds();
  }

  /// Whether somebody let it begin; asks them first, and ends it where they say no.
  bool is_approved() {
    if (!part.approval) steps.push_back(FlowEvent{ApprovalAsked{run.id, name, component.approval}});
    else if (part.approval->approved == false)
      end(ComponentState::Skipped, part.approval->note.empty() ? "it was rejected" : "it was rejected: " + part.approval->note);
    return part.approval && part.approval->approved.value_or(false);
  }

  bool condition_holds() {
    auto const condition = parse_condition(component.when);
    Trial const* result = condition ? run.components.at(condition->component).result() : nullptr;
    auto const value = result ? result->metrics.find(condition->metric) : decltype(result->metrics.find(""))();
    if (!result || value == result->metrics.end()) {
      end(ComponentState::Failed, fmt::format("{} wrote no metric {}, which \"{}\" needs: it goes into $NAV_OUTPUTS/metrics.json",
                                              condition ? condition->component : name, condition ? condition->metric : "", component.when));
      return false;
    }
    if (condition->holds_for(value->second)) return true;
    end(ComponentState::Skipped, fmt::format("{} is {}, so \"{}\" does not hold", condition->metric, value->second, component.when));
    return false;
  }

  JobRequest request(std::uint32_t trial, std::map<std::string, std::string> const& own) const {
    std::map<std::string, std::string> parameters = run.parameters;
    for (auto const& [key, value] : own) parameters[key] = value;
    bool const is_sweep = component.kind == api::ComponentKind::Sweep;
    bool const does_climb = component.on_out_of_memory ? *component.on_out_of_memory == api::OnOutOfMemory::Climb : is_sweep;
    JobRequest job{.name = is_sweep ? fmt::format("{}.{}", name, trial) : name,
                   .project = run.project_name,
                   .on = {},
                   .command = {},
                   .env = {},
                   .workdir = component.workdir,
                   .time_limit = component.time_limit.empty() ? Duration{} : parse_duration(component.time_limit).value_or(Duration{}),
                   .memory_mib = component.memory.empty() ? 0 : parse_mib(component.memory).value_or(0),
                   .cpu_milli = component.cpus.empty() ? 0 : static_cast<std::uint32_t>(std::strtod(component.cpus.c_str(), nullptr) * 1000 + 0.5),
                   .retries = component.retries,
                   .restartable = component.restartable,
                   .priority = component.priority,
                   .limits = {},
                   .on_out_of_memory = does_climb ? OnOutOfMemory::Climb : OnOutOfMemory::Fail,
                   .run = to_text(run.id),
                   .component = name,
                   .trial = trial,
                   .inputs = {},
                   .outputs = component.outputs};
    for (auto const& text : component.on) {
      auto rung = parse_rung(text);
      ensure(rung, "the compute list was checked");
      job.on.push_back(std::move(rung->on));
      job.limits.push_back(rung->limits);
    }
    if (std::all_of(job.limits.begin(), job.limits.end(), [](RungLimits const& limits) { return limits == RungLimits{}; })) job.limits.clear();
    for (auto const& word : component.command) job.command.push_back(filled(word, parameters));
    for (auto const& [key, value] : component.env) job.env[key] = filled(value, parameters);
    for (auto const& [key, value] : parameters) job.env["NAV_PARAM_" + key] = value;
    job.env["NAV_PARAMETERS"] = parameters_json(parameters);
    job.env["NAV_FLOW_RUN"] = job.run;
    if (run.scheduled_for) job.env["NAV_SCHEDULED_FOR"] = to_text(run.scheduled_for);
    job.env["NAV_COMPONENT"] = name;
    job.env["NAV_TRIAL"] = fmt::format("{}", trial);
    for (auto const& need : needs_of(component))
      if (is_service(definition.components.at(need)))
        job.env[door_variable(need)] = fmt::format("/jobs/{}/", to_text(run.components.at(need).trials.at(0).job));
    if (is_service(component)) {
      auto const service = service_of(component);
      ensure(service, "the service was checked");
      job.service = *service;
      if (job.command.empty()) job.command = notebook_command();
    }
    for (auto const& [input, text] : component.inputs) {
      auto const source = parse_source(text);
      ensure(source, "the inputs were checked");
      if (source->component.empty()) job.inputs[input] = source->output;
      else job.inputs[input] = run.components.at(source->component).result()->outputs.at(source->output).digest;
    }
    return job;
  }

  /// Everything the job finds that is not this run's alone. On which compute it runs and how often it is tried is left out: that changes no result.
  std::string content_of(JobRequest const& job) const {
    if (!component.cache.value_or(definition.cache) || !component.workdir.empty() || is_service(component)) return {};
    std::map<std::string, std::string> env = job.env;
    for (char const* const own : {"NAV_FLOW_RUN", "NAV_TRIAL", "NAV_SCHEDULED_FOR"}) env.erase(own);
    std::erase_if(env, [](auto const& one) { return one.first.starts_with(door_variables); });
    return fmt::format(R"({{"command":{},"env":{},"inputs":{},"outputs":{}}})", json_write(job.command), json_write(env), json_write(job.inputs),
                       json_write(job.outputs));
  }

  void queue_trials() {
    auto const count = static_cast<std::size_t>(trial_count(component));
    std::size_t live = 0;
    for (auto const& trial : part.trials) live += trial.is_over() ? 0 : 1;
    std::size_t const most = component.parallel == 0 ? count : component.parallel;
    std::size_t i = part.trials.size();
    for (; i < count && live < most && room > 0; ++i, ++live, --room) {
      auto const number = static_cast<std::uint32_t>(i);
      QueueTrial queue{.component = name, .trial = number, .parameters = {}, .request = {}};
      if (component.kind == api::ComponentKind::Sweep) queue.parameters = trial_parameters(component, number);
      queue.request = request(number, queue.parameters);
      queue.content = content_of(queue.request);
      queue.anew = std::find(run.anew.begin(), run.anew.end(), name) != run.anew.end();
      steps.push_back(std::move(queue));
    }
    if (live == 0 && i == count) conclude();
  }

  std::optional<std::uint32_t> best_trial() const {
    std::optional<std::uint32_t> best;
    double record = 0;
    for (std::uint32_t i = 0; i < part.trials.size(); ++i) {
      Trial const& trial = part.trials[i];
      if (!trial.has_succeeded()) continue;
      if (component.metric.empty()) return component.kind == api::ComponentKind::Job ? std::optional(i) : std::nullopt;
      auto const value = trial.metrics.find(component.metric);
      if (value == trial.metrics.end()) continue;
      bool const better = !best || (component.goal == api::SweepGoal::Max ? value->second > record : value->second < record);
      if (better) best = i, record = value->second;
    }
    return best;
  }

  /// Whether nothing of the run will begin, or go on, that could use a service.
  bool is_done_with_services() const {
    return std::all_of(run.components.begin(), run.components.end(), [&](auto const& one) {
      auto const& [other, its] = one;
      return api::is_over(its.state) || (its.state == ComponentState::Serving && is_service(definition.components.at(other)));
    });
  }

  /// A service that answers is handed over, or is there until the rest of the run is done with it.
  void tend() {
    Trial const& trial = part.trials.at(0);
    if (trial.ended) return conclude_service(trial);
    if (!trial.ready) return;
    if (component.keep) return end(ComponentState::Succeeded, "it goes on by itself", 0);
    if (trial.stopped_early.empty() && is_done_with_services())
      steps.push_back(FlowEvent{TrialStopped{.run = run.id, .component = name, .trial = 0, .why = "the run is done with it", .metrics = {}}});
  }

  /// Its job is over.
  void conclude_service(Trial const& trial) {
    if (!trial.stopped_early.empty()) return end(ComponentState::Succeeded, trial.stopped_early, 0);
    std::string const why = trial.problem.empty() ? "it ended by itself" : trial.problem;
    if (!trial.ready) return end(ComponentState::Failed, fmt::format("it never answered: {}", why));
    if (trial.end == JobEnd::Failed || trial.end == JobEnd::Lost) return end(ComponentState::Failed, why);
    for (auto const& [other, its] : definition.components) {
      auto const needs = needs_of(its);
      if (std::find(needs.begin(), needs.end(), name) != needs.end() && !api::is_over(run.components.at(other).state))
        return end(ComponentState::Failed, fmt::format("it ended while {} needed it: {}", other, why));
    }
    end(ComponentState::Succeeded, why, 0);
  }

  /// All its trials are over and no more will come.
  void conclude() {
    std::size_t succeeded = 0, cancelled = 0, stopped_early = 0;
    std::string why = part.stopped;
    for (auto const& trial : part.trials) {
      succeeded += trial.has_succeeded();
      cancelled += trial.ended && trial.end == JobEnd::Cancelled;
      stopped_early += trial.was_stopped_early();
      if (why.empty() && !trial.has_succeeded()) why = trial.problem;
    }
    std::size_t const failed = part.trials.size() - succeeded - stopped_early;
    if (run.cancelled) return end(ComponentState::Cancelled, "the run was cancelled");
    if (!part.stopped.empty()) return end(ComponentState::Failed, part.stopped);
    if (component.kind == api::ComponentKind::Job) {
      if (failed == 0) return end(ComponentState::Succeeded, {}, 0);
      return end(cancelled != 0 ? ComponentState::Cancelled : ComponentState::Failed, why);
    }
    if (succeeded == 0 || failed > component.may_fail)
      return end(ComponentState::Failed, fmt::format("{} of {} trials did not succeed, {} may: {}", failed, part.trials.size(), component.may_fail, why));
    auto const best = best_trial();
    if (!best && !component.metric.empty())
      return end(ComponentState::Failed, fmt::format("no trial wrote the metric {} into $NAV_OUTPUTS/metrics.json", component.metric));
    end(ComponentState::Succeeded, {}, best);
  }

  void look() {
    if (api::is_over(part.state)) return;
    if (run.cancelled || !part.stopped.empty()) {
      if (std::all_of(part.trials.begin(), part.trials.end(), [](Trial const& trial) { return trial.is_over() || trial.ended; })) conclude();
      return;
    }
    if (part.state == ComponentState::Waiting && !is_ready()) return;
    if (!component.approval.empty() && !is_approved()) return;
    if (is_service(component) && !part.trials.empty()) return tend();
    queue_trials();
  }
};

}  // namespace

std::vector<FlowStep> next_steps(FlowRun const& run, api::FlowDefinition const& definition, std::size_t limit) {
  std::vector<FlowStep> steps;
  if (run.state != api::FlowRunState::Running) return steps;
  bool all_over = true;
  std::vector<std::string> failed;
  for (auto const& [name, part] : run.components) {
    all_over = all_over && api::is_over(part.state);
    if (part.state == ComponentState::Failed) failed.push_back(fmt::format("{} failed: {}", name, part.message));
    Look{run, definition, name, definition.components.at(name), part, steps, limit}.look();
  }
  if (!all_over) return steps;
  FlowRunEnded ended{.run = run.id, .state = api::FlowRunState::Succeeded, .message = {}};
  if (!failed.empty()) ended = {run.id, api::FlowRunState::Failed, shortened(fmt::format("{}", fmt::join(failed, "; ")), 1000)};
  else if (run.cancelled ||
           std::any_of(run.components.begin(), run.components.end(), [](auto const& c) { return c.second.state == ComponentState::Cancelled; }))
    ended = {run.id, api::FlowRunState::Cancelled, "cancelled"};
  steps.push_back(FlowEvent{std::move(ended)});
  return steps;
}

}  // namespace nav
