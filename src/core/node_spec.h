// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

/// The document that travels from controller to agent: all that should be on a node. Whole, so that loss, doubling and reordering of
/// messages need no other defence.
namespace nav {

/// The number of this form of the two documents. A controller serves agents one behind.
inline constexpr std::uint32_t sync_protocol = 1;

/// Which of two specs is newer. The epoch rises with every start of a controller and when a backup is restored.
struct Generation {
  std::uint64_t epoch = 0;
  std::uint64_t sequence = 0;  ///< of the last event that changed the spec

  auto operator<=>(Generation const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Generation, (), (epoch, sequence))

/// What a GPU should be: cut in slices, or given whole.
enum class GpuMode { Whole, Mig };
BOOST_DESCRIBE_ENUM(GpuMode, Whole, Mig)

/// Who decides on a GPU's layout.
enum class GpuPolicy {
  Managed,  ///< OpenNav cuts and switches it on demand
  Fixed,    ///< the layout that is there is used and never changed
  Whole,    ///< never cut
};
BOOST_DESCRIBE_ENUM(GpuPolicy, Managed, Fixed, Whole)

/// Why a running attempt is being ended from outside.
enum class StopCause : std::uint8_t {
  None,
  Cancelled,
  ApplicationError,
  HardwareError,
  Drained,
  Climb,         ///< something better is free; agents are told Drained
  Preempted,     ///< others have a better right to its place; agents are told Drained
  Moved,         ///< another place was found for it and is kept; agents are told Drained
  StoppedEarly,  ///< a trial that is not worth going on with; agents are told Cancelled
  Gang,          ///< another member of its gang ended; agents are told Drained
  Idle,          ///< a service that nobody used for long enough; agents are told Cancelled
  Unhealthy,     ///< an endpoint that answers no more; agents are told Drained
};
BOOST_DESCRIBE_ENUM(StopCause, None, Cancelled, ApplicationError, HardwareError, Drained, Climb, Preempted, Moved, StoppedEarly, Gang, Idle, Unhealthy)

struct GpuSpec {
  std::string uuid;
  GpuMode mode = GpuMode::Whole;
  bool managed = true;              ///< false: leave mode and layout as they are
  std::vector<std::string> layout;  ///< placements that should exist, "1g.5gb@4", sorted

  bool operator==(GpuSpec const&) const = default;
};
BOOST_DESCRIBE_STRUCT(GpuSpec, (), (uuid, mode, managed, layout))

/// What a member of a gang knows of the others.
struct MemberSpec {
  std::uint32_t rank = 0;
  std::vector<std::string> hosts;  ///< by rank: names or addresses of the nodes they were placed on
  std::uint32_t port = 0;          ///< where rank 0 is met

  bool operator==(MemberSpec const&) const = default;
};
BOOST_DESCRIBE_STRUCT(MemberSpec, (), (rank, hosts, port))

struct AttemptSpec {
  AttemptId id;
  std::string body;               ///< digest of the JobRequest, fetched once
  std::vector<std::string> gpus;  ///< UUIDs of whole GPUs, or of the one GPU the slice is on; empty for a CPU job
  std::string placement;          ///< "1g.5gb@4", or empty
  std::uint32_t cpu_milli = 0;    ///< thousandths of a processor
  std::uint64_t memory_mib = 0;
  Duration time_limit;       ///< zero: none
  bool restartable = false;  ///< stops itself when its lease runs out
  StopCause stop = StopCause::None;
  std::optional<MemberSpec> member = {};  ///< of a gang; none: it is a job by itself

  bool operator==(AttemptSpec const&) const = default;
};
BOOST_DESCRIBE_STRUCT(AttemptSpec, (), (id, body, gpus, placement, cpu_milli, memory_mib, time_limit, restartable, stop, member))

struct NodeSpec {
  std::uint32_t protocol = sync_protocol;
  std::string installation;
  NodeId node;
  Generation generation;
  std::vector<GpuSpec> gpus;
  std::vector<AttemptSpec> attempts;  ///< sorted by id; what is not named must not run

  bool operator==(NodeSpec const&) const = default;
};
BOOST_DESCRIBE_STRUCT(NodeSpec, (), (protocol, installation, node, generation, gpus, attempts))

}  // namespace nav
