// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"

/// What is measured. Numbers of metrics are written into telemetry.db: new ones are added at the end, none is ever renumbered.
namespace nav::telemetry {

enum class Metric : std::uint8_t {
  Activity,           ///< how busy the engine of a GPU or an instance was, of its own whole
  TensorActivity,     ///< how busy its tensor cores were
  MemoryActivity,     ///< how busy its memory was
  MemoryUsed,         ///< memory in use: of a GPU or instance its own, of an attempt or node the host's
  MemoryTotal,        ///< what there is of it
  Power,              ///< of the whole GPU; never attributable to an instance
  Temperature,        ///< of the whole GPU
  MemoryTemperature,  ///< of the whole GPU's memory
  SmClock,
  MemoryClock,
  EccCorrected,             ///< errors since the driver was loaded
  EccUncorrected,           ///< the same
  PcieReplays,              ///< the same
  Processes,                ///< on a GPU or an instance
  Processors,               ///< of the host, kept busy by an attempt or on a node
  ReadRate,                 ///< from disks
  WriteRate,                ///< to disks
  Energy,                   ///< used by the whole GPU since the driver was loaded
  RowsRemappedCorrected,    ///< rows of a GPU's memory that spare ones stand for, after errors that were corrected
  RowsRemappedUncorrected,  ///< the same, after errors that were not
  RowRemapPending,          ///< 1: one waits for a reset of the GPU
  RowRemapFailed,           ///< 1: for one there was no spare row any more
};
BOOST_DESCRIBE_ENUM(Metric, Activity, TensorActivity, MemoryActivity, MemoryUsed, MemoryTotal, Power, Temperature, MemoryTemperature, SmClock, MemoryClock,
                    EccCorrected, EccUncorrected, PcieReplays, Processes, Processors, ReadRate, WriteRate, Energy, RowsRemappedCorrected,
                    RowsRemappedUncorrected, RowRemapPending, RowRemapFailed)

struct MetricFacts {
  Metric metric;
  std::string_view unit;  ///< "share" (0 to 1), "MiB", "W", ...
  double steps;           ///< values are kept to 1/steps of the unit
  double least, most;     ///< what is outside is nonsense of its source, and is refused
  std::string_view text;
};

std::span<MetricFacts const> metrics();
MetricFacts const& facts_of(Metric metric);

/// As kept: a whole number of the metric's steps. Nothing for what no source can have measured: not a number, or out of bounds.
std::optional<std::int64_t> kept(Metric metric, double value);
inline double shown(Metric metric, std::int64_t value) { return static_cast<double>(value) / facts_of(metric).steps; }

}  // namespace nav::telemetry
