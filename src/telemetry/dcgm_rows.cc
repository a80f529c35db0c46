// SPDX-License-Identifier: Apache-2.0
#include "telemetry/dcgm_rows.h"

namespace nav::telemetry {

namespace {

using Type = Exposition::Type;

struct DcgmName {
  Metric metric;
  char const* name;
  Type type;
  char const* help;
  double scale = 1;  ///< from our unit to theirs
};

constexpr DcgmName dcgm_names[] = {
    {Metric::SmClock, "DCGM_FI_DEV_SM_CLOCK", Type::Gauge, "SM clock frequency (in MHz)."},
    {Metric::MemoryClock, "DCGM_FI_DEV_MEM_CLOCK", Type::Gauge, "Memory clock frequency (in MHz)."},
    {Metric::Temperature, "DCGM_FI_DEV_GPU_TEMP", Type::Gauge, "GPU temperature (in C)."},
    {Metric::MemoryTemperature, "DCGM_FI_DEV_MEMORY_TEMP", Type::Gauge, "Memory temperature (in C)."},
    {Metric::Power, "DCGM_FI_DEV_POWER_USAGE", Type::Gauge, "Power draw (in W)."},
    {Metric::Energy, "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", Type::Counter, "Total energy consumption since boot (in mJ).", 1000},
    {Metric::PcieReplays, "DCGM_FI_DEV_PCIE_REPLAY_COUNTER", Type::Counter, "Total number of PCIe retries."},
    {Metric::EccCorrected, "DCGM_FI_DEV_ECC_SBE_VOL_TOTAL", Type::Counter, "Total number of single-bit volatile ECC errors."},
    {Metric::EccUncorrected, "DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", Type::Counter, "Total number of double-bit volatile ECC errors."},
    {Metric::RowsRemappedUncorrected, "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS", Type::Counter, "Number of remapped rows for uncorrectable errors."},
    {Metric::RowsRemappedCorrected, "DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS", Type::Counter, "Number of remapped rows for correctable errors."},
    {Metric::RowRemapFailed, "DCGM_FI_DEV_ROW_REMAP_FAILURE", Type::Gauge, "Whether remapping of rows has failed."},
    {Metric::RowRemapPending, "DCGM_FI_DEV_ROW_REMAP_PENDING", Type::Gauge, "Whether remapping of rows is pending."},
    {Metric::MemoryUsed, "DCGM_FI_DEV_FB_USED", Type::Gauge, "Framebuffer memory used (in MiB)."},
    {Metric::Activity, "DCGM_FI_PROF_GR_ENGINE_ACTIVE", Type::Gauge, "Ratio of time the graphics engine is active."},
    {Metric::TensorActivity, "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", Type::Gauge, "Ratio of cycles the tensor (HMMA) pipe is active."},
    {Metric::MemoryActivity, "DCGM_FI_PROF_DRAM_ACTIVE", Type::Gauge, "Ratio of cycles the device memory interface is active sending or receiving data."},
};

/// dcgm-exporter's labels, and hpc_job as its job mapping has it.
Labels labels_of(DcgmPlace const& place) {
  Labels labels{{"gpu", std::to_string(place.gpu)}, {"UUID", place.uuid}};
  labels.emplace_back("pci_bus_id", place.pci_bus_id);
  labels.emplace_back("device", fmt::format("nvidia{}", place.minor));
  labels.emplace_back("modelName", place.model);
  if (!place.placement.empty()) {
    labels.emplace_back("GPU_I_PROFILE", place.placement.substr(0, place.placement.find('@')));
    labels.emplace_back("GPU_I_ID", std::to_string(place.instance));
  }
  labels.emplace_back("Hostname", place.host);
  labels.emplace_back("DCGM_FI_DRIVER_VERSION", place.driver_version);
  labels.emplace_back("hpc_job", place.job);
  return labels;
}

}  // namespace

void add_dcgm_rows(Exposition& page, DcgmPlace const& place, std::map<Metric, double> const& values) {
  Labels const labels = labels_of(place);
  for (auto const& dcgm : dcgm_names)
    if (auto const value = values.find(dcgm.metric); value != values.end()) page.add(dcgm.name, dcgm.type, dcgm.help, labels, value->second * dcgm.scale);
  auto const used = values.find(Metric::MemoryUsed), total = values.find(Metric::MemoryTotal);
  if (used != values.end() && total != values.end())
    page.add("DCGM_FI_DEV_FB_FREE", Type::Gauge, "Framebuffer memory free (in MiB).", labels, total->second - used->second);
  // As with the exporter: of a GPU that is cut there is no utilization, only that of its instances.
  if (auto const activity = values.find(Metric::Activity); activity != values.end() && place.placement.empty())
    page.add("DCGM_FI_DEV_GPU_UTIL", Type::Gauge, "GPU utilization (in %).", labels, activity->second * 100);
}

}  // namespace nav::telemetry
