// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "api/flows.h"
#include "base/text.h"
#include "flow/check.h"
#include "flow/condition.h"
#include "flow/sweep.h"
#include "http/flow_start.h"
#include "http/handlers.h"
#include "http/shown.h"
#include "http/submission.h"

namespace nav::http {
namespace {

Result<FlowRun const*> run_parameter(Call const& call) {
  auto const id = parse_id<FlowRunTag>(call.parameter(0));
  if (!id) return Unexpected(Error{ErrorKind::NotFound, id.error().message, "nav flow list lists them", {}});
  FlowRun const* run = call.snapshot->flows->run(*id);
  if (run == nullptr || !call.caller.sees(run->project)) return fail(ErrorKind::NotFound, "there is no {}", to_text(*id));
  return run;
}

std::string project_name(Snapshot const& snapshot, ProjectId id) {
  auto const it = snapshot.access->projects.find(id);
  return it == snapshot.access->projects.end() ? to_text(id) : it->second.name;
}

api::Flow shown_version(Snapshot const& snapshot, Flows::Key const& key, std::vector<FlowVersion> const& versions, std::size_t index) {
  return {.name = key.second,
          .project = project_name(snapshot, key.first),
          .version = static_cast<std::uint32_t>(index + 1),
          .saved = versions[index].saved,
          .by = user_name(*snapshot.access, versions[index].by)};
}

api::FlowRun shown_run(Snapshot const& snapshot, FlowRun const& run) {
  api::FlowRun out{.id = run.id,
                   .flow = run.flow,
                   .version = run.version,
                   .project = run.project_name,
                   .user = user_name(*snapshot.access, run.user),
                   .state = run.state,
                   .started = run.started,
                   .ended = {},
                   .message = {},
                   .rerun_of = {},
                   .schedule = {},
                   .scheduled_for = {},
                   .awaiting_approval = {}};
  for (auto const& [name, part] : run.components)
    if (part.state == api::ComponentState::AwaitingApproval && !part.approval->approved) out.awaiting_approval.push_back(name);
  if (run.ended) out.ended = run.ended;
  if (!run.message.empty()) out.message = run.message;
  else if (run.cancelled && run.state == api::FlowRunState::Running) out.message = "it is being cancelled";
  if (run.rerun_of) out.rerun_of = run.rerun_of;
  if (run.schedule) out.schedule = run.schedule;
  if (run.scheduled_for) out.scheduled_for = run.scheduled_for;
  return out;
}

api::FlowApproval shown_approval(Snapshot const& snapshot, api::FlowComponent const& component, std::optional<Approval> const& approval) {
  api::FlowApproval out{.question = component.approval, .approvers = component.approvers, .asked = {}, .approved = {}, .by = {}, .at = {}, .note = {}};
  if (approval) out.asked = approval->asked;
  if (!approval || !approval->approved) return out;
  out.approved = approval->approved;
  out.by = user_name(*snapshot.access, approval->by);
  out.at = approval->at;
  if (!approval->note.empty()) out.note = approval->note;
  return out;
}

/// What the pool's stream says of the job, which is where the compute it got is recorded.
api::FlowTrial shown_trial(Api const& api, std::uint32_t number, Trial const& trial) {
  api::FlowTrial out{
      .number = number, .job = trial.job, .state = api::JobState::Queued, .parameters = trial.parameters, .metrics = trial.metrics, .outputs = {}};
  for (auto const& [name, file] : trial.outputs) out.outputs.push_back({name, file.digest, file.size});
  if (auto const row = api.views.job(trial.job)) {
    api::Job const job = shown(*row);
    out.state = job.state;
    out.on = job.on;
    out.node = job.node;
    out.place = job.place;
    out.started = job.started;
    out.ended = job.ended;
    out.message = job.message;
  }
  if (auto const attempts = api.views.attempts(trial.job); attempts && !attempts->empty() && !attempts->back().instance_uuid.empty())
    out.instance_uuid = attempts->back().instance_uuid;
  if (trial.reused_from) {
    out.reused_from = trial.reused_from;
    out.message = fmt::format("as in {}: nothing has changed", to_text(trial.reused_from));
  }
  if (!trial.stopped_early.empty() && (!trial.ended || trial.was_stopped_early())) out.stopped_early = trial.stopped_early;
  if (!trial.problem.empty()) out.message = trial.problem;
  else if (trial.ended && !trial.is_over()) out.message = "what it left is being brought from its node";
  return out;
}

Result<void> answer_run(Api const& api, Call& call, FlowRun const& run) {
  api.views.wait_for(call.snapshot->sequence(), api.options.patience);
  api::FlowRunDetails details{.run = shown_run(*call.snapshot, run), .parameters = run.parameters, .components = {}};
  auto const& definition = call.snapshot->flows->definition_of(run);
  for (auto const& name : in_order(definition)) {
    auto const& component = definition.components.at(name);
    ComponentRun const& part = run.components.at(name);
    api::FlowRunComponent out{.name = name,
                              .kind = component.kind,
                              .state = part.state,
                              .needs = needs_of(component),
                              .planned = static_cast<std::uint32_t>(trial_count(component)),
                              .best = component.kind == api::ComponentKind::Sweep ? part.best : std::nullopt,
                              .taken_over = part.taken_over,
                              .started = {},
                              .ended = {},
                              .message = {},
                              .approval = {},
                              .trials = {}};
    if (!component.approval.empty()) out.approval = shown_approval(*call.snapshot, component, part.approval);
    if (part.started) out.started = part.started;
    if (part.ended) out.ended = part.ended;
    if (!part.message.empty()) out.message = part.message;
    for (std::uint32_t i = 0; i < part.trials.size(); ++i) out.trials.push_back(shown_trial(api, i, part.trials[i]));
    details.components.push_back(std::move(out));
  }
  answer(call, details);
  return {};
}

/// The number of the run that came of it, to be kept with the Idempotency-Key.
std::string started_answer(std::vector<Frame> const& frames) {
  auto const started = event_in<FlowRunStarted>(frames);
  ensure(started, "a run that was accepted has started");
  return json_write(api::StartedFlowRun{started->run});
}

Result<void> answer_started(Api& api, CallPtr const& call, FlowCommand command) {
  return ask(api, call, Wish{.command = std::move(command), .blob = {}, .answer = &started_answer}, [](Call& asked, Accepted accepted) {
    auto const started = json_read<api::StartedFlowRun>(accepted.answer, Unknown::Ignore);
    std::vector<std::pair<std::string, std::string>> headers;
    if (started) headers.emplace_back("Location", api::path_of(api::Operation::GetFlowRun, {to_text(started->id)}));
    answer_json(asked, std::move(accepted.answer), std::move(headers));
  });
}

}  // namespace

Result<void> check_flow(Api&, CallPtr const& call) {
  TRY(auto wanted, body_of<api::CheckFlow>(*call));
  TRY_VOID(check_definition(*call, wanted.definition, wanted.parameters, wanted.trials_allowed));
  api::FlowGraph graph{.name = wanted.definition.name, .components = {}};
  for (auto const& name : in_order(wanted.definition)) {
    auto const& component = wanted.definition.components.at(name);
    graph.components.push_back({name, component.kind, needs_of(component), static_cast<std::uint32_t>(trial_count(component)), component.on});
  }
  answer(*call, graph);
  return {};
}

Result<void> list_flows(Api&, CallPtr const& call) {
  TRY(auto query, query_of<api::FlowsQuery>(*call));
  struct Entry {
    std::uint64_t number;
    std::map<Flows::Key, std::vector<FlowVersion>>::const_pointer flow;
  };
  std::vector<Entry> all;
  std::uint64_t number = 0;
  for (auto const& entry : call->snapshot->flows->flows) {
    ++number;
    bool const right_project = !query.project || project_name(*call->snapshot, entry.first.first) == *query.project;
    if (call->caller.sees(entry.first.first) && right_project) all.push_back({number, &entry});
  }
  TRY(auto page, page_of<api::Flow>(
                     all, query.limit, query.cursor, [](Entry const& one) { return one.number; },
                     [&](Entry const& one) { return shown_version(*call->snapshot, one.flow->first, one.flow->second, one.flow->second.size() - 1); }));
  answer(*call, page);
  return {};
}

Result<void> get_flow(Api&, CallPtr const& call) {
  TRY(auto query, query_of<api::FlowQuery>(*call));
  TRY(Project const* project, project_for(*call, query.project.value_or("")));
  Flows const& flows = *call->snapshot->flows;
  auto const it = flows.flows.find({project->id, call->parameter(0)});
  if (it == flows.flows.end()) {
    std::vector<std::string> known;
    for (auto const& [key, versions] : flows.flows)
      if (key.first == project->id) known.push_back(key.second);
    auto const near = nearest(call->parameter(0), known);
    return Unexpected(Error{ErrorKind::NotFound,
                            fmt::format("{} has no flow \"{}\"", project->name, shortened(call->parameter(0), 63)),
                            near.empty() ? "" : fmt::format("did you mean {}?", fmt::join(near, " or ")),
                            {}});
  }
  std::uint32_t const version = query.version.value_or(static_cast<std::uint32_t>(it->second.size()));
  if (version < 1 || version > it->second.size()) return fail_field("version", fmt::format("1 to {}", it->second.size()), "there is no version {}", version);
  answer(*call, api::FlowDetails{shown_version(*call->snapshot, it->first, it->second, version - 1), it->second[version - 1].text});
  return {};
}

Result<void> start_flow_run(Api& api, CallPtr const& call) {
  TRY(auto wanted, body_of<api::StartFlowRun>(*call));
  TRY(StartFlow start, checked_start(api, *call, std::move(wanted)));
  return answer_started(api, call, std::move(start));
}

Result<void> list_flow_runs(Api&, CallPtr const& call) {
  TRY(auto query, query_of<api::FlowRunsQuery>(*call));
  TRY(std::size_t const limit, checked_limit(query.limit));
  TRY(auto const below, cursor_of(query.cursor, 'b'));
  api::Page<api::FlowRun> page;
  auto const& runs = call->snapshot->flows->runs;
  for (auto it = runs.rbegin(); it != runs.rend(); ++it) {
    FlowRun const& run = *it->second;
    if ((below && run.id.value >= *below) || !call->caller.sees(run.project)) continue;
    if ((query.project && run.project_name != *query.project) || (query.flow && run.flow != *query.flow)) continue;
    if (!query.state.empty() && std::find(query.state.begin(), query.state.end(), run.state) == query.state.end()) continue;
    if (page.items.size() == limit) {
      page.next = fmt::format("b{}", page.items.back().id.value);
      break;
    }
    page.items.push_back(shown_run(*call->snapshot, run));
  }
  answer(*call, page);
  return {};
}

Result<void> get_flow_run(Api& api, CallPtr const& call) {
  TRY(FlowRun const* run, run_parameter(*call));
  on_searcher(api, call, [&api, run](Call& asked) { return answer_run(api, asked, *run); });  // the run lives in the call's snapshot
  return {};
}

Result<void> cancel_flow_run(Api& api, CallPtr const& call) {
  TRY(FlowRun const* run, run_parameter(*call));
  return ask_and_answer(api, call, Wish{.command = FlowCommand{CancelFlow{run->id}}, .blob = {}, .answer = [id = run->id](std::vector<Frame> const&) {
                                          return json_write(api::StartedFlowRun{id});
                                        }});
}

namespace {

/// Those that the flow names, if it names any, and administrators.
Result<void> check_may_answer(Call const& call, api::FlowDefinition const& definition, std::string const& component) {
  auto const it = definition.components.find(component);
  if (it == definition.components.end() || it->second.approvers.empty() || includes(call.caller.role, Role::Admin)) return {};
  auto const& approvers = it->second.approvers;
  std::string const name = user_name(*call.snapshot->access, call.caller.user);
  if (std::find(approvers.begin(), approvers.end(), name) != approvers.end()) return {};
  return Unexpected(Error{ErrorKind::Forbidden, fmt::format("{} is for {} to approve or reject", component, fmt::join(approvers, " or ")), "ask them", {}});
}

Result<void> answer_approval(Api& api, CallPtr const& call, bool approve) {
  TRY(FlowRun const* run, run_parameter(*call));
  TRY(auto wanted, body_of<api::AnswerApproval>(*call));
  TRY_VOID(check_may_answer(*call, call->snapshot->flows->definition_of(*run), wanted.component));
  Wish wish{.command = FlowCommand{AnswerApproval{run->id, std::move(wanted.component), approve, std::move(wanted.note)}},
            .blob = {},
            .answer = [id = run->id](std::vector<Frame> const&) { return json_write(api::StartedFlowRun{id}); }};
  return ask_and_answer(api, call, std::move(wish));
}

}  // namespace

Result<void> approve_component(Api& api, CallPtr const& call) { return answer_approval(api, call, true); }
Result<void> reject_component(Api& api, CallPtr const& call) { return answer_approval(api, call, false); }

Result<void> rerun_flow(Api& api, CallPtr const& call) {
  TRY(FlowRun const* run, run_parameter(*call));
  TRY(auto wanted, body_of<api::RerunFlow>(*call));
  return answer_started(api, call, RerunFlow{run->id, std::move(wanted.components)});
}

}  // namespace nav::http
