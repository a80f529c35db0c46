// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "telemetry/exposition.h"
#include "telemetry/metric.h"

/// GPUs and instances by dcgm-exporter's names and labels, so that dashboards made for it work: on the controller's page and on those of agents.
namespace nav::telemetry {

/// What is measured, and where.
struct DcgmPlace {
  std::uint32_t gpu = 0;  ///< its number on the node
  std::string uuid;       ///< of the GPU, for instances too
  std::string pci_bus_id;
  std::uint32_t minor = 0;  ///< N of /dev/nvidiaN
  std::string model;
  std::string placement;       ///< "1g.5gb@4"; empty: the GPU itself
  std::uint32_t instance = 0;  ///< the driver's number of the instance
  std::string host;
  std::string driver_version;
  std::string job;  ///< whose it is; empty: nobody's, or not to be told
};

/// A row for each value there is a name for. Values are in the metrics' own units.
void add_dcgm_rows(Exposition& page, DcgmPlace const& place, std::map<Metric, double> const& values);

}  // namespace nav::telemetry
