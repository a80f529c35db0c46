// SPDX-License-Identifier: Apache-2.0
#include "telemetry/metric.h"

#include <cmath>

#include "base/ensure.h"

namespace nav::telemetry {

namespace {

constexpr double tib_in_mib = 1024.0 * 1024.0;

constexpr MetricFacts table[] = {
    {Metric::Activity, "share", 1000, 0, 1, "how busy the engine was, of its own whole"},
    {Metric::TensorActivity, "share", 1000, 0, 1, "how busy the tensor cores were"},
    {Metric::MemoryActivity, "share", 1000, 0, 1, "how busy the memory was"},
    {Metric::MemoryUsed, "MiB", 1, 0, 1024 * tib_in_mib, "memory in use"},
    {Metric::MemoryTotal, "MiB", 1, 0, 1024 * tib_in_mib, "memory there is"},
    {Metric::Power, "W", 10, 0, 10'000, "power drawn by the whole GPU"},
    {Metric::Temperature, "C", 1, -60, 200, "temperature of the GPU"},
    {Metric::MemoryTemperature, "C", 1, -60, 200, "temperature of the GPU's memory"},
    {Metric::SmClock, "MHz", 1, 0, 20'000, "clock of the multiprocessors"},
    {Metric::MemoryClock, "MHz", 1, 0, 40'000, "clock of the memory"},
    {Metric::EccCorrected, "errors", 1, 0, 1e15, "memory errors that were corrected"},
    {Metric::EccUncorrected, "errors", 1, 0, 1e15, "memory errors that were not"},
    {Metric::PcieReplays, "replays", 1, 0, 1e15, "repeated transfers on the bus"},
    {Metric::Processes, "processes", 1, 0, 1e6, "processes on it"},
    {Metric::Processors, "processors", 1000, 0, 1e6, "processors of the host kept busy"},
    {Metric::ReadRate, "bytes/s", 1, 0, 1e13, "read from disks"},
    {Metric::WriteRate, "bytes/s", 1, 0, 1e13, "written to disks"},
    {Metric::Energy, "J", 1, 0, 1e15, "energy used by the whole GPU"},
    {Metric::RowsRemappedCorrected, "rows", 1, 0, 1e6, "rows of the memory replaced after corrected errors"},
    {Metric::RowsRemappedUncorrected, "rows", 1, 0, 1e6, "rows of the memory replaced after uncorrected errors"},
    {Metric::RowRemapPending, "yes or no", 1, 0, 1, "whether a row waits for a reset to be replaced"},
    {Metric::RowRemapFailed, "yes or no", 1, 0, 1, "whether a row could not be replaced"},
};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < std::size(table); ++i)
    if (static_cast<std::size_t>(table[i].metric) != i) return false;
  return true;
}
static_assert(is_in_order(), "facts_of() finds a metric by its number");

}  // namespace

std::span<MetricFacts const> metrics() { return table; }

MetricFacts const& facts_of(Metric metric) {
  auto const index = static_cast<std::size_t>(metric);
  ensure(index < std::size(table), "every metric has its facts");
  return table[index];
}

std::optional<std::int64_t> kept(Metric metric, double value) {
  MetricFacts const& facts = facts_of(metric);
  if (!(value >= facts.least && value <= facts.most)) return {};  // not a number is neither
  return std::llround(value * facts.steps);
}

}  // namespace nav::telemetry
