// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace nav {

/// A kind of compute, as an administrator offers it.
enum class TemplateKind { Slice, Gpus, Cpu };
BOOST_DESCRIBE_ENUM(TemplateKind, Slice, Gpus, Cpu)

/// What jobs name in their compute lists: what it is, where it may be taken, who may take it, and on what terms.
struct Template {
  std::string name;
  TemplateKind kind = TemplateKind::Cpu;
  std::string profile;          ///< Slice: "1g.5gb", on any board that has it
  std::string family;           ///< Gpus: "a100", see family_of()
  std::uint32_t gpus = 0;       ///< Gpus: how many, of one node
  std::uint32_t cpu_milli = 0;  ///< a job's share unless it asks otherwise
  std::uint64_t memory_mib = 0;
  bool seeded = false;  ///< made by discovery, and not changed by a person since

  // Where: on these alone. Empty: anywhere.
  std::vector<std::string> nodes;  ///< names
  std::vector<std::string> sites;
  std::map<std::string, std::string> labels;  ///< that a node must have, all of them

  // Who: anybody whom one of the three names. All empty: everybody.
  std::vector<TeamId> teams;
  std::vector<ProjectId> projects;
  std::vector<UserId> users;

  std::int64_t price_micro = 0;                  ///< an hour, in millionths of the installation's currency
  Duration longest;                              ///< no attempt runs longer; zero: no limit
  std::optional<std::int32_t> priority_ceiling;  ///< jobs of a higher priority are not taken
  std::string description;

  bool is_for_everybody() const { return teams.empty() && projects.empty() && users.empty(); }
  bool operator==(Template const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Template, (),
                      (name, kind, profile, family, gpus, cpu_milli, memory_mib, seeded, nodes, sites, labels, teams, projects, users, price_micro, longest,
                       priority_ceiling, description))

}  // namespace nav
