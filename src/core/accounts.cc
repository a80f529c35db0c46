// SPDX-License-Identifier: Apache-2.0
#include "core/accounts.h"

#include <cmath>

#include "base/text.h"

namespace nav {

namespace {

constexpr int most_levels = 64;  // of teams; access refuses cycles, so this is never met

Account& entry(Table<Account, 4>& table, std::uint64_t number) {
  if (!table.find(number)) table.insert(number, {.number = number});
  return table.edit(number);
}

UserAccount& entry(Accounts& accounts, UserId id) {
  if (!accounts.users.find(id.value)) accounts.users.insert(id.value, {.number = id.value});
  return accounts.users.edit(id.value);
}

/// Calls with the account and all above it.
template <class Change>
void upwards(Accounts& accounts, Account& from, Change&& change) {
  change(from);
  std::uint64_t parent = from.parent;
  for (int level = 0; parent != 0 && accounts.teams.find(parent) && level < most_levels; ++level) {
    Account& team = accounts.teams.edit(parent);
    change(team);
    parent = team.parent;
  }
}

void settle(Account& account, Time now, Duration half_life) {
  account.spent = spent_at(account, now, half_life);
  account.as_of = std::max(account.as_of, now);
}

/// Changes an account, with what the pool holds back for it counted anew.
template <class Change>
void changing(Accounts& accounts, Account& account, Change&& change) {
  accounts.held_back -= account.held_back();
  change(account);
  accounts.held_back += account.held_back();
}

/// Who holds back depends on who stands above whom.
void recount_held_back(Accounts& accounts) {
  accounts.held_back = 0;
  auto const lends_less_above = [&](Account const& account) {
    std::uint64_t parent = account.parent;
    for (int level = 0; parent != 0 && level < most_levels; ++level) {
      Account const* team = accounts.teams.find(parent);
      if (!team) return false;
      if (team->quota.lend_slices) return true;
      parent = team->parent;
    }
    return false;
  };
  for (auto* table : {&accounts.teams, &accounts.projects}) {
    std::vector<std::uint64_t> changed;
    table->each([&](Account const& account) {
      if (account.holds_back != (account.quota.lend_slices && !lends_less_above(account))) changed.push_back(account.number);
    });
    for (auto number : changed) table->edit(number).holds_back = !table->edit(number).holds_back;
    table->each([&](Account const& account) { accounts.held_back += account.held_back(); });
  }
}

struct Moved {
  Amount used, leaving, claimed;
  std::uint64_t running = 0;
};

void place_account(Accounts& accounts, Account& account, std::string const& name, std::uint64_t parent, Quota const& quota, Time now) {
  account.name = name;
  account.quota = quota;
  if (account.parent != parent) {
    Moved const moved{account.used, account.leaving, account.claimed, account.running};
    bool first = true;
    upwards(accounts, account, [&](Account& one) {
      if (std::exchange(first, false)) return;
      settle(one, now, accounts.half_life);
      one.used -= moved.used, one.leaving -= moved.leaving, one.claimed -= moved.claimed, one.running -= moved.running;
    });
    account.parent = parent;
    first = true;
    upwards(accounts, account, [&](Account& one) {
      if (std::exchange(first, false)) return;
      settle(one, now, accounts.half_life);
      one.used += moved.used, one.leaving += moved.leaving, one.claimed += moved.claimed, one.running += moved.running;
    });
  }
  recount_held_back(accounts);
}

std::optional<std::uint64_t> ceiling(std::optional<std::uint64_t> nominal, std::optional<std::uint64_t> borrow) {
  if (!borrow) return std::nullopt;
  return nominal.value_or(0) + *borrow;
}

/// Memory has a nominal without a limit of borrowing too; only a limit refuses.
std::optional<LimitReached> limit_of(Account const& account, bool is_project, Amount used, Amount more) {
  auto const slices = ceiling(account.quota.slices, account.quota.borrow_slices);
  if (slices && used.slices + more.slices > *slices)
    return LimitReached{is_project ? Limit::ProjectSlices : Limit::TeamSlices, account.name, *slices, used.slices, more.slices};
  auto const memory = ceiling(account.quota.memory_mib, account.quota.borrow_memory_mib);
  if (memory && used.memory_mib + more.memory_mib > *memory)
    return LimitReached{is_project ? Limit::ProjectMemory : Limit::TeamMemory, account.name, *memory, used.memory_mib, more.memory_mib};
  return std::nullopt;
}

}  // namespace

double spent_at(Account const& account, Time now, Duration half_life) {
  double const passed = std::max(0.0, (now - account.as_of).seconds());
  if (account.spent == 0 && account.used.slices == 0) return 0;
  double const half = std::max(1.0, half_life.seconds());
  double const kept = std::exp2(-passed / half);
  return account.spent * kept + static_cast<double>(account.used.slices) * half / std::log(2.0) * (1 - kept);
}

std::vector<Account const*> Accounts::path(ProjectId id) const {
  std::vector<Account const*> path;
  Account const* account = project(id);
  for (int level = 0; account && level < most_levels; ++level) {
    path.push_back(account);
    account = account->parent ? teams.find(account->parent) : nullptr;
  }
  return path;
}

std::string Accounts::title(Account const& account) const {
  bool const is_project = projects.find(account.number) == &account;
  auto const name = account.name.empty() ? fmt::format("{}", account.number) : account.name;
  return fmt::format("{} {}", is_project ? "project" : "team", name);
}

std::string to_text(LimitReached const& reached) {
  auto const slices = [&](std::string_view who) {
    return fmt::format("{} {} may use {} slices at once: {} are in use and it asks for {}", who, reached.whose, reached.most, reached.used, reached.asked);
  };
  auto const memory = [&](std::string_view who) {
    return fmt::format("{} {} may use {} of GPU memory at once: {} is in use and it asks for {}", who, reached.whose, mib_text(reached.most),
                       mib_text(reached.used), mib_text(reached.asked));
  };
  switch (reached.limit) {
    case Limit::TeamSlices: return slices("team");
    case Limit::TeamMemory: return memory("team");
    case Limit::ProjectSlices: return slices("project");
    case Limit::ProjectMemory: return memory("project");
    case Limit::Lending:
      return fmt::format("what is idle is held back for its owners: {} of {} slices may be lent now and it asks for {}", without(reached.most, reached.used),
                         reached.most, reached.asked);
    case Limit::UserSlices: return slices("user");
    case Limit::UserRunning:
      if (reached.asked > 1)
        return fmt::format("user {} may run {} jobs at once: {} run and it is a gang of {}", reached.whose, reached.most, reached.used, reached.asked);
      return fmt::format("user {} may run {} at once, and that many run", reached.whose, reached.most == 1 ? "1 job" : fmt::format("{} jobs", reached.most));
  }
  return {};
}

std::optional<LimitReached> limit_reached(Accounts const& accounts, ProjectId project, UserId user, Amount more, std::uint32_t jobs) {
  if (UserAccount const* own = accounts.user(user)) {
    if (own->limits.running && own->running + jobs > *own->limits.running)
      return LimitReached{Limit::UserRunning, own->name, *own->limits.running, own->running, jobs};
    if (own->limits.slices && own->used.slices + more.slices > *own->limits.slices && more.slices > 0)
      return LimitReached{Limit::UserSlices, own->name, *own->limits.slices, own->used.slices, more.slices};
  }
  if (!more) return std::nullopt;
  std::uint64_t own_held_back = 0;
  Account const* outermost = nullptr;
  bool is_project = true;
  for (Account const* account : accounts.path(project)) {
    if (auto reached = limit_of(*account, is_project, account->used, more)) return reached;
    is_project = false;
    own_held_back += account->held_back();
    if (account->quota.slices) outermost = account;
  }
  // Who stays within what is their own borrows from nobody.
  std::uint64_t const held_back = accounts.held_back - own_held_back;
  if (held_back == 0 || (outermost && outermost->borrowed(more.slices) == 0)) return std::nullopt;
  std::uint64_t const lendable = without(accounts.capacity.slices, held_back);
  if (accounts.used.slices + more.slices <= lendable) return std::nullopt;
  return LimitReached{Limit::Lending, outermost ? outermost->name : "", lendable, accounts.used.slices, more.slices};
}

void occupy(Accounts& accounts, ProjectId project, UserId user, Amount amount, Time now) {
  upwards(accounts, entry(accounts.projects, project.value), [&](Account& one) {
    settle(one, now, accounts.half_life);
    changing(accounts, one, [&](Account& account) { account.used += amount; });
    ++one.running;
  });
  accounts.used += amount;
  UserAccount& own = entry(accounts, user);
  own.used += amount;
  ++own.running;
}

void vacate(Accounts& accounts, ProjectId project, UserId user, Amount amount, bool leaving, Time now) {
  upwards(accounts, entry(accounts.projects, project.value), [&](Account& one) {
    settle(one, now, accounts.half_life);
    changing(accounts, one, [&](Account& account) { account.used -= amount; });
    if (leaving) one.leaving -= amount;
    --one.running;
  });
  accounts.used -= amount;
  UserAccount& own = entry(accounts, user);
  own.used -= amount;
  --own.running;
}

void begin_leaving(Accounts& accounts, ProjectId project, Amount amount) {
  upwards(accounts, entry(accounts.projects, project.value), [&](Account& one) { one.leaving += amount; });
}

void note_run(Accounts& accounts, ProjectId project, Duration ran) {
  constexpr double weight_of_last = 0.1;
  Account& own = entry(accounts.projects, project.value);
  double const run = std::max(0.0, ran.seconds());
  own.typical_run_s = own.typical_run_s == 0 ? run : (1 - weight_of_last) * own.typical_run_s + weight_of_last * run;
}

void claim(Accounts& accounts, ProjectId project, Amount amount) {
  upwards(accounts, entry(accounts.projects, project.value), [&](Account& one) { one.claimed += amount; });
}

void drop_claim(Accounts& accounts, ProjectId project, Amount amount) {
  upwards(accounts, entry(accounts.projects, project.value), [&](Account& one) { one.claimed -= amount; });
}

void count_queued(Accounts& accounts, UserId user, std::int64_t more) { entry(accounts, user).queued += static_cast<std::uint64_t>(more); }

void set_team(Accounts& accounts, TeamId id, std::string const& name, TeamId parent, Quota const& quota, Time now) {
  if (parent) entry(accounts.teams, parent.value);  // it may be told of later
  place_account(accounts, entry(accounts.teams, id.value), name, parent.value, quota, now);
}

void set_project(Accounts& accounts, ProjectId id, std::string const& name, TeamId team, Quota const& quota, Time now) {
  if (team) entry(accounts.teams, team.value);
  place_account(accounts, entry(accounts.projects, id.value), name, team.value, quota, now);
}

/// What was spent so far was worth less by the half-life there was.
void set_half_life(Accounts& accounts, Duration half_life, Time now) {
  for (auto* table : {&accounts.teams, &accounts.projects}) {
    std::vector<std::uint64_t> numbers;
    table->each([&](Account const& account) { numbers.push_back(account.number); });
    for (auto number : numbers) settle(table->edit(number), now, accounts.half_life);
  }
  accounts.half_life = half_life;
}

void set_spent(Accounts& accounts, bool of_project, std::uint64_t number, double spent, Time as_of, double typical_run_s) {
  Account& account = entry(of_project ? accounts.projects : accounts.teams, number);
  account.spent = spent;
  account.as_of = as_of;
  account.typical_run_s = typical_run_s;
}

void set_user(Accounts& accounts, UserId id, std::string const& name, UserLimits const& limits) {
  UserAccount& own = entry(accounts, id);
  own.name = name;
  own.limits = limits;
}

}  // namespace nav
