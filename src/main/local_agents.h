// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "main/data_folder.h"

namespace nav {

/// The agents that `nav up` runs beside its controller: processes of their own, as they would be on other machines, joined through the same
/// door. One that dies is started again.
class LocalAgents {
 public:
  struct Wanted {
    std::string name;     ///< of the node
    std::string machine;  ///< a simulated machine ("dgx-a100"); empty: this machine itself
    std::string nvml;
    std::string site = {};    ///< empty: the controller's own
    std::string folder = {};  ///< empty: the node's own in the data folder
  };

  LocalAgents(DataFolder folder, std::string join_address, std::string job_url);
  ~LocalAgents();

  /// Those asked for, and those of former starts whose folders are here.
  void start(std::vector<Wanted> const& wanted);
  /// One more, and one less: its agent is ended, whatever it started goes on.
  void add(Wanted wanted, Time now);
  void remove(std::string const& name);
  /// Looks after them; to be called now and then.
  void watch(Time now);
  /// SIGTERM, and waits. Jobs run on.
  void stop();
  std::size_t size() const { return agents_.size(); }

 private:
  struct Child {
    Wanted wanted;
    pid_t pid = 0;
    Time started;
    Time not_before;
    unsigned deaths = 0;
  };
  void spawn(Child& child, Time now);
  static void end(Child& child);

  DataFolder folder_;
  std::string join_address_, job_url_;
  std::map<std::string, Child> agents_;
};

/// The program file that runs now.
std::string own_program();

}  // namespace nav
