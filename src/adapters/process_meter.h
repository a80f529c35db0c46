// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/meter.h"

namespace nav {

/// A process as /proc shows it.
struct ProcessUse {
  std::int64_t pid = 0, parent = 0;
  std::uint64_t cpu_ticks = 0;  ///< its own and that of its children which have ended
  std::uint64_t resident_pages = 0;
};
/// /proc/PID/stat. Nothing if it is none: names of programs may hold anything.
std::optional<ProcessUse> read_process_stat(std::string_view stat);

/// Processors, memory and disk use of a node's attempts, from /proc: of all processes below the root of each. Also of the node itself, unless it is
/// a simulated one, which shares its host with others.
class ProcessMeter final : public Meter {
 public:
  enum class Of { AttemptsAndNode, Attempts };
  /// `jobs_folder` holds the attempts' folders.
  ProcessMeter(std::string jobs_folder, Of of) : jobs_folder_(std::move(jobs_folder)), of_(of) {}
  std::vector<telemetry::Readings> measure(Time now) override;

 private:
  struct Counters {
    Time at;
    std::uint64_t cpu_ticks = 0;
    std::optional<std::uint64_t> read_bytes, written_bytes;
  };
  void add_node(Time now, std::vector<telemetry::Readings>& out);

  std::string jobs_folder_;
  Of of_;
  std::map<AttemptId, Counters> before_;
  std::optional<std::pair<Time, std::uint64_t>> node_before_;
};

/// How fast a counter rose; nothing if it went back or no time went by.
std::optional<double> rate_of(std::uint64_t before, std::uint64_t now, Duration time);

}  // namespace nav
