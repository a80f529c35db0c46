// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/json.h"

namespace nav {

/// A machine of a cloud, from the wish for it to its end.
struct RentalTag {
  static constexpr std::string_view prefix = "rental-", what = "rented machine";
};
using RentalId = Id<RentalTag>;

/// A site whose machines are booted when a job wants them, and cost by the hour.
struct Cloud {
  std::string name;              ///< and the site of its nodes, and the template for one of its machines
  std::string machine;           ///< which kind, in the provider's words
  std::string family;            ///< of its GPUs: "v100"
  std::uint32_t gpus = 1;        ///< a machine
  std::uint32_t most = 0;        ///< machines at once
  Duration boot;                 ///< how long one usually takes to join
  Duration idle;                 ///< one on which nothing ran for so long is given back
  std::int64_t price_micro = 0;  ///< an hour of one machine
  bool open = true;              ///< false: no machine is booted any more, and idle ones go at once
  Time not_before;               ///< it failed to give a machine: not asked again until then
  std::string problem;           ///< what it said when it failed last; empty: it did not

  bool operator==(Cloud const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Cloud, (), (name, machine, family, gpus, most, boot, idle, price_micro, open, not_before, problem))

enum class RentalState {
  Booting,    ///< wanted; its node has not answered yet
  Ready,      ///< its node is in the pool
  Releasing,  ///< not wanted any more; the provider still has it
};
BOOST_DESCRIBE_ENUM(RentalState, Booting, Ready, Releasing)

struct Rental {
  RentalId id;
  std::string cloud;
  RentalState state = RentalState::Booting;
  JobId job;  ///< for which it was wanted
  std::int64_t price_micro = 0;
  Time wanted;
  Time since;       ///< of its present state
  Time idle_since;  ///< while Ready and nothing is seated there
  NodeId node;      ///< once it joined

  bool operator==(Rental const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Rental, (), (id, cloud, state, job, price_micro, wanted, since, idle_since, node))

/// By which its node joins: "v100-cloud-7". No machine is ever called so again.
inline std::string node_name(Rental const& rental) { return fmt::format("{}-{}", rental.cloud, rental.id.value); }

/// After this long without its node a machine counts as failed.
inline Duration most_boot_time(Cloud const& cloud) { return cloud.boot * 5 + minutes(1); }
/// A cloud that failed is left alone for this long.
inline constexpr Duration cloud_rest = minutes(1);

/// What should be at a cloud: whole, so that loss, doubling and restarts need no other defence. Goes to the provider's adapter.
struct CloudSpec {
  std::string cloud;
  std::string machine;
  std::vector<std::string> machines;  ///< by the names of their nodes

  bool operator==(CloudSpec const&) const = default;
};

enum class MachineState { Booting, Running, Failed };
BOOST_DESCRIBE_ENUM(MachineState, Booting, Running, Failed)

/// What is at a cloud: whole.
struct MachineStatus {
  std::string name;
  MachineState state = MachineState::Booting;
  std::string message;  ///< why it failed

  bool operator==(MachineStatus const&) const = default;
};
struct CloudStatus {
  std::string cloud;
  std::vector<MachineStatus> machines;

  bool operator==(CloudStatus const&) const = default;
};

}  // namespace nav
