// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "api/doc.h"
#include "base/json.h"

/// Quotas of teams and projects, limits of users, and what is in use of them.
namespace nav::api {

struct Quota {
  std::optional<std::uint64_t> slices;
  std::optional<std::uint64_t> memory_mib;
  std::optional<std::uint64_t> borrow_slices;
  std::optional<std::uint64_t> borrow_memory_mib;
  std::optional<std::uint64_t> lend_slices;
  std::uint32_t weight = 1;
  std::optional<std::int32_t> priority_ceiling;

  static constexpr Doc docs[] = {
      {"", "What a team or a project may use, in compute slices and GPU memory: a whole A100 is 7 slices and its memory."},
      {"slices", "Its own: given to others only while idle, and given back. Absent: nothing is its own, and all it uses is borrowed.", "14"},
      {"memory_mib", "The same in GPU memory.", "81920"},
      {"borrow_slices", "At most so much beyond its own. Absent: whatever is idle; 0: none.", "7"},
      {"borrow_memory_mib", "The same in GPU memory.", "40960"},
      {"lend_slices", "At most so much of its own is lent while idle. Absent: all of it; 0: none.", "14"},
      {"weight", "Its part of the fair share among its neighbours in the tree.", "1", R"("minimum":1,"maximum":1000000)"},
      {"priority_ceiling", "Its jobs may ask for this priority at most.", "9"},
  };
};
BOOST_DESCRIBE_STRUCT(Quota, (), (slices, memory_mib, borrow_slices, borrow_memory_mib, lend_slices, weight, priority_ceiling))

struct UserLimits {
  std::optional<std::uint64_t> slices;
  std::optional<std::uint64_t> running;
  std::optional<std::uint64_t> queued;

  static constexpr Doc docs[] = {
      {"", "What a user may have at once, over all projects. What is absent is not limited."},
      {"slices", "Compute slices in use.", "14"},
      {"running", "Jobs that have a place.", "20"},
      {"queued", "Jobs that wait; a submission beyond is refused.", "1000"},
  };
};
BOOST_DESCRIBE_STRUCT(UserLimits, (), (slices, running, queued))

/// In requests: all that a team or project may use from now on.
struct SetQuota {
  std::optional<std::uint64_t> slices;
  std::optional<std::uint64_t> memory_mib;
  std::optional<std::uint64_t> borrow_slices;
  std::optional<std::uint64_t> borrow_memory_mib;
  std::optional<std::uint64_t> lend_slices;
  std::uint32_t weight = 1;
  std::optional<std::int32_t> priority_ceiling;

  static constexpr Doc docs[] = {
      {"", "What a team or a project may use, in compute slices and GPU memory: a whole A100 is 7 slices and its memory."},
      {"slices", "Its own: given to others only while idle, and given back. Absent: nothing is its own, and all it uses is borrowed.", "14"},
      {"memory_mib", "The same in GPU memory.", "81920"},
      {"borrow_slices", "At most so much beyond its own. Absent: whatever is idle; 0: none.", "7"},
      {"borrow_memory_mib", "The same in GPU memory.", "40960"},
      {"lend_slices", "At most so much of its own is lent while idle. Absent: all of it; 0: none.", "14"},
      {"weight", "Its part of the fair share among its neighbours in the tree.", "1", R"("minimum":1,"maximum":1000000)"},
      {"priority_ceiling", "Its jobs may ask for this priority at most.", "9"},
  };
};
BOOST_DESCRIBE_STRUCT(SetQuota, (), (slices, memory_mib, borrow_slices, borrow_memory_mib, lend_slices, weight, priority_ceiling))

/// In requests: all that a user may have at once from now on.
struct SetUserLimits {
  std::optional<std::uint64_t> slices;
  std::optional<std::uint64_t> running;
  std::optional<std::uint64_t> queued;

  static constexpr Doc docs[] = {
      {"", "What a user may have at once, over all projects. What is absent is not limited."},
      {"slices", "Compute slices in use.", "14"},
      {"running", "Jobs that have a place.", "20"},
      {"queued", "Jobs that wait; a submission beyond is refused.", "1000"},
  };
};
BOOST_DESCRIBE_STRUCT(SetUserLimits, (), (slices, running, queued))

enum class AccountKind { Team, Project };
BOOST_DESCRIBE_ENUM(AccountKind, Team, Project)

struct AccountUse {
  AccountKind kind = AccountKind::Team;
  std::string name;
  std::string parent;
  std::optional<Quota> quota;
  std::uint64_t slices = 0;
  std::uint64_t memory_mib = 0;
  std::uint64_t borrowed_slices = 0;
  std::uint64_t lent_slices = 0;
  std::uint64_t leaving_slices = 0;
  std::uint64_t running = 0;
  double spent = 0;
  double share = 0;

  static constexpr Doc docs[] = {
      {"", "What a team or a project has in use, with all below it."},
      {"kind", "Which of the two.", R"("team")"},
      {"name", "Its name.", R"("research")"},
      {"parent", "The team it is part of; empty: it stands at the top.", R"("")"},
      {"quota", "Absent: it has none."},
      {"slices", "Compute slices in use.", "10"},
      {"memory_mib", "GPU memory in use.", "48896"},
      {"borrowed_slices", "In use beyond its own.", "3"},
      {"lent_slices", "Of its own, idle here and in use by others; an estimate, for slices carry no owner's name.", "0"},
      {"leaving_slices", "In use by attempts that were told to make room.", "0"},
      {"running", "Attempts that have a place.", "4"},
      {"spent", "Slice-hours used, each worth half after every half-life: what the fair share goes by.", "118.5"},
      {"share", "Its part of what it and its neighbours have spent, from 0 to 1.", "0.25"},
  };
};
BOOST_DESCRIBE_STRUCT(AccountUse, (), (kind, name, parent, quota, slices, memory_mib, borrowed_slices, lent_slices, leaving_slices, running, spent, share))

struct UserUse {
  std::string name;
  std::optional<UserLimits> limits;
  std::uint64_t slices = 0;
  std::uint64_t memory_mib = 0;
  std::uint64_t running = 0;
  std::uint64_t queued = 0;

  static constexpr Doc docs[] = {
      {"", "What a user has in use, over all projects."},
      {"name", "Whose.", R"("ada")"},
      {"limits", "Absent: there are none."},
      {"slices", "Compute slices in use.", "3"},
      {"memory_mib", "GPU memory in use.", "19968"},
      {"running", "Jobs that have a place.", "1"},
      {"queued", "Jobs that wait.", "12"},
  };
};
BOOST_DESCRIBE_STRUCT(UserUse, (), (name, limits, slices, memory_mib, running, queued))

/// PUT /v1/usage/half-life
struct SetHalfLife {
  Duration half_life;

  static constexpr std::array required{"half_life"};
  static constexpr Doc docs[] = {
      {"", "How quickly what was spent is forgotten."},
      {"half_life", "After this long it counts half: one minute to 365 days.", "86400000000", R"("minimum":60000000,"maximum":31536000000000)"},
  };
};
BOOST_DESCRIBE_STRUCT(SetHalfLife, (), (half_life))

/// GET /v1/usage
struct Usage {
  Time at;
  Duration half_life;
  std::uint64_t capacity_slices = 0;
  std::uint64_t capacity_memory_mib = 0;
  std::uint64_t slices = 0;
  std::uint64_t memory_mib = 0;
  std::vector<AccountUse> accounts;
  std::vector<UserUse> users;

  static constexpr Doc docs[] = {
      {"", "Who uses how much of the pool."},
      {"at", "When it was so."},
      {"half_life", "After this long what was spent counts half.", "86400000000"},
      {"capacity_slices", "Compute slices of all GPUs on nodes that are not lost.", "168"},
      {"capacity_memory_mib", "Their memory.", "983040"},
      {"slices", "Compute slices in use.", "120"},
      {"memory_mib", "GPU memory in use.", "680000"},
      {"accounts", "The tree, each team before what is below it. Teams all, projects only yours unless you are an operator."},
      {"users", "Yourself; an operator sees all who use something or have limits."},
  };
};
BOOST_DESCRIBE_STRUCT(Usage, (), (at, half_life, capacity_slices, capacity_memory_mib, slices, memory_mib, accounts, users))

}  // namespace nav::api
