// SPDX-License-Identifier: Apache-2.0
#include <functional>

#include "api/quota.h"
#include "http/handlers.h"
#include "http/shown.h"

namespace nav::http {
namespace {

constexpr double slice_hour = 3600;

/// The tree from the top, each team before what is below it, teams before projects and by number.
class Tree {
 public:
  Tree(Snapshot const& snapshot, Caller const& caller) : snapshot_(snapshot), caller_(caller), accounts_(snapshot.pool.accounts) {}

  std::vector<api::AccountUse> shown_tree() {
    add_below(TeamId{}, "");
    return std::move(out_);
  }

 private:
  void add_below(TeamId above, std::string const& name) {
    Access const& access = *snapshot_.access;
    std::vector<Account const*> siblings;
    for (auto const& [id, team] : access.teams)
      if (team.parent == above) siblings.push_back(accounts_.team(id));
    for (auto const& [id, project] : access.projects)
      if (project.team == above) siblings.push_back(accounts_.project(id));
    double spent = 0;
    for (auto const* one : siblings)
      if (one != nullptr) spent += spent_at(*one, snapshot_.at, accounts_.half_life);
    for (auto const& [id, team] : access.teams) {
      if (team.parent != above) continue;
      add(api::AccountKind::Team, accounts_.team(id), name, spent);
      add_below(id, team.name);
    }
    for (auto const& [id, project] : access.projects)
      if (project.team == above && caller_.sees(id)) add(api::AccountKind::Project, accounts_.project(id), name, spent);
  }

  void add(api::AccountKind kind, Account const* account, std::string const& parent, double spent_by_all) {
    if (account == nullptr) return;
    double const spent = spent_at(*account, snapshot_.at, accounts_.half_life);
    std::uint64_t const idle = without(account->quota.slices.value_or(0), account->used.slices);
    std::uint64_t const free = without(accounts_.capacity.slices, accounts_.used.slices);
    out_.push_back({.kind = kind,
                    .name = account->name,
                    .parent = parent,
                    .quota = shown(account->quota),
                    .slices = account->used.slices,
                    .memory_mib = account->used.memory_mib,
                    .borrowed_slices = account->borrowed(),
                    .lent_slices = without(idle, free),
                    .leaving_slices = account->leaving.slices,
                    .running = account->running,
                    .spent = spent / slice_hour,
                    .share = spent_by_all > 0 ? spent / spent_by_all : 0});
  }

  Snapshot const& snapshot_;
  Caller const& caller_;
  Accounts const& accounts_;
  std::vector<api::AccountUse> out_;
};

api::Usage usage_of(Snapshot const& snapshot, Caller const& caller) {
  Accounts const& accounts = snapshot.pool.accounts;
  api::Usage usage{.at = snapshot.at,
                   .half_life = accounts.half_life,
                   .capacity_slices = accounts.capacity.slices,
                   .capacity_memory_mib = accounts.capacity.memory_mib,
                   .slices = accounts.used.slices,
                   .memory_mib = accounts.used.memory_mib,
                   .accounts = Tree(snapshot, caller).shown_tree(),
                   .users = {}};
  accounts.users.each([&](UserAccount const& user) {
    bool const own = caller.user.value == user.number;
    bool const of_interest = user.running != 0 || user.queued != 0 || !(user.limits == UserLimits{});
    if (!own && !(caller.sees_all() && of_interest)) return;
    usage.users.push_back({.name = user.name,
                           .limits = shown(user.limits),
                           .slices = user.used.slices,
                           .memory_mib = user.used.memory_mib,
                           .running = user.running,
                           .queued = user.queued});
  });
  return usage;
}

}  // namespace

Result<void> get_usage(Api&, CallPtr const& call) {
  answer(*call, usage_of(*call->snapshot, call->caller));
  return {};
}

Result<void> set_half_life(Api& api, CallPtr const& call) {
  TRY(auto wanted, body_of<api::SetHalfLife>(*call));
  return ask_then_on_worker(api, call, {.command = PoolCommand{SetHalfLife{wanted.half_life}}}, [](Call& asked, Accepted const& accepted) -> Result<void> {
    answer(asked, usage_of(*accepted.snapshot, asked.caller));
    return {};
  });
}

}  // namespace nav::http
