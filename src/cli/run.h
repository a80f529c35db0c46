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

/// `nav run`, filling in `asked`.
Command run_command_into(std::shared_ptr<RunOptions> asked);

}  // namespace nav::cli
