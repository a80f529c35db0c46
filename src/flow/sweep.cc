// SPDX-License-Identifier: Apache-2.0
#include "flow/sweep.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/random.h"

namespace nav {

namespace {

std::uint64_t grid_size(api::FlowComponent const& component) {
  std::uint64_t all = 1;
  for (auto const& [name, values] : component.grid)
    if (__builtin_mul_overflow(all, values.size(), &all)) return std::numeric_limits<std::uint64_t>::max();
  return all;
}

/// The shortest text that reads as the same number.
std::string number_text(double value, bool whole) { return whole ? fmt::format("{:.0f}", value) : fmt::format("{:.6g}", value); }

std::string draw(api::SweepRange const& range, Random random) {
  if (!range.choices.empty()) return range.choices[random.below(range.choices.size())];
  double const low = *range.low, high = *range.high, at = random.uniform();
  if (range.whole) return number_text(std::min(high, std::floor(low + at * (high - low + 1))), true);
  if (range.log) return number_text(std::exp(std::log(low) + at * (std::log(high) - std::log(low))), false);
  return number_text(low + at * (high - low), false);
}

Result<void> check_range(std::string const& name, api::SweepRange const& range) {
  std::string const field = fmt::format("random.{}", name);
  bool const has_range = range.low || range.high;
  if (range.choices.empty() == !has_range)
    return fail_field(field, "either `choices: [a, b]` or `low` and `high`", "{} is to be drawn from {}", name,
                      has_range ? "choices and a range at once" : "nothing");
  if (!has_range) return {};
  if (!range.low || !range.high) return fail_field(field, "give both", "{} has only one of low and high", name);
  if (!(std::isfinite(*range.low) && std::isfinite(*range.high)) || *range.low > *range.high)
    return fail_field(field, "low at most as large as high", "{} goes from {} to {}", name, *range.low, *range.high);
  if (range.log && *range.low <= 0) return fail_field(field + ".low", "above zero, or leave log out", "a logarithm of {} cannot be drawn", *range.low);
  if (range.whole && (range.log || std::floor(*range.low) != *range.low || std::floor(*range.high) != *range.high))
    return fail_field(field, "whole numbers for low and high, and no log", "{} cannot be drawn as a whole number", name);
  return {};
}

}  // namespace

std::uint64_t trial_count(api::FlowComponent const& component) {
  if (component.kind != api::ComponentKind::Sweep) return 1;
  if (!component.random.empty()) return component.trials;
  std::uint64_t const all = grid_size(component);
  return component.trials == 0 ? all : std::min<std::uint64_t>(all, component.trials);
}

std::map<std::string, std::string> trial_parameters(api::FlowComponent const& component, std::uint32_t number) {
  std::map<std::string, std::string> parameters;
  std::uint64_t rest = number;
  for (auto it = component.grid.rbegin(); it != component.grid.rend(); ++it) {
    parameters[it->first] = it->second[rest % it->second.size()];
    rest /= it->second.size();
  }
  // Each parameter draws from a generator of its own: one more of them changes none of the others.
  for (auto const& [name, range] : component.random) parameters[name] = draw(range, Random(component.seed).child(fmt::format("{} {}", number, name)));
  return parameters;
}

Result<void> check_sweep(api::FlowComponent const& component, std::uint32_t trials_allowed) {
  if (component.kind != api::ComponentKind::Sweep) {
    for (auto const& [field, used] : {std::pair{"grid", !component.grid.empty()},
                                      {"random", !component.random.empty()},
                                      {"trials", component.trials != 0},
                                      {"parallel", component.parallel != 0},
                                      {"may_fail", component.may_fail != 0}})
      if (used) return fail_field(field, component.kind == api::ComponentKind::Job ? "add `kind: sweep`" : "leave it out", "only a sweep has {}", field);
    return {};
  }
  if (component.grid.empty() == component.random.empty())
    return fail_field(component.grid.empty() ? "grid" : "random", "give `grid` with values, or `random` with ranges", "a sweep has {}",
                      component.grid.empty() ? "neither a grid nor anything random" : "a grid or random parameters, not both");
  for (auto const& [name, values] : component.grid)
    if (values.empty()) return fail_field(fmt::format("grid.{}", name), "at least one value, as in [0.01, 0.1]", "the grid has no values for {}", name);
  for (auto const& [name, range] : component.random) TRY_VOID(check_range(name, range));
  if (!component.random.empty() && component.trials == 0) return fail_field("trials", "how often to draw, as in `trials: 20`", "a random sweep has no end");
  std::uint64_t const count = trial_count(component);
  if (count > most_trials)
    return fail_field("trials", fmt::format("at most {}: fewer values, or `trials` for the first of them", most_trials), "the sweep has {} trials", count);
  if (count > trials_allowed)
    return fail_field("trials", fmt::format("if that is meant, allow it: --trials-allowed {}", count), "the sweep has {} trials, and {} are allowed unasked",
                      count, trials_allowed);
  return {};
}

}  // namespace nav
