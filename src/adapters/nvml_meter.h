// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>

#include "adapters/nvml.h"
#include "agent/meter.h"

namespace nav {

/// Samples of GPUs and instances from their driver: by NVML, by its performance monitoring where the board has it (Hopper and later), and
/// from the simulated driver, which is labelled so. Of what a driver refuses nothing is said.
class NvmlMeter final : public Meter {
 public:
  NvmlMeter(std::shared_ptr<NvmlPort const> gpus, bool simulated) : gpus_(std::move(gpus)), simulated_(simulated) {}
  ~NvmlMeter() override;
  std::vector<telemetry::Readings> measure(Time now) override;

 private:
  /// One lifetime of an instance: while its ids stay what they are.
  struct Life {
    NvmlPort::Ids ids;
    Time born;
  };
  /// The sample that the next is held against.
  struct Before {
    std::shared_ptr<nvml::Library> library;
    nvml::GpmSample sample = nullptr;
    Time born;  ///< of the instance it is of
  };
  using Place = std::pair<std::string, std::string>;  ///< GPU and placement

  telemetry::Readings start(NvmlPort::Seen const& gpu, telemetry::Subject subject, Time now) const;
  void measure_gpu(NvmlPort::Seen const& gpu, Time now, std::vector<telemetry::Readings>& out);
  void measure_instance(NvmlPort::Seen const& gpu, std::string const& placement, NvmlPort::Ids ids, Time now, std::vector<telemetry::Readings>& out);
  void add_activity(NvmlPort::Seen const& gpu, std::string const& placement, unsigned gpu_instance, Time born, telemetry::Readings const& beside,
                    std::vector<telemetry::Readings>& out);
  void forget(Before& before);

  std::shared_ptr<NvmlPort const> gpus_;
  bool simulated_;
  std::map<Place, Life> lives_;
  std::map<Place, Before> before_;
};

}  // namespace nav
