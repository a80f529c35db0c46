// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "client/http_client.h"
#include "main/bench.h"
#include "main/installation.h"
#include "main/local_agents.h"

namespace nav::bench {

/// A whole installation in this process, with one simulated DGX A100 whose agent is a process of its own, as `nav up` runs it.
class Site {
 public:
  static Result<std::unique_ptr<Site>> start(std::string const& folder);
  ~Site();

  client::Options as_admin() const;
  /// Ports of jobs, as the admin.
  client::Options through_door() const;
  std::string const& node() const { return node_; }

 private:
  Site() = default;
  std::unique_ptr<Installation> installation_;
  std::unique_ptr<LocalAgents> agents_;
  std::string token_;
  std::string node_ = "dgx-a100-1";
};

/// The one of this run, started if it does not run yet. Forks agents: what wants a process without threads comes before.
Result<Site*> site_of(Bench& bench);

}  // namespace nav::bench
