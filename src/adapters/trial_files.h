// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/ports.h"
#include "client/http_client.h"
#include "supervisor/spec.h"

/// The files of an attempt on its node: what was sent along with the job, what a trial of a flow finds under NAV_INPUTS, and what of NAV_OUTPUTS goes
/// to the controller once it has succeeded. Nothing is read but regular files in the attempt's own folder; links are not followed.
namespace nav {

/// Whether anything lies in the attempt's folder before it starts.
bool is_furnished(JobRequest const& request);

/// Fetches all the attempt is to find into a folder of its own below the agent's data. Each file is held against its digest.
Result<void> fetch_files(client::HttpClient& http, std::string const& data_folder, AttemptId attempt, JobRequest const& request);

/// Puts what was fetched, and a trial's empty folder for outputs, into the attempt's folder, before its supervisor starts. What was sent along is the
/// job's own, to change as it likes; inputs are read-only.
Result<void> furnish(std::string const& data_folder, std::string const& attempt_folder, AttemptId attempt, JobRequest const& request,
                     supervisor::RunAs const* user);

/// Removes what a dead agent had fetched.
void clear_fetched_files(std::string const& data_folder);

/// Brings outputs to the controller, as LogPusher does logs: in a thread of its own, patiently, going on after any restart. That all of an
/// attempt's are there stands in its folder.
class OutputBringer {
 public:
  struct Options {
    std::string data_folder;
    client::Options controller;
    std::function<void()> delivered = {};  ///< all of an attempt's; from the bringer's thread
    std::function<void(std::string)> warn = {};
  };
  explicit OutputBringer(Options options);
  ~OutputBringer();
  OutputBringer(OutputBringer const&) = delete;
  OutputBringer& operator=(OutputBringer const&) = delete;

  /// Attempts that have succeeded here and whose outputs may not have been brought.
  void follow(std::vector<AttemptId> attempts);
  void set_controller(client::Options controller);

  static bool all_brought(std::string const& attempt_folder);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nav
