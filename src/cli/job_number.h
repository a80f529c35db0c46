// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "base/id.h"
#include "cli/syntax.h"

namespace nav::cli {

/// "42"
Take into(JobId& job);
/// "42", or "40-57" for all of them.
Take into(std::vector<JobId>& jobs);
/// "42", or "42.1" for one attempt of it.
Take into_job_or_attempt(JobId& job, std::optional<std::uint32_t>& attempt);

}  // namespace nav::cli
