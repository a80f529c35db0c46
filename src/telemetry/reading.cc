// SPDX-License-Identifier: Apache-2.0
#include "telemetry/reading.h"

#include <fmt/ranges.h>

namespace nav::telemetry {

namespace {

Result<void> check_subject(Subject const& subject, std::string const& path) {
  bool const needs_gpu = subject.kind == SubjectKind::Gpu || subject.kind == SubjectKind::Instance;
  if (needs_gpu && (subject.gpu.empty() || subject.gpu.size() > 96)) return fail_field(path + ".gpu", "the GPU's UUID", "a GPU is named by its UUID");
  if (subject.kind == SubjectKind::Instance && (subject.placement.empty() || subject.placement.size() > 64))
    return fail_field(path + ".placement", "as 1g.5gb@4", "an instance is named by its placement");
  if (subject.kind == SubjectKind::Attempt && !subject.attempt) return fail_field(path + ".attempt", "as 42.1", "an attempt is named by its number");
  return {};
}

}  // namespace

Result<void> check(SampleBatch const& batch) {
  for (std::size_t i = 0; i < batch.readings.size(); ++i) {
    Readings const& one = batch.readings[i];
    std::string const path = fmt::format("readings[{}]", i);
    TRY_VOID(check_subject(one.subject, path + ".subject"));
    for (Time const at : one.at)
      if (at < first_time || at > last_time) return fail_field(path + ".at", "microseconds since 1970", "{} is no moment of our time", at.us);
    for (std::size_t k = 1; k < one.at.size(); ++k)
      if (one.at[k] < one.at[k - 1]) return fail_field(fmt::format("{}.at[{}]", path, k), "oldest first", "the times of a column rise");
    for (auto const& [word, column] : one.values) {
      if (!enum_of<Metric>(word))
        return fail_field(fmt::format("{}.values.{}", path, word), fmt::format("one of {}", fmt::join(enum_words<Metric>(), ", ")), "there is no metric {}",
                          word);
      if (column.size() != one.at.size())
        return fail_field(fmt::format("{}.values.{}", path, word), fmt::format("{} values", one.at.size()), "{} has {} values for {} times", word,
                          column.size(), one.at.size());
    }
  }
  return {};
}

std::size_t size_of(SampleBatch const& batch) {
  std::size_t all = 0;
  for (auto const& one : batch.readings)
    for (auto const& [word, column] : one.values)
      for (auto const& value : column) all += value.has_value();
  return all;
}

}  // namespace nav::telemetry
