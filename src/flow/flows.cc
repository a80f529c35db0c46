// SPDX-License-Identifier: Apache-2.0
#include "flow/flows.h"

#include "base/ensure.h"

namespace nav {

NAV_SEALED_HERE(FlowEvent)

namespace {

/// A definition in the journal was checked when it came, and fields are only ever added.
std::shared_ptr<api::FlowDefinition const> read_definition(Json const& text) {
  auto definition = json_read<api::FlowDefinition>(text.text, Unknown::Ignore);
  ensure(definition, "a flow that was kept can be read");
  return std::make_shared<api::FlowDefinition const>(std::move(*definition));
}

/// What succeeded is handed on from now on, by the newest run that has it: that one is kept for the longest.
void know(Flows& flows, FlowRun const& run, std::string const& name, std::uint32_t number) {
  Trial const& trial = run.components.at(name).trials.at(number);
  if (trial.content.empty() || !trial.has_succeeded()) return;
  TrialOf& known = flows.known_results.edit()[{run.project, trial.content}];
  known = std::max(known, TrialOf{run.id, name, number});
}

void forget(Flows& flows, FlowRun const& run) {
  for (auto const& [name, part] : run.components)
    for (auto const& trial : part.trials)
      if (TrialOf const* known = trial.content.empty() ? nullptr : flows.result_for(run.project, trial.content); known && known->run == run.id)
        flows.known_results.edit().erase({run.project, trial.content});
}

struct Change {
  Flows& flows;
  Stamp const& stamp;

  FlowRun& run(FlowRunId id) { return flows.runs.at(id).edit(); }
  ComponentRun& component(FlowRunId id, std::string const& name) { return run(id).components.at(name); }

  void operator()(FlowSaved const& e) { flows.flows[{e.project, e.name}].push_back({e.definition, read_definition(e.definition), stamp.at, stamp.by}); }

  void operator()(FlowRunStarted const& e) {
    FlowRun started{.id = e.run,
                    .project = e.project,
                    .project_name = e.project_name,
                    .user = stamp.by,
                    .flow = e.flow,
                    .version = e.version,
                    .parameters = e.parameters,
                    .rerun_of = e.rerun_of,
                    .schedule = e.schedule,
                    .scheduled_for = e.scheduled_for,
                    .anew = e.anew,
                    .started = stamp.at,
                    .ended = {},
                    .message = {},
                    .components = {}};
    for (auto const& [name, component] : flows.definition_of(started).components) started.components[name];
    for (auto const& name : e.taken_over) {
      started.components[name] = flows.run(e.rerun_of)->components.at(name);
      started.components[name].taken_over = true;
    }
    if (e.schedule) {
      FlowSchedule& schedule = flows.schedules.at(e.schedule).edit();
      started.user = schedule.user;
      schedule.last_run = e.run;
      settle(schedule, {.at = e.scheduled_for, .first = e.scheduled_for, .outcome = api::ScheduledOutcome::Started, .run = e.run, .why = {}});
    }
    flows.runs[e.run].edit() = std::move(started);
    flows.next_run = e.run.value + 1;
  }

  void operator()(TrialQueued const& e) {
    ComponentRun& part = component(e.run, e.component);
    if (part.trials.empty()) part.started = stamp.at;
    part.state = api::ComponentState::Running;
    part.trials.resize(std::max<std::size_t>(part.trials.size(), e.trial + std::size_t{1}));
    part.trials[e.trial].job = e.job;
    part.trials[e.trial].parameters = e.parameters;
    part.trials[e.trial].content = e.content;
    flows.trial_of[e.job] = {e.run, e.component, e.trial};
  }

  void operator()(TrialReused const& e) {
    ComponentRun& part = component(e.run, e.component);
    if (part.trials.empty()) part.started = stamp.at;
    part.state = api::ComponentState::Running;
    part.trials.resize(std::max<std::size_t>(part.trials.size(), e.trial + std::size_t{1}));
    part.trials[e.trial] = {.job = e.job,
                            .parameters = e.parameters,
                            .ended = true,
                            .end = JobEnd::Succeeded,
                            .delivered = true,
                            .outputs = e.outputs,
                            .metrics = e.metrics,
                            .problem = {},
                            .stopped_early = {},
                            .content = e.content,
                            .reused_from = e.from,
                            .ready = false};
    know(flows, *flows.run(e.run), e.component, e.trial);
  }

  void operator()(TrialReady const& e) {
    ComponentRun& part = component(e.run, e.component);
    part.trials.at(e.trial).ready = true;
    if (part.state == api::ComponentState::Running) part.state = api::ComponentState::Serving;
  }

  void operator()(TrialEnded const& e) {
    Trial& trial = component(e.run, e.component).trials.at(e.trial);
    trial.ended = true;
    trial.end = e.end;
    if (e.end != JobEnd::Succeeded && !trial.was_stopped_early()) trial.problem = e.message;
    know(flows, *flows.run(e.run), e.component, e.trial);
  }

  void operator()(TrialStopped const& e) {
    Trial& trial = component(e.run, e.component).trials.at(e.trial);
    trial.stopped_early = e.why;
    trial.metrics = e.metrics;
  }

  void operator()(TrialDelivered const& e) {
    Trial& trial = component(e.run, e.component).trials.at(e.trial);
    trial.delivered = true;
    trial.outputs = e.outputs;
    trial.metrics = e.metrics;
    if (!e.problem.empty()) trial.problem = e.problem;
    know(flows, *flows.run(e.run), e.component, e.trial);
  }

  void operator()(ComponentStopped const& e) { component(e.run, e.component).stopped = e.why; }

  void operator()(ApprovalAsked const& e) {
    ComponentRun& part = component(e.run, e.component);
    part.state = api::ComponentState::AwaitingApproval;
    part.approval = Approval{.asked = stamp.at, .approved = {}, .by = {}, .at = {}, .note = {}};
  }

  void operator()(ApprovalAnswered const& e) {
    Approval& approval = *component(e.run, e.component).approval;
    approval = {.asked = approval.asked, .approved = e.approved, .by = stamp.by, .at = stamp.at, .note = e.note};
  }

  void operator()(ComponentEnded const& e) {
    ComponentRun& part = component(e.run, e.component);
    part.state = e.state;
    part.best = e.best;
    part.message = e.message;
    part.ended = stamp.at;
  }

  void operator()(FlowRunCancelled const& e) { run(e.run).cancelled = true; }

  void operator()(FlowRunEnded const& e) {
    FlowRun& over = run(e.run);
    over.state = e.state;
    over.message = e.message;
    over.ended = stamp.at;
    for (auto const& [name, part] : over.components)
      for (auto const& trial : part.trials)
        if (!trial.reused_from) flows.trial_of.erase(trial.job);
    flows.ended.push_back(e.run);
    if (flows.ended.size() <= most_ended_runs) return;
    if (FlowRun const* oldest = flows.run(flows.ended.front())) forget(flows, *oldest);
    flows.runs.erase(flows.ended.front());
    flows.ended.pop_front();
  }

  static void settle(FlowSchedule& schedule, PastTime past) {
    schedule.settled = past.at;
    schedule.past.push_back(std::move(past));
    if (schedule.past.size() > most_past_times) schedule.past.erase(schedule.past.begin());
  }

  void operator()(FlowScheduleMade const& e) {
    flows.schedules[e.schedule].edit() = {.id = e.schedule,
                                          .project = e.project,
                                          .project_name = e.project_name,
                                          .user = stamp.by,
                                          .flow = e.flow,
                                          .version = e.version,
                                          .parameters = e.parameters,
                                          .trials_allowed = e.trials_allowed,
                                          .cache = e.cache,
                                          .cron = e.cron,
                                          .time_zone = e.time_zone,
                                          .overlap = e.overlap,
                                          .may_be_late = e.may_be_late,
                                          .made = stamp.at,
                                          .settled = stamp.at,
                                          .last_run = {},
                                          .past = {}};
    flows.next_schedule = e.schedule.value + 1;
  }
  void operator()(FlowScheduleChanged const& e) {
    FlowSchedule& schedule = flows.schedules.at(e.schedule).edit();
    schedule.user = stamp.by;
    schedule.version = e.version;
    schedule.parameters = e.parameters;
    schedule.trials_allowed = e.trials_allowed;
    schedule.cache = e.cache;
    schedule.cron = e.cron;
    schedule.time_zone = e.time_zone;
    schedule.overlap = e.overlap;
    schedule.may_be_late = e.may_be_late;
    ++schedule.revision;
    schedule.settled = std::max(schedule.settled, stamp.at);  // a time that the new expression would have had before is none
  }
  void operator()(FlowSchedulePaused const& e) { flows.schedules.at(e.schedule).edit().paused = true; }
  void operator()(FlowScheduleResumed const& e) {
    FlowSchedule& schedule = flows.schedules.at(e.schedule).edit();
    schedule.paused = false;
    schedule.settled = std::max(schedule.settled, stamp.at);
  }
  void operator()(FlowScheduleRemoved const& e) { flows.schedules.erase(e.schedule); }
  void operator()(ScheduledTimeSkipped const& e) {
    settle(flows.schedules.at(e.schedule).edit(), {.at = e.at, .first = e.at, .outcome = api::ScheduledOutcome::Skipped, .run = {}, .why = e.why});
  }
  void operator()(ScheduledTimesMissed const& e) {
    settle(flows.schedules.at(e.schedule).edit(),
           {.at = e.last, .first = e.first, .count = e.count, .outcome = api::ScheduledOutcome::Missed, .run = {}, .why = e.why});
  }
};

struct SavedVersion {
  ProjectId project;
  std::string name;
  Json text{"{}"};
  Time saved;
  UserId by;
};
BOOST_DESCRIBE_STRUCT(SavedVersion, (), (project, name, text, saved, by))

struct FlowsImage {
  std::vector<SavedVersion> versions;  ///< of each flow oldest first
  std::vector<FlowRun> runs;
  std::vector<FlowRunId> ended;
  std::uint64_t next_run = 1;
  std::vector<FlowSchedule> schedules;
  std::uint64_t next_schedule = 1;
};
BOOST_DESCRIBE_STRUCT(FlowsImage, (), (versions, runs, ended, next_run, schedules, next_schedule))

}  // namespace

FlowRun const* Flows::run(FlowRunId id) const {
  auto const it = runs.find(id);
  return it == runs.end() ? nullptr : &*it->second;
}

TrialOf const* Flows::result_for(ProjectId project, std::string const& content) const {
  auto const known = known_results->find({project, content});
  return known == known_results->end() ? nullptr : &known->second;
}

FlowSchedule const* Flows::schedule(FlowScheduleId id) const {
  auto const it = schedules.find(id);
  return it == schedules.end() ? nullptr : &*it->second;
}

FlowVersion const* Flows::version(ProjectId project, std::string const& name, std::uint32_t number) const {
  auto const it = flows.find({project, name});
  if (it == flows.end() || number > it->second.size()) return nullptr;
  return number == 0 ? &it->second.back() : &it->second[number - 1];
}

api::FlowDefinition const& Flows::definition_of(FlowRun const& run) const {
  FlowVersion const* found = version(run.project, run.flow, run.version);
  ensure(found, "a run is of a flow that is kept");
  return *found->definition;
}

void apply(Flows& flows, FlowEvent const& event, Stamp const& stamp) { std::visit(Change{flows, stamp}, event); }

std::string save_flows(Flows const& flows) {
  FlowsImage image{.versions = {},
                   .runs = {},
                   .ended = {flows.ended.begin(), flows.ended.end()},
                   .next_run = flows.next_run,
                   .schedules = {},
                   .next_schedule = flows.next_schedule};
  for (auto const& [key, versions] : flows.flows)
    for (auto const& version : versions) image.versions.push_back({key.first, key.second, version.text, version.saved, version.by});
  for (auto const& [id, run] : flows.runs) image.runs.push_back(*run);
  for (auto const& [id, schedule] : flows.schedules) image.schedules.push_back(*schedule);
  return json_write(image);
}

Result<Flows> load_flows(std::string_view text) {
  TRY(auto image, json_read<FlowsImage>(text, Unknown::Ignore));
  Flows flows;
  for (auto const& saved : image.versions) flows.flows[{saved.project, saved.name}].push_back({saved.text, read_definition(saved.text), saved.saved, saved.by});
  for (auto& run : image.runs) {
    if (run.state == api::FlowRunState::Running)
      for (auto const& [name, part] : run.components)
        for (std::uint32_t i = 0; !part.taken_over && i < part.trials.size(); ++i)
          if (!part.trials[i].reused_from) flows.trial_of[part.trials[i].job] = {run.id, name, i};
    for (auto const& [name, part] : run.components)
      for (std::uint32_t i = 0; !part.taken_over && i < part.trials.size(); ++i) know(flows, run, name, i);
    flows.runs[run.id].edit() = std::move(run);
  }
  flows.ended.assign(image.ended.begin(), image.ended.end());
  flows.next_run = image.next_run;
  for (auto& schedule : image.schedules) flows.schedules[schedule.id].edit() = std::move(schedule);
  flows.next_schedule = image.next_schedule;
  return flows;
}

}  // namespace nav
