// SPDX-License-Identifier: Apache-2.0
#include "http/early_stopping.h"

#include <algorithm>
#include <limits>

#include "flow/early_stopping.h"
#include "flow/flow_command.h"

namespace nav::http {

using namespace experiments;

namespace {

double best_of(Standing const& standing, api::SweepGoal goal) {
  auto const& best = goal == api::SweepGoal::Max ? standing.most : standing.least;
  return best.value_or(std::numeric_limits<double>::quiet_NaN());
}

/// Why the attempt's trial is to be ended, and by which number; nothing: it goes on, or is none of these.
Result<std::optional<StopTrial>> judged(Flows const& flows, Store const& store, AttemptId attempt, std::vector<Point> const& logged) {
  auto const trial = flows.trial_of.find(attempt.job);
  if (trial == flows.trial_of.end()) return std::nullopt;
  FlowRun const& run = *flows.run(trial->second.run);
  auto const& component = flows.definition_of(run).components.at(trial->second.component);
  if (!component.early_stopping) return std::nullopt;
  std::string const& metric = metric_compared(component);
  if (std::none_of(logged.begin(), logged.end(), [&](Point const& point) { return point.key == metric; })) return std::nullopt;

  TRY(auto const so_far, store.standings({attempt.job}, metric, 0));
  if (so_far.empty()) return std::nullopt;
  auto const step = step_compared(*component.early_stopping, so_far[0].last_step);
  if (!step) return std::nullopt;
  std::vector<JobId> jobs;
  for (auto const& one : run.components.at(trial->second.component).trials)
    if (one.job) jobs.push_back(one.job);
  TRY(auto const standings, store.standings(jobs, metric, *step));
  double own = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> others;
  for (auto const& one : standings) {
    double const best = best_of(one, goal_compared(component));
    if (one.attempt.job == attempt.job) own = best;
    else if (one.last_step >= *step) others.push_back(best);
  }
  auto why = why_stopped(component, *step, own, std::move(others));
  if (!why) return std::nullopt;
  StopTrial stop{.attempt = attempt, .why = std::move(*why), .metrics = {}};
  if (own == own) stop.metrics[metric] = own;
  return stop;
}

}  // namespace

void compare_with_others(Api& api, Call const& call, Store const& store, Run const& run, std::vector<Point> const& logged) {
  if (run.attempt.number == 0 || logged.empty()) return;
  auto stop = judged(*call.snapshot->flows, store, run.attempt, logged);
  if (!stop || !*stop) return;
  Ask ask{.command = FlowCommand{std::move(**stop)}, .by = {}, .idempotency_key = {}, .request = {}, .blob = {}, .answer = {}};
  api.front.ask(std::move(ask), [](Result<Accepted> const&) {});
}

}  // namespace nav::http
