// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "api/jobs.h"
#include "cli/syntax.h"

namespace nav::cli {

struct RunOptions {
  api::SubmitJobs job;
  std::string code;   ///< a folder, or a git repository's address; empty: nothing is sent along
  std::string image;  ///< not in this version
  bool wait = false;
  bool json = false;
};

/// What any job may be given: where it runs, its name, limits, files.
void add_job_options(Command& command, RunOptions& asked);
/// Sends its files along and submits it. `answer` is the API's own words.
Result<api::SubmittedJobs> submit_job(Context& nav, RunOptions const& asked, std::string& answer);

/// `nav run`, filling in `asked`.
Command run_command_into(std::shared_ptr<RunOptions> asked);

}  // namespace nav::cli
