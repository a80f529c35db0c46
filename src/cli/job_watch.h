// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "api/jobs.h"
#include "cli/context.h"

namespace nav::client {
class HttpClient;
}

/// Staying with a job until it is over, whatever happens to the connection or the server meanwhile.
namespace nav::cli {

/// The job as it is now. While nobody answers it is asked again, and the person is told once.
Result<api::JobDetails> look_at(Context& nav, client::HttpClient& client, JobId job);

/// Returns when the job is over.
Result<api::JobDetails> wait_until_over(Context& nav, client::HttpClient& client, JobId job);

/// Prints the log as the job writes it, attempt after attempt, and returns when the job is over and all has been printed.
/// `only`: this attempt alone.
Result<api::JobDetails> follow_log(Context& nav, client::HttpClient& client, JobId job, std::optional<std::uint32_t> only);

/// What `nav run --wait` exits with: the job's own code, or the reason it has none (exit_code.h).
int exit_code_of(api::JobDetails const& details);

}  // namespace nav::cli
