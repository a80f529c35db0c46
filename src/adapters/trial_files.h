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

/// The files of a flow's trial on its node: what it finds under NAV_INPUTS, and what of NAV_OUTPUTS goes to the controller once it has succeeded.
/// Nothing is read but regular files in the attempt's own folder; links are not followed.
namespace nav {

/// Fetches the inputs of the attempt into a folder of their own below the agent's data. Each is held against its digest.
Result<void> fetch_inputs(client::HttpClient& http, std::string const& data_folder, AttemptId attempt, std::map<std::string, std::string> const& inputs);

/// Puts fetched inputs and an empty folder for outputs into the attempt's folder, before its supervisor starts.
Result<void> furnish_trial(std::string const& data_folder, std::string const& attempt_folder, AttemptId attempt, supervisor::RunAs const* user);

/// Removes what a dead agent had fetched.
void clear_fetched_inputs(std::string const& data_folder);

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
