// SPDX-License-Identifier: Apache-2.0
#include "telemetry/dcgm_page.h"

#include <array>

#include "telemetry/exposition.h"

namespace nav::telemetry {

namespace {

struct Name {
  std::string_view name;
  Metric metric;
  bool of_instances;  ///< an instance has its own
};

constexpr std::array names{
    Name{"DCGM_FI_PROF_GR_ENGINE_ACTIVE", Metric::Activity, true},     Name{"DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", Metric::TensorActivity, true},
    Name{"DCGM_FI_PROF_DRAM_ACTIVE", Metric::MemoryActivity, true},    Name{"DCGM_FI_DEV_FB_USED", Metric::MemoryUsed, true},
    Name{"DCGM_FI_DEV_MEMORY_TEMP", Metric::MemoryTemperature, false},
};

}  // namespace

Result<std::vector<DcgmValue>> read_dcgm_page(std::string_view page) {
  TRY(auto const all, read_exposition(page));
  std::vector<DcgmValue> values;
  bool is_dcgm = false;
  for (auto const& one : all) {
    is_dcgm = is_dcgm || one.name.starts_with("DCGM_FI_");
    for (auto const& name : names) {
      if (one.name != name.name) continue;
      auto const uuid = one.labels.find("UUID"), instance = one.labels.find("GPU_I_ID");
      bool const is_instance = instance != one.labels.end() && !instance->second.empty();
      if (uuid == one.labels.end() || (is_instance && !name.of_instances) || !kept(name.metric, one.value)) continue;
      DcgmValue value{uuid->second, {}, name.metric, one.value};
      std::uint64_t number = 0;
      if (is_instance && !read_number(instance->second, number)) continue;
      if (is_instance) value.instance = static_cast<std::uint32_t>(number);
      values.push_back(std::move(value));
    }
  }
  if (!is_dcgm) return fail(ErrorKind::InvalidArgument, "nothing on the page is of a dcgm-exporter");
  return values;
}

}  // namespace nav::telemetry
