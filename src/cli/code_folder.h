// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/jobs.h"

/// The folder that is sent along with a job: which of its files, and how they come to the server.
namespace nav::cli {

struct Context;

struct FileToSend {
  std::string path;  ///< below the folder
  std::uint64_t size = 0;
  bool executable = false;

  bool operator==(FileToSend const&) const = default;
};

/// The files below the folder, by path, without what .gitignore (in each folder) and .navignore (in the first) leave out, and without .git,
/// __pycache__, .ipynb_checkpoints and .venv. Git reads these files: without it, a folder that has them is refused. Refused too, as field "--code": a
/// link, a repository within, more than 2,000 files, more than 256 MiB.
Result<std::vector<FileToSend>> files_to_send(std::string const& folder);

/// Brings a folder's files, or those of a git repository (git_code.h), to the job's project, and puts them into the wish for the job. Where the
/// commit is known, the job finds it as NAV_CODE_COMMIT, and its runs are tagged with it.
Result<void> send_along(Context& nav, std::string const& code, api::SubmitJobs& job);

}  // namespace nav::cli
