// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "adapters/nvml.h"
#include "agent/meter.h"
#include "client/http_client.h"

namespace nav {

/// Activity from the page of a dcgm-exporter on the node: on Ampere nobody else knows that of an instance. While the page cannot be had
/// nothing is said, and once why.
class DcgmMeter final : public Meter {
 public:
  /// `url` as "http://127.0.0.1:9400".
  DcgmMeter(std::string url, std::shared_ptr<NvmlPort const> gpus, std::function<void(std::string const&)> say);
  std::vector<telemetry::Readings> measure(Time now) override;

 private:
  std::shared_ptr<NvmlPort const> gpus_;
  std::function<void(std::string const&)> say_;
  client::HttpClient http_;
  std::string trouble_;
  std::map<std::pair<std::string, std::string>, std::pair<NvmlPort::Ids, Time>> lives_;
};

}  // namespace nav
