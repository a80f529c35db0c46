// SPDX-License-Identifier: Apache-2.0
// How flows drive the pool: the half of class Controller that unfolds runs into jobs.
#include "controller/step.h"
#include "flow/unfold.h"

namespace nav {

/// Jobs that ended or came to answer in this step were trials, perhaps. Their flows hear of it in the same commit.
void Controller::tell_flows(Step& step) {
  for (JobId const job : std::exchange(step.ready, {})) {
    auto const it = state_.flows->trial_of.find(job);
    if (it == state_.flows->trial_of.end()) continue;
    TrialOf const at = it->second;
    if (state_.flows->run(at.run)->components.at(at.component).trials.at(at.trial).ready) continue;
    stage(step, "flow", FlowEvent{TrialReady{at.run, at.component, at.trial}}, UserId{});
    due_runs_.insert(at.run);
  }
  for (auto const& ended : std::exchange(step.ended, {})) {
    auto const it = state_.flows->trial_of.find(ended.job);
    if (it == state_.flows->trial_of.end()) continue;
    TrialOf const at = it->second;
    stage(step, "flow", FlowEvent{TrialEnded{at.run, at.component, at.trial, ended.end, ended.message}}, UserId{});
    due_runs_.insert(at.run);
  }
}

/// All that is due in the runs that changed, until nothing is; a large sweep goes on in the next step. Each round makes facts or finds nothing
/// left to do, so there is an end.
void Controller::unfold_flows(Step& step) {
  tell_flows(step);
  while (!due_runs_.empty() && step.trials_queued < options_.trials_a_step) {
    FlowRunId const id = *due_runs_.begin();
    FlowRun const* run = state_.flows->run(id);
    auto const room = options_.trials_a_step - step.trials_queued;
    auto const steps = run ? next_steps(*run, state_.flows->definition_of(*run), room) : std::vector<FlowStep>{};
    if (steps.empty()) due_runs_.erase(id);
    for (auto const& due : steps) {
      auto const* event = std::get_if<FlowEvent>(&due);
      if (event == nullptr) {
        queue_trial(step, id, std::get<QueueTrial>(due));
        continue;
      }
      stage(step, "flow", *event, UserId{});
      if (auto const* stopped = std::get_if<TrialStopped>(event)) end_trial(step, *stopped, UserId{});
    }
    tell_flows(step);
  }
}

/// After a start, or after a step that did not become durable: what was due is worked out again.
void Controller::look_at_all_runs() {
  due_runs_.clear();
  for (auto const& [id, run] : state_.flows->runs)
    if (run->state == api::FlowRunState::Running) due_runs_.insert(id);
}

void Controller::queue_trial(Step& step, FlowRunId id, QueueTrial const& due) {
  FlowRun const& run = *state_.flows->run(id);
  if (!run.components.at(due.component).stopped.empty()) return;  // a trial before it was refused in this very round
  ++step.trials_queued;
  std::string const content = due.content.empty() ? std::string() : to_text(options_.digest(due.content));
  if (TrialOf const* known = content.empty() || due.anew ? nullptr : state_.flows->result_for(run.project, content)) {
    Trial const& result = state_.flows->run(known->run)->components.at(known->component).trials.at(known->trial);
    TrialReused reused{.run = id,
                       .component = due.component,
                       .trial = due.trial,
                       .parameters = due.parameters,
                       .content = content,
                       .from = result.reused_from ? result.reused_from : known->run,
                       .job = result.job,
                       .outputs = result.outputs,
                       .metrics = result.metrics};
    stage(step, "flow", FlowEvent{std::move(reused)}, UserId{});
    return;
  }
  std::string body = json_write(due.request);
  Digest const digest = options_.digest(body);
  SubmitJobs submit{due.request, 1, digest, run.project, {}};
  if (auto const project = state_.access->projects.find(run.project); project != state_.access->projects.end()) submit.teams = {project->second.team};
  auto events = decide(state_.pool, PoolCommand{std::move(submit)}, Asked{run.user, step.now});
  if (!events) {
    stage(step, "flow", FlowEvent{ComponentStopped{id, due.component, to_text(events.error())}}, UserId{});
    return;
  }
  for (auto const& event : *events) {
    stage(step, "pool", event, UserId{});
    if (auto const* queued = std::get_if<JobsQueued>(&event))
      stage(step, "flow", FlowEvent{TrialQueued{id, due.component, due.trial, queued->first, due.parameters, content}}, UserId{});
  }
  step.blobs.push_back({digest, std::move(body)});
}

/// A wish about flows; what it leads to in the pool is done at once.
Result<void> Controller::flow_command(Step& step, FlowCommand const& what, UserId by) {
  TRY(auto events, decide(*state_.flows, what, Asked{by, step.now}));
  for (auto const& event : events) {
    stage(step, "flow", event, by);
    if (auto const* cancelled = std::get_if<FlowRunCancelled>(&event)) cancel_jobs_of(step, cancelled->run, by);
    if (auto const* stopped = std::get_if<TrialStopped>(&event)) end_trial(step, *stopped, by);
    std::visit(
        [&](auto const& e) {
          if constexpr (requires { e.run; }) due_runs_.insert(e.run);
        },
        event);
  }
  return {};
}

void Controller::end_trial(Step& step, TrialStopped const& stopped, UserId by) {
  (void)command(step, CancelJob{state_.flows->run(stopped.run)->components.at(stopped.component).trials.at(stopped.trial).job, stopped.why}, by);
}

void Controller::cancel_jobs_of(Step& step, FlowRunId id, UserId by) {
  std::vector<JobId> jobs;
  for (auto const& [name, part] : state_.flows->run(id)->components)
    for (auto const& trial : part.trials)
      if (!part.taken_over && !trial.ended && !api::is_over(part.state)) jobs.push_back(trial.job);  // a service that was handed over goes on
  for (JobId job : jobs) (void)command(step, CancelJob{job}, by);
}

}  // namespace nav
