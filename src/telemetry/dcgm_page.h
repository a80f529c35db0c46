// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "telemetry/metric.h"

/// The page of a dcgm-exporter: how the activity of instances on Ampere is known, which NVML tells nobody.
namespace nav::telemetry {

struct DcgmValue {
  std::string gpu;                        ///< UUID of the GPU, of instances too
  std::optional<std::uint32_t> instance;  ///< GPU_I_ID: the driver's number of the instance; none: the whole GPU
  Metric metric;
  double value = 0;

  bool operator==(DcgmValue const&) const = default;
};

/// What of a page we measure by. Values that DCGM does not know (it writes numbers near 2^63) are left out, and so is what of a cut GPU is
/// repeated on the rows of its instances but is not theirs. InvalidArgument: it is no such page.
Result<std::vector<DcgmValue>> read_dcgm_page(std::string_view page);

}  // namespace nav::telemetry
