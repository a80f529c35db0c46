// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_cloud.h"

#include <algorithm>

namespace nav::sim {

SimCloud::SimCloud(Schedule& schedule, Random random, std::string name, Outside outside)
    : schedule_(schedule), random_(std::move(random)), name_(std::move(name)), outside_(std::move(outside)) {
  tick();
}

void SimCloud::want(CloudSpec const& spec) {
  if (spec.cloud != name_) return;
  for (auto const& name : spec.machines) {
    if (machines_.contains(name)) continue;
    if (!ever_.insert(name).second) {
      machines_[name] = {MachineState::Failed, "it is gone"};
      continue;
    }
    machines_[name] = {};
    auto const takes = milliseconds(static_cast<std::int64_t>(1000 + random_.below(40'000)));
    bool const fails = outside_.strikes(0.15);
    schedule_.after(takes, [this, name, fails] {
      auto const found = machines_.find(name);
      if (found == machines_.end()) return;  // given back meanwhile
      found->second = fails ? Machine{MachineState::Failed, "no capacity"} : Machine{MachineState::Running, {}};
      if (!fails) outside_.boot(name);
      report();
    });
  }
  std::vector<std::string> unwanted;
  for (auto const& [name, machine] : machines_)
    if (std::find(spec.machines.begin(), spec.machines.end(), name) == spec.machines.end()) unwanted.push_back(name);
  for (auto const& name : unwanted) {
    outside_.end(name);
    machines_.erase(name);
  }
  report();
}

void SimCloud::vanish() {
  if (machines_.empty()) return;
  auto const which = std::next(machines_.begin(), static_cast<std::ptrdiff_t>(random_.below(machines_.size())));
  outside_.end(which->first);
  machines_.erase(which);
  report();
}

void SimCloud::report() {
  CloudStatus status{name_, {}};
  for (auto const& [name, machine] : machines_) status.machines.push_back({name, machine.state, machine.message});
  outside_.report(std::move(status));
}

void SimCloud::tick() {
  schedule_.after(seconds(5), [this] {
    report();
    tick();
  });
}

}  // namespace nav::sim
