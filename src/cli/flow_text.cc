// SPDX-License-Identifier: Apache-2.0
#include "cli/flow_text.h"

#include <algorithm>
#include <fmt/ranges.h>

#include "base/text.h"
#include "cli/words.h"

namespace nav::cli {

namespace {

Paint paint_of(std::string const& state) {
  if (state == "succeeded") return Paint::Good;
  if (state == "failed") return Paint::Bad;
  return state == "running" ? Paint::Strong : Paint::Dim;
}

Cell state_cell_of(std::string const& state) { return Cell(state, paint_of(state)); }

std::string metrics_text(std::map<std::string, double> const& metrics) {
  std::vector<std::string> all;
  for (auto const& [name, value] : metrics) all.push_back(fmt::format("{}={:.4g}", name, value));
  return fmt::format("{}", fmt::join(all, " "));
}

std::string parameters_text(std::map<std::string, std::string> const& parameters) {
  std::vector<std::string> all;
  for (auto const& [name, value] : parameters) all.push_back(name + "=" + value);
  return printable(fmt::format("{}", fmt::join(all, " ")));
}

std::string lasted(std::optional<Time> began, std::optional<Time> ended, Time now) { return began ? to_text(ended.value_or(now) - *began) : ""; }

}  // namespace

std::string graph_text(api::FlowGraph const& graph) {
  Table table({{"COMPONENT"}, {"JOBS", Fit::Keep, Align::Right}, {"ON", Fit::Shrink}, {"AFTER", Fit::Optional}});
  for (auto const& one : graph.components)
    table.add({Cell(one.name, Paint::Strong), fmt::format("{}", one.trials), fmt::format("{}", fmt::join(one.on, ", ")),
               fmt::format("{}", fmt::join(one.needs, ", "))});
  return table.text(Terminal{});
}

Table flows_table(std::vector<api::Flow> const& flows, Time now) {
  Table table({{"FLOW"}, {"VERSION", Fit::Keep, Align::Right}, {"PROJECT", Fit::Shrink}, {"BY", Fit::Shrink}, {"AGE", Fit::Keep, Align::Right}});
  for (auto const& one : flows) table.add({Cell(one.name, Paint::Strong), fmt::format("{}", one.version), one.project, one.by, age_text(one.saved, now)});
  return table;
}

Table runs_table(std::vector<api::FlowRun> const& runs, Time now) {
  Table table({{"RUN"},
               {"FLOW", Fit::Shrink},
               {"STATE"},
               {"PROJECT", Fit::Shrink},
               {"BY", Fit::Shrink},
               {"RAN", Fit::Keep, Align::Right},
               {"AGE", Fit::Keep, Align::Right}});
  for (auto const& one : runs)
    table.add({Cell(to_text(one.id), Paint::Strong), fmt::format("{} v{}", one.flow, one.version),
               one.awaiting_approval.empty() ? state_cell_of(enum_text(one.state)) : Cell("awaits approval", Paint::Warn), one.project, one.user,
               lasted(one.started, one.ended, now), age_text(one.started, now)});
  return table;
}

namespace {

/// "run-7 succeeded", "skipped: run-6 still goes on", "3 missed: ..."
std::string outcome_text(api::ScheduledTime const& time) {
  if (time.run) return fmt::format("{}{}", to_text(*time.run), time.state ? " " + enum_text(*time.state) : "");
  std::string const what = time.times.value_or(1) > 1 ? fmt::format("{} {}", *time.times, enum_text(time.outcome)) : enum_text(time.outcome);
  return fmt::format("{}: {}", what, printable(time.message.value_or("")));
}

std::string next_text(api::FlowSchedule const& schedule) {
  if (schedule.problem) return printable(*schedule.problem);
  return schedule.paused ? "paused" : clock_text(schedule.next);
}

}  // namespace

Table schedules_table(std::vector<api::FlowSchedule> const& schedules) {
  Table table({{"SCHEDULE"},
               {"FLOW", Fit::Shrink},
               {"CRON"},
               {"ZONE", Fit::Shrink},
               {"NEXT"},
               {"LAST", Fit::Optional},
               {"OUTCOME", Fit::Optional},
               {"PROJECT", Fit::Optional},
               {"BY", Fit::Optional}});
  for (auto const& one : schedules)
    table.add({Cell(to_text(one.id), Paint::Strong), one.version ? fmt::format("{} v{}", one.flow, *one.version) : one.flow, printable(one.cron), one.time_zone,
               Cell(next_text(one), one.problem  ? Paint::Bad
                                    : one.paused ? Paint::Dim
                                                 : Paint::Plain),
               one.last ? clock_text(one.last->at) : "", one.last ? outcome_text(*one.last) : "", one.project, one.user});
  return table;
}

std::string schedule_text(api::FlowScheduleDetails const& details, Terminal const& terminal) {
  auto const& one = details.schedule;
  std::string out = fields_text({{"schedule", Cell(to_text(one.id), Paint::Strong)},
                                 {"flow", fmt::format("{}, {}", one.flow, one.version ? fmt::format("version {}", *one.version) : "the newest version")},
                                 {"times", fmt::format("{}, {}", printable(one.cron), one.time_zone)},
                                 {"state", one.paused ? Cell("paused", Paint::Dim) : Cell("")},
                                 {"problem", Cell(printable(one.problem.value_or("")), Paint::Bad)},
                                 {"parameters", parameters_text(one.parameters)},
                                 {"overlap", enum_text(one.overlap)},
                                 {"late", fmt::format("{} at most", to_text(one.may_be_late))},
                                 {"project", one.project},
                                 {"made", fmt::format("{} by {}", clock_text(one.made), one.user)}},
                                terminal);
  Table next({{"NEXT"}, {"IN UTC"}});
  for (Time const time : details.next) next.add({clock_text(time), to_text(time).substr(0, 16) + "Z"});
  if (!next.is_empty()) out += "\n" + next.text(terminal);
  Table past({{"LAST"}, {"SINCE", Fit::Optional}, {"WHAT BECAME OF IT"}});
  for (auto const& time : details.times) past.add({clock_text(time.at), time.times.value_or(1) > 1 ? clock_text(time.since) : "", outcome_text(time)});
  if (!past.is_empty()) out += "\n" + past.text(terminal);
  return out;
}

namespace {

bool does_ask(api::FlowRunComponent const& component) { return component.state == api::ComponentState::AwaitingApproval; }

/// "ada approved it: better than the last"; while nobody has, what is asked.
std::string approval_text(api::FlowRunComponent const& component) {
  if (!component.approval || !component.approval->asked) return "";
  auto const& approval = *component.approval;
  if (!approval.approved)
    return printable(approval.question) + (approval.approvers.empty() ? "" : fmt::format(" (for {})", fmt::join(approval.approvers, " or ")));
  return fmt::format("{} {} it{}", *approval.by, *approval.approved ? "approved" : "rejected", approval.note ? ": " + printable(*approval.note) : "");
}

}  // namespace

std::string component_line(api::FlowRunComponent const& component) {
  if (does_ask(component)) return fmt::format("{}: awaits approval: {}", component.name, approval_text(component));
  std::string line = fmt::format("{}: {}", component.name, enum_text(component.state));
  if (component.kind == api::ComponentKind::Sweep && !component.taken_over && !component.trials.empty()) {
    auto const count = [&](auto is) { return std::count_if(component.trials.begin(), component.trials.end(), is); };
    line += fmt::format(", {} running, {} over of {}", count([](auto const& trial) { return trial.state == api::JobState::Running; }),
                        count([](auto const& trial) { return api::is_over(trial.state); }), component.planned);
  } else if (component.trials.size() == 1 && component.state == api::ComponentState::Running) {
    auto const& trial = component.trials[0];
    line += fmt::format(", job {} {}", to_text(trial.job), enum_text(trial.state));
  }
  if (component.best && *component.best < component.trials.size())
    line += fmt::format(", best is trial {}: {}", *component.best, metrics_text(component.trials[*component.best].metrics));
  if (component.message) line += ", " + printable(*component.message);
  return line;
}

std::string run_text(api::FlowRunDetails const& details, Terminal const& terminal, Time now) {
  auto const& run = details.run;
  std::string const schedule = run.schedule ? fmt::format("{}, for {}", to_text(*run.schedule), clock_text(run.scheduled_for)) : "";
  std::string out = fields_text({{"run", Cell(to_text(run.id), Paint::Strong)},
                                 {"flow", fmt::format("{}, version {}", run.flow, run.version)},
                                 {"state", state_cell_of(enum_text(run.state))},
                                 {"message", printable(run.message.value_or(""))},
                                 {"parameters", parameters_text(details.parameters)},
                                 {"repeats", run.rerun_of ? to_text(*run.rerun_of) : ""},
                                 {"schedule", schedule},
                                 {"project", run.project},
                                 {"started", fmt::format("{} by {}", clock_text(run.started), run.user)},
                                 {"ran", lasted(run.started, run.ended, now)}},
                                terminal);
  Table table(
      {{"COMPONENT"}, {"STATE"}, {"AFTER", Fit::Optional}, {"RAN", Fit::Optional, Align::Right}, {"APPROVAL", Fit::Optional}, {"MESSAGE", Fit::Optional}});
  for (auto const& one : details.components)
    table.add({Cell(one.name, Paint::Strong),
               one.taken_over  ? Cell("taken over", Paint::Dim)
               : does_ask(one) ? Cell("awaits approval", Paint::Warn)
                               : state_cell_of(enum_text(one.state)),
               fmt::format("{}", fmt::join(one.needs, ", ")), one.taken_over ? "" : lasted(one.started, one.ended, now), approval_text(one),
               printable(one.message.value_or(""))});
  out += "\n" + table.text(terminal);
  Table trials({{"TRIAL"},
                {"JOB", Fit::Keep, Align::Right},
                {"STATE"},
                {"ON", Fit::Optional},
                {"NODE", Fit::Optional},
                {"PLACE", Fit::Optional},
                {"RAN", Fit::Optional, Align::Right},
                {"PARAMETERS", Fit::Optional},
                {"METRICS", Fit::Optional},
                {"MESSAGE", Fit::Optional}});
  for (auto const& component : details.components)
    for (auto const& trial : component.trials) {
      bool const is_best = component.best == trial.number;
      std::string const name = component.kind == api::ComponentKind::Sweep ? fmt::format("{}.{}{}", component.name, trial.number, is_best ? " best" : "")
                                                                           : component.name;
      Cell const state = trial.reused_from     ? Cell("reused", Paint::Dim)
                         : trial.stopped_early ? Cell(api::is_over(trial.state) ? "stopped early" : "stopping", Paint::Dim)
                                               : state_cell_of(enum_text(trial.state));
      std::string const message = trial.state == api::JobState::Succeeded && !trial.reused_from ? ""
                                  : trial.stopped_early                                         ? *trial.stopped_early
                                                                                                : trial.message.value_or("");
      trials.add({Cell(name, is_best ? Paint::Strong : Paint::Plain), to_text(trial.job), state, trial.on.value_or(""), trial.node.value_or(""),
                  trial.place.value_or(""), lasted(trial.started, trial.ended, now), parameters_text(trial.parameters), metrics_text(trial.metrics),
                  printable(message)});
    }
  if (!trials.is_empty()) out += "\n" + trials.text(terminal);
  return out;
}

}  // namespace nav::cli
