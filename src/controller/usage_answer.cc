// SPDX-License-Identifier: Apache-2.0
#include "controller/usage_answer.h"

#include <algorithm>
#include <fmt/ranges.h>

#include "base/text.h"

namespace nav {

using telemetry::Cell;
using telemetry::Dimension;
using telemetry::Measure;
using telemetry::UsageQuestion;

Result<std::vector<Dimension>> dimensions_of(std::vector<std::string> const& by) {
  std::vector<Dimension> dimensions;
  for (auto const& word : by) {
    auto const one = enum_of<Dimension>(word);
    if (!one)
      return fail_field("by", fmt::format("at most two of {}", fmt::join(enum_words<Dimension>(), ", ")), "\"{}\" is nothing to group by", shortened(word, 60));
    dimensions.push_back(*one);
  }
  if (dimensions.size() > 2) return fail_field("by", "at most two", "{} are too many to group by", dimensions.size());
  return dimensions;
}

std::string unit_of(Measure measure) {
  switch (measure) {
    case Measure::HeldCompute:
    case Measure::IdleCompute:
    case Measure::ReconfiguringCompute:
    case Measure::SetAsideCompute:
    case Measure::LossCompute:
    case Measure::CapacityCompute: return "compute slices";
    case Measure::HeldGpus:
    case Measure::Unpriced: return "GPUs";
    case Measure::HeldMemory:
    case Measure::MemoryUsed: return "MiB";
    case Measure::HeldProcessors:
    case Measure::ProcessorsUsed: return "processors";
    case Measure::Cost: return "money an hour";
    case Measure::Waiting: return "jobs";
    case Measure::Waited: return "s";
    case Measure::Activity: return "share";
    default: return "memory slices";
  }
}

bool is_mean(Measure measure) {
  return measure == Measure::Activity || measure == Measure::MemoryUsed || measure == Measure::ProcessorsUsed || measure == Measure::Waited;
}

Result<api::MetricsAnswer> usage_answer(Telemetry& telemetry, UsageQuestion const& question, Measure measure, api::MetricsAnswer answer, Time now) {
  TRY(auto const groups, telemetry.usage(question));
  if (Time const counted = telemetry.progress().counted) now = std::min(now, counted);
  answer.unit = unit_of(measure);
  for (auto const& one : groups) {
    api::MetricsGroup group;
    for (std::size_t i = 0; i < question.by.size(); ++i) group.labels[enum_text(question.by[i])] = one.names[i];
    for (auto const& [at, cells] : one.points) {
      auto const found = cells.find(measure);
      if (found == cells.end()) continue;
      Cell const& cell = found->second;
      if (is_mean(measure) && cell.weight == 0) continue;
      // The last step is not over yet: its mean is over what has been counted.
      Time const end = std::min({answer.step.us > 0 ? at + answer.step : answer.until, answer.until, std::max(now, at + seconds(1))});
      double const length = std::max(1.0, (end - std::max(at, answer.since)).seconds());
      group.at.push_back(at);
      double const value = is_mean(measure) ? cell.sum / cell.weight : cell.sum / length;
      group.values.push_back(measure == Measure::Cost ? value * 3600 / 1e6 : value);
      if (cell.max > 0) group.max = std::max(group.max.value_or(0), cell.max);
    }
    if (!group.at.empty()) answer.groups.push_back(std::move(group));
  }
  return answer;
}

}  // namespace nav
