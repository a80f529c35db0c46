// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "core/cow.h"
#include "core/quota.h"

/// Who uses how much of the pool: the tree of teams and projects as the pool needs it, with what each has in use, counted as events are
/// applied. The tree itself and its quotas are facts of the other stream (core/access.h); the pool learns of them.
namespace nav {

/// One team or project.
struct Account {
  std::uint64_t number = 0;
  std::string name;
  std::uint64_t parent = 0;  ///< the team above it; 0: none
  Quota quota;
  Amount used;                ///< held by attempts, its own and those of all below it
  Amount leaving;             ///< of that: by attempts that were told to make room
  Amount claimed;             ///< by waiting jobs for which others were told to make room
  std::uint64_t running = 0;  ///< attempts
  double spent = 0;           ///< slice-seconds as of `as_of`, each worth half after every half-life
  Time as_of;
  double typical_run_s = 0;  ///< how long its attempts run, the last ones weighing most; 0: none has ended
  bool holds_back = false;   ///< it lends less than everything, and no team above it says so already

  /// Beyond what is its own, `more` included.
  std::uint64_t borrowed(std::uint64_t more = 0) const { return without(used.slices + more, quota.slices.value_or(0)); }
  /// Slices nobody else gets although they are idle.
  std::uint64_t held_back() const { return holds_back ? without(without(quota.slices.value_or(0), quota.lend_slices.value_or(0)), used.slices) : 0; }
};

struct UserAccount {
  std::uint64_t number = 0;
  std::string name;
  UserLimits limits;
  Amount used;
  std::uint64_t running = 0;
  std::uint64_t queued = 0;
};

struct Accounts {
  Table<Account, 4> teams;
  Table<Account, 4> projects;
  Table<UserAccount, 4> users;
  Amount capacity;              ///< of all nodes that are not lost
  Amount used;                  ///< by everybody
  std::uint64_t held_back = 0;  ///< slices, see Account::held_back()
  Duration half_life = hours(24);

  Account const* team(TeamId id) const { return teams.find(id.value); }
  Account const* project(ProjectId id) const { return projects.find(id.value); }
  UserAccount const* user(UserId id) const { return users.find(id.value); }
  /// The project, its team, the team above that, and so on: those that are known.
  std::vector<Account const*> path(ProjectId project) const;
  /// "project vision" or "team research"
  std::string title(Account const& account) const;
};

/// What has been spent by now, with what is in use counted up to now.
double spent_at(Account const& account, Time now, Duration half_life);

/// What would have to be more for another use to be allowed.
enum class Limit {
  TeamSlices,
  TeamMemory,
  ProjectSlices,
  ProjectMemory,
  Lending,  ///< what is idle is held back by its owners
  UserSlices,
  UserRunning,
};
BOOST_DESCRIBE_ENUM(Limit, TeamSlices, TeamMemory, ProjectSlices, ProjectMemory, Lending, UserSlices, UserRunning)

/// A limit that stands in the way, with its numbers.
struct LimitReached {
  Limit limit = Limit::TeamSlices;
  std::string whose;        ///< name of the team, project or user
  std::uint64_t most = 0;   ///< what it may have in use
  std::uint64_t used = 0;   ///< what it has
  std::uint64_t asked = 0;  ///< what was to be added
};
BOOST_DESCRIBE_STRUCT(LimitReached, (), (limit, whose, most, used, asked))
std::string to_text(LimitReached const& reached);

/// The first limit that `more`, for so many jobs of this project and user together, runs into; nothing: it is allowed.
std::optional<LimitReached> limit_reached(Accounts const& accounts, ProjectId project, UserId user, Amount more, std::uint32_t jobs = 1);

// ---- for apply() alone

void occupy(Accounts& accounts, ProjectId project, UserId user, Amount amount, Time now);
void vacate(Accounts& accounts, ProjectId project, UserId user, Amount amount, bool leaving, Time now);
void begin_leaving(Accounts& accounts, ProjectId project, Amount amount);
/// An attempt of the project has run so long.
void note_run(Accounts& accounts, ProjectId project, Duration ran);
void claim(Accounts& accounts, ProjectId project, Amount amount);
void drop_claim(Accounts& accounts, ProjectId project, Amount amount);
void count_queued(Accounts& accounts, UserId user, std::int64_t more);
/// The tree or its quotas changed: an account gets its place, its name and its quota; what is in use moves with it.
void set_team(Accounts& accounts, TeamId id, std::string const& name, TeamId parent, Quota const& quota, Time now);
void set_project(Accounts& accounts, ProjectId id, std::string const& name, TeamId team, Quota const& quota, Time now);
void set_half_life(Accounts& accounts, Duration half_life, Time now);
/// As it was when an image was made.
void set_spent(Accounts& accounts, bool of_project, std::uint64_t number, double spent, Time as_of, double typical_run_s);
void set_user(Accounts& accounts, UserId id, std::string const& name, UserLimits const& limits);

}  // namespace nav
