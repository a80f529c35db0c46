// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>

#include "base/random.h"
#include "core/cloud.h"
#include "sim/schedule.h"

namespace nav::sim {

/// A provider under one seed: machines boot slowly, some never come, some vanish. What it has outlives the controller.
class SimCloud {
 public:
  /// What the world lends it.
  struct Outside {
    std::function<void(std::string const&)> boot;  ///< the machine's node begins to work
    std::function<void(std::string const&)> end;   ///< and is no more
    std::function<void(CloudStatus)> report;       ///< may be lost
    std::function<bool(double)> strikes;           ///< whether a fault strikes now
  };

  SimCloud(Schedule& schedule, Random random, std::string name, Outside outside);

  void want(CloudSpec const& spec);
  /// Takes a machine away, as providers do with what they sell cheaply.
  void vanish();
  bool is_empty() const { return machines_.empty(); }

 private:
  struct Machine {
    MachineState state = MachineState::Booting;
    std::string message;
  };
  void report();
  void tick();

  Schedule& schedule_;
  Random random_;
  std::string name_;
  Outside outside_;
  std::map<std::string, Machine> machines_;
  std::set<std::string> ever_;  ///< names of all machines there were: providers give none of them again
};

}  // namespace nav::sim
