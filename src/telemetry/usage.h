// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "telemetry/rollup.h"

/// Use by who, what and where, in stretches of time: what reports and grouped queries read, made as things happen so that a month is
/// not added up anew for every question.
namespace nav::telemetry {

/// By what use can be grouped. Names as they were when it happened; empty: nobody's.
struct Dimensions {
  std::string project;
  std::string user;
  std::string team;
  std::string on;       ///< the template
  std::string profile;  ///< "1g.5gb", or "whole"
  std::string node;
  std::string site;

  auto operator<=>(Dimensions const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Dimensions, (), (project, user, team, on, profile, node, site))

/// What is added up. Numbers are written into telemetry.db: new ones at the end.
enum class Measure : std::uint8_t {
  Held,                  ///< memory slices times seconds
  HeldCompute,           ///< compute slices times seconds
  HeldGpus,              ///< GPUs times seconds; a slice is its share of a GPU's memory slices
  HeldMemory,            ///< MiB of GPU memory times seconds
  HeldProcessors,        ///< processors of the host times seconds
  Cost,                  ///< micro-units of money; the weight is what of HeldGpus (or processors) has a price
  Unpriced,              ///< GPUs times seconds held on templates without a price
  Idle,                  ///< memory slices times seconds, and so on
  Reconfiguring,         ///< given to an attempt that does not run yet: being cut, fetched, started
  SetAside,              ///< kept from use: after errors, by hand, drained, unreachable
  Loss,                  ///< free, and nothing that the board offers fits there beside what is held
  Stranded,              ///< a part of idle: nothing that waits fits there
  Capacity,              ///< all of them
  IdleCompute,           ///< the same in compute slices
  ReconfiguringCompute,  ///< the same
  SetAsideCompute,       ///< the same
  LossCompute,           ///< the same
  CapacityCompute,       ///< the same
  Waiting,               ///< jobs times seconds in the queue
  WaitingSlices,         ///< memory slices they ask for first, times seconds
  Waited,                ///< seconds, of jobs when they got their place; the weight is how many
  Activity,              ///< share times memory slices times seconds measured; the weight is the slices times seconds
  MemoryUsed,            ///< MiB times seconds measured; the weight is the seconds
  ProcessorsUsed,        ///< processors times seconds measured; the weight is the seconds
};
BOOST_DESCRIBE_ENUM(Measure, Held, HeldCompute, HeldGpus, HeldMemory, HeldProcessors, Cost, Unpriced, Idle, Reconfiguring, SetAside, Loss, Stranded, Capacity,
                    IdleCompute, ReconfiguringCompute, SetAsideCompute, LossCompute, CapacityCompute, Waiting, WaitingSlices, Waited, Activity, MemoryUsed,
                    ProcessorsUsed)

struct Cell {
  double sum = 0;
  double weight = 0;
  double max = 0;

  bool operator==(Cell const&) const = default;
  void add(Cell const& other);
};
using Cells = std::map<Measure, Cell>;

void add(Cells& into, Cells const& other);
std::string encode(Cells const& cells);
Result<Cells> decode_cells(std::string_view bytes);

/// Stretches by which use is kept, finest first.
struct Grain {
  Duration width;
  Duration keep;
};
inline constexpr Grain grains[] = {{minutes(1), days(1)}, {minutes(10), days(45)}, {hours(1), days(3 * 365)}};

/// What has been added up and is not in the store yet: for each grain, by start and key.
class UsageSums {
 public:
  struct At {
    std::uint8_t grain;
    Time start;
    std::uint64_t key;
    auto operator<=>(At const&) const = default;
  };
  /// One amount at one moment.
  void add(Time at, std::uint64_t key, Measure measure, Cell const& cell);
  /// `per_second` of it from `from` to `to`, split where stretches begin. `weight_per_second` likewise.
  void accrue(Time from, Time to, std::uint64_t key, Measure measure, double per_second, double weight_per_second = 0);

  std::map<At, Cells> const& all() const { return sums_; }
  std::map<At, Cells> take() { return std::exchange(sums_, {}); }

 private:
  std::map<At, Cells> sums_;
};

}  // namespace nav::telemetry
