// SPDX-License-Identifier: Apache-2.0
#include "cli/job_number.h"

#include "base/text.h"

namespace nav::cli {

namespace {

constexpr std::uint64_t most_in_a_range = 100'000;

Unexpected no_job_number(std::string_view text, std::string hint) {
  return wrong(fmt::format("\"{}\" is not the number of a job", shortened(text, 40)), std::move(hint));
}

}  // namespace

Take into(JobId& job) {
  return [&job](std::string_view text) -> Result<void> {
    if (!read_number(text, job.value) || !job) return no_job_number(text, "nav jobs lists them");
    return {};
  };
}

Take into(std::vector<JobId>& jobs) {
  return [&jobs](std::string_view text) -> Result<void> {
    auto const dash = text.find('-');
    JobId first, last;
    if (!read_number(text.substr(0, dash), first.value) || !first) return no_job_number(text, "write 42, or 40-57 for all of them");
    last = first;
    if (dash != std::string_view::npos && !read_number(text.substr(dash + 1), last.value)) return no_job_number(text, "write 42, or 40-57 for all of them");
    if (last < first || last.value - first.value >= most_in_a_range)
      return no_job_number(text, fmt::format("a range goes up, over {} jobs at most", most_in_a_range));
    for (JobId job = first; job <= last; ++job.value) jobs.push_back(job);
    return {};
  };
}

Take into_job_or_attempt(JobId& job, std::optional<std::uint32_t>& attempt) {
  return [&job, &attempt](std::string_view text) -> Result<void> {
    if (text.find('.') == std::string_view::npos) return into(job)(text);
    auto const id = parse_attempt_id(text);
    if (!id) return no_job_number(text, "write 42, or 42.1 for its first attempt");
    job = id->job;
    attempt = id->number;
    return {};
  };
}

}  // namespace nav::cli
