// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include "cli/local_commands.h"
#include "core/cloud.h"
#include "main/local_agents.h"

namespace nav {

/// A provider that is not there, behind what the controller says to real ones: machines take their time to boot, are agents of this machine over a
/// simulated driver, and are remembered in DATA/clouds/NAME, which outlives the controller as a provider's own records do.
class SimulatedCloud {
 public:
  /// What its machines are, from what the command line says. The error names the machine.
  static Result<Cloud> terms_of(cli::SimulatedCloudOptions const& options);
  /// Those of former starts in this folder.
  static std::vector<Cloud> kept_in(DataFolder const& folder);

  /// `report` is told of what is there, whenever that changed and now and then.
  SimulatedCloud(DataFolder folder, Cloud terms, std::string join_address, std::string job_url, std::function<void(CloudStatus)> report);

  std::string const& name() const { return terms_.name; }
  /// What should be there. Any thread.
  void want(CloudSpec spec);
  /// Boots, ends and looks after machines; to be called now and then.
  void watch(Time now);
  /// Ends the agents; machines and what runs on them stay.
  void stop() { agents_.stop(); }

 private:
  std::string folder_of(std::string const& machine) const { return folder_.path + "/clouds/" + terms_.name + "/" + machine; }
  void boot(std::string const& machine, Time now);
  void end(std::string const& machine);

  DataFolder folder_;
  Cloud terms_;
  LocalAgents agents_;
  std::function<void(CloudStatus)> report_;
  std::map<std::string, Time> machines_;  ///< and when each has booted
  std::set<std::string> running_;         ///< whose agent was started by this process
  std::optional<CloudStatus> reported_;
  Time reported_at_;

  std::mutex mutex_;
  std::optional<CloudSpec> wanted_;  ///< none: nobody has said yet, so nothing is ended
};

}  // namespace nav
