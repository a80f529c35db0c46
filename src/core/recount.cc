// SPDX-License-Identifier: Apache-2.0
#include "core/recount.h"

#include <map>

namespace nav {

namespace {

struct Count {
  Amount used, leaving;
  std::uint64_t running = 0;
  bool operator==(Count const&) const = default;
};

std::string text_of(Count const& count) {
  return fmt::format("{} slices, {} MiB ({} slices leaving) in {} attempts", count.used.slices, count.used.memory_mib, count.leaving.slices, count.running);
}

}  // namespace

std::string what_is_miscounted(Pool const& pool) {
  Accounts const& accounts = pool.accounts;
  std::map<std::uint64_t, Count> projects, teams, users;
  std::map<std::uint64_t, std::uint64_t> queued;
  Count all;
  std::string wrong;
  pool.jobs.each([&](Job const& job) {
    if (job.state == JobState::Queued) {
      ++queued[job.user.value];
      return;
    }
    if (!job.has_seat()) return;
    Node const& node = pool.nodes.at(job.seat.node.value);
    Amount const cost = cost_of(node, job.seat.gpus, job.seat.placement);
    if (cost != job.seat.cost) wrong = fmt::format("job {} counts {} slices and holds {}", to_text(job.id), job.seat.cost.slices, cost.slices);
    auto const add = [&](Count& count) {
      count.used += cost;
      if (job.seat.leaving) count.leaving += cost;
      ++count.running;
    };
    add(all);
    add(users[job.user.value]);
    add(projects[job.project.value]);
    Account const* account = accounts.project(job.project);
    for (std::uint64_t team = account ? account->parent : 0; team != 0; team = accounts.teams.at(team).parent) add(teams[team]);
  });
  auto const compare = [&](Account const& account, std::map<std::uint64_t, Count>& counted) {
    Count const is{account.used, account.leaving, account.running};
    auto const should = counted[account.number];
    if (!(is == should)) wrong = fmt::format("{} counts {} and has {}", accounts.title(account), text_of(is), text_of(should));
  };
  accounts.projects.each([&](Account const& account) { compare(account, projects); });
  accounts.teams.each([&](Account const& account) { compare(account, teams); });
  accounts.users.each([&](UserAccount const& user) {
    auto const& should = users[user.number];
    if (user.used != should.used || user.running != should.running || user.queued != queued[user.number])
      wrong = fmt::format("user {} counts {} slices, {} running, {} queued and has {}, {}, {}", user.number, user.used.slices, user.running, user.queued,
                          should.used.slices, should.running, queued[user.number]);
  });
  if (accounts.used != all.used) wrong = fmt::format("the pool counts {} slices in use and {} are", accounts.used.slices, all.used.slices);
  Amount capacity;
  pool.nodes.each([&](Node const& node) { capacity += capacity_of(node); });
  if (accounts.capacity != capacity) wrong = fmt::format("the pool counts {} slices and has {}", accounts.capacity.slices, capacity.slices);
  std::uint64_t held_back = 0;
  for (auto const* table : {&accounts.teams, &accounts.projects}) table->each([&](Account const& account) { held_back += account.held_back(); });
  if (accounts.held_back != held_back) wrong = fmt::format("the pool counts {} slices held back and {} are", accounts.held_back, held_back);
  return wrong;
}

}  // namespace nav
