// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"

/// Who held what from when to when. At every moment each GPU is divided into parts which add up to all of it, in memory slices and, as
/// a sum of its own, in compute slices; so over any stretch of time they do, to the microsecond.
namespace nav::telemetry {

enum class PartKind {
  Held,           ///< an attempt runs on it
  Reconfiguring,  ///< given to an attempt that does not run yet
  Idle,           ///< free: the most that could still be used at once beside what is held
  SetAside,       ///< kept from use, after errors, by hand or by a drain, or because its node does not answer
  Loss,           ///< what no placement reaches beside what is held: the eighth slice of seven times 1g
};
BOOST_DESCRIBE_ENUM(PartKind, Held, Reconfiguring, Idle, SetAside, Loss)

struct Part {
  PartKind kind = PartKind::Idle;
  AttemptId attempt;      ///< Held, Reconfiguring
  std::string placement;  ///< of a slice; empty: a whole GPU, or no slice at all
  std::uint32_t memory_slices = 0;
  std::uint32_t compute_slices = 0;
  std::uint32_t cpu_milli = 0;   ///< of the host; counted once an attempt
  std::uint64_t memory_mib = 0;  ///< of the GPU
  std::int64_t price_micro = 0;  ///< an hour, of this part of what the attempt holds; zero: not known
  std::uint64_t key = 0;         ///< whose and where, as the bookkeeper numbers it
  bool is_stranded = false;      ///< Idle: nothing that waits fits there

  bool operator==(Part const&) const = default;
};

/// A GPU as it is divided. A node's processors, which jobs without a GPU hold, count as one with no slices.
struct Division {
  std::uint32_t memory_slices = 0;  ///< all of them
  std::uint32_t compute_slices = 0;
  std::vector<Part> parts;

  bool operator==(Division const&) const = default;
};

/// Why the parts do not add up to the whole; empty: they do.
std::string fault_of(Division const& division);

/// A part from when to when.
struct Span {
  std::string gpu;
  std::uint32_t gpu_memory_slices = 0;  ///< of the whole GPU, so that a part of it can be told
  Part part;
  Time from, to;
};

/// The parts there are, each since when. Every change says what went by since the last.
class Ledger {
 public:
  /// The GPU is divided so from `at` on. Shares that go on unchanged go on; those that do not are closed. Answers what was closed.
  std::vector<Span> divide(std::string const& gpu, Division division, Time at);
  /// The GPU is not there any more.
  std::vector<Span> remove(std::string const& gpu, Time at);

  struct Open {
    Part part;
    Time since;
  };
  struct Gpu {
    Division division;
    std::vector<Open> open;
  };
  std::map<std::string, Gpu> const& gpus() const { return gpus_; }
  /// The part that is held at this place, if one is.
  Open const* holder(std::string const& gpu, std::string const& placement) const;

 private:
  std::map<std::string, Gpu> gpus_;
};

}  // namespace nav::telemetry
