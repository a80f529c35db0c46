// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/node_spec.h"
#include "core/node_status.h"
#include "telemetry/reading.h"

namespace nav {

/// The newest of what is measured on a node, for a Prometheus that scrapes its agent. Any thread may call it.
class NodePage {
 public:
  explicit NodePage(std::string node) : node_(std::move(node)) {}

  /// What the node has, and who holds what.
  void know(Inventory inventory, std::vector<AttemptSpec> attempts);
  void measured(std::vector<telemetry::Readings> const& readings);
  /// The text Prometheus reads: what was measured in the last 20 seconds.
  std::string text(Time now) const;

 private:
  struct Value {
    Time at;
    double value = 0;
  };

  std::string holder_of(std::string const& gpu, std::string const& placement) const;

  std::string const node_;
  mutable std::mutex mutex_;
  Inventory inventory_;
  std::vector<AttemptSpec> attempts_;
  std::map<telemetry::Subject, std::map<telemetry::Metric, Value>> values_;
};

}  // namespace nav
