// SPDX-License-Identifier: Apache-2.0
#include "flow/early_stopping.h"

#include <algorithm>
#include <cmath>

namespace nav {

namespace {

bool is_better(double a, double b, api::SweepGoal goal) {
  if (std::isnan(a) || std::isnan(b)) return !std::isnan(a) && std::isnan(b);
  return goal == api::SweepGoal::Max ? a > b : a < b;
}

/// Of an even number the worse of the two in the middle: who is between them goes on.
double median(std::vector<double> values, api::SweepGoal goal) {
  auto const middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end(), [&](double a, double b) { return is_better(a, b, goal); });
  return *middle;
}

}  // namespace

std::string const& metric_compared(api::FlowComponent const& component) {
  auto const& own = component.early_stopping->metric;
  return own.empty() ? component.metric : own;
}

api::SweepGoal goal_compared(api::FlowComponent const& component) { return component.early_stopping->goal.value_or(component.goal); }

Result<void> check_early_stopping(api::FlowComponent const& component) {
  if (!component.early_stopping) return {};
  auto const& rule = *component.early_stopping;
  if (component.kind != api::ComponentKind::Sweep)
    return fail_field("early_stopping", component.kind == api::ComponentKind::Job ? "add `kind: sweep`" : "leave it out", "only a sweep has early_stopping");
  if (metric_compared(component).empty())
    return fail_field("early_stopping.metric", "the metric that is compared while trials run, as in `metric: accuracy`", "nothing says what is compared");
  if (rule.after < 1) return fail_field("early_stopping.after", "1 or more: the first step at which trials are compared", "after is {}", rule.after);
  if (rule.every < 1) return fail_field("early_stopping.every", "1 or more steps from one comparison to the next", "every is {}", rule.every);
  if (rule.eta < 2) return fail_field("early_stopping.eta", "2 or more: one in so many goes on", "eta is {}", rule.eta);
  if (rule.others < 1) return fail_field("early_stopping.others", "1 or more: so many others must have come so far", "others is {}", rule.others);
  return {};
}

std::optional<std::int64_t> step_compared(api::EarlyStopping const& rule, std::int64_t reached) {
  std::int64_t const first = rule.after;
  if (reached < first) return std::nullopt;
  if (rule.rule == api::StoppingRule::Median) return first + (reached - first) / rule.every * rule.every;
  std::int64_t rung = first;
  while (rung <= reached / rule.eta) rung *= rule.eta;
  return rung;
}

std::optional<std::string> why_stopped(api::FlowComponent const& component, std::int64_t step, double own, std::vector<double> others) {
  auto const& rule = *component.early_stopping;
  auto const goal = goal_compared(component);
  std::string const had = fmt::format("{} was {:.4g} at best by step {}", metric_compared(component), own, step);
  if (rule.rule == api::StoppingRule::Median) {
    if (others.size() < rule.others) return std::nullopt;
    double const middle = median(others, goal);
    if (!is_better(middle, own, goal)) return std::nullopt;
    return fmt::format("{}, and the median of {} others is {:.4g}", had, others.size(), middle);
  }
  std::size_t const came = others.size() + 1;
  if (came < rule.eta) return std::nullopt;
  std::size_t const kept = came / rule.eta;
  auto const better = static_cast<std::size_t>(std::count_if(others.begin(), others.end(), [&](double other) { return is_better(other, own, goal); }));
  if (better < kept) return std::nullopt;
  return fmt::format("{}: {} of the {} trials that came so far were better, and {} may go on", had, better, came, kept);
}

}  // namespace nav
