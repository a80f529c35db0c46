// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "cli/local_commands.h"

/// What `nav bench` is made of: measurements, each of which runs a part of nav as it ships and gives figures. Nothing is computed that was
/// not measured.
namespace nav::bench {

/// One line of the table.
struct Figure {
  std::string name;
  std::string unit;           ///< "ms", "jobs/s"
  std::uint64_t samples = 0;  ///< operations timed, or for a rate: windows
  double min = 0;
  double median = 0;
  std::optional<double> p99;  ///< of single operations; rates have none
  double max = 0;
  std::string goal;  ///< what we mean to reach; empty: nothing is set
  std::string note;  ///< what exactly was measured, and what was not
  double load = 0;   ///< the machine's load average when it began
};
BOOST_DESCRIBE_STRUCT(Figure, (), (name, unit, samples, min, median, p99, max, goal, note, load))

/// The figure of these samples, which are at least one.
Figure figure_of(std::string name, std::string unit, std::vector<double> samples);
/// The same for windows of a rate.
Figure rate_of(std::string name, std::string unit, std::vector<double> windows);

/// Seconds on a clock that never goes back.
double now_s();

/// Runs for so many seconds at most, and once at least.
class Budget {
 public:
  explicit Budget(double seconds) : until_(now_s() + seconds) {}
  bool is_left() { return (first_ && !(first_ = false)) || now_s() < until_; }

 private:
  double until_;
  bool first_ = true;
};

class Site;

/// What every measurement is given.
struct Bench {
  cli::BenchOptions options;
  std::string folder;          ///< its own, on the disk that is measured
  std::shared_ptr<Site> site;  ///< made by the first that asks, see site_of()
  double seconds() const { return options.seconds; }
};

using Figures = Result<std::vector<Figure>>;

Figures placements_bare(Bench& bench);
Figures placements_planned(Bench& bench);
Figures planner_index(Bench& bench);
Figures planner_moves(Bench& bench);
Figures planner_moving(Bench& bench);
Figures planner_cut(Bench& bench);
Figures memory(Bench& bench);
Figures recovery(Bench& bench);
Figures durable(Bench& bench);
Figures start_idle(Bench& bench);
Figures start_cut(Bench& bench);
Figures api_single(Bench& bench);
Figures api_batch(Bench& bench);
Figures door(Bench& bench);
Figures top(Bench& bench);
Figures telemetry_kept(Bench& bench);
Figures telemetry_asked(Bench& bench);

/// What the figures were measured on.
struct Surroundings {
  std::string at;  ///< UTC
  std::string version;
  std::string build;   ///< preset's build type
  std::string commit;  ///< of the working tree the program lies in; empty: unknown
  std::string processor;
  std::uint32_t cpus = 0;  ///< this process may use
  std::uint64_t memory_mib = 0;
  std::string folder;      ///< whose disk was measured
  std::string disk;        ///< its file system
  double load_before = 0;  ///< load average over a minute
  double load_after = 0;
};
BOOST_DESCRIBE_STRUCT(Surroundings, (), (at, version, build, commit, processor, cpus, memory_mib, folder, disk, load_before, load_after))

Surroundings surroundings(std::string const& folder);
double load_average();

}  // namespace nav::bench
