// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/node_identity.h"
#include "agent/ports.h"

namespace nav {

class NodePage;

struct AgentRunOptions {
  std::string data;                                                      ///< the node's folder, where its identity is (node_identity.h)
  std::string version;                                                   ///< of this program
  Machine machine;                                                       ///< this_machine(), or what a simulated node models
  std::string supervisor;                                                ///< program file of nav-supervisor
  std::string nvml = {};                                                 ///< path of libnvidia-ml.so.1; empty: the system's
  bool simulated = false;                                                ///< the library is the simulated driver
  std::string job_url = {};                                              ///< NAV_URL for jobs; empty: the controller's own
  std::map<std::string, std::string> job_environment = {};               ///< for every job, such as what points NVML at a simulated node
  std::string hidden_folder = {};                                        ///< what jobs do not see, where `data` is a part of it; empty: `data`
  std::vector<std::string> visible = {};                                 ///< of that, what jobs see all the same, such as a simulated driver
  std::map<std::string, std::string> project_users = {};                 ///< unix users of projects, under root
  std::string dcgm_exporter = {};                                        ///< "http://127.0.0.1:9400", where activity is read from; empty: not so
  std::shared_ptr<NodePage> page = {};                                   ///< told of what is measured, for whoever scrapes this node; none: nobody does
  Duration measure_every = seconds(5);                                   ///< zero: nothing is measured
  std::function<void(std::string const&)> say = {};                      ///< a line for people; from any thread
};

/// The agent of one node with its threads. Jobs do not notice when it ends, and the next one takes them up.
class AgentRuntime {
 public:
  /// NotFound when the node has not joined; Conflict when another agent works in the folder.
  static Result<std::unique_ptr<AgentRuntime>> start(AgentRunOptions options);
  /// Ends all threads within a few seconds, whatever the driver does.
  ~AgentRuntime();

  NodeIdentity identity() const;

 private:
  struct Body;
  explicit AgentRuntime(std::unique_ptr<Body> body);
  std::unique_ptr<Body> body_;
};

}  // namespace nav
