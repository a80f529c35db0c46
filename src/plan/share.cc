// SPDX-License-Identifier: Apache-2.0
#include "plan/share.h"

#include <tuple>

namespace nav::plan {

namespace {

/// What is held counts as if it were held so much longer: without it a whole round would go to whoever spent least before it.
constexpr double counted_ahead_s = 600;

/// A class within its project.
struct ClassRank {
  std::int32_t priority = 0;
  JobId job;
  std::uint64_t queue = 0;

  bool operator<(ClassRank const& other) const {
    if (priority != other.priority) return priority > other.priority;
    return std::tie(job, queue) < std::tie(other.job, other.queue);
  }
};

}  // namespace

double share_of(Account const& account, Time now, Duration half_life) {
  double const ahead = static_cast<double>(account.used.slices + account.claimed.slices) * counted_ahead_s;
  return (spent_at(account, now, half_life) + ahead) / account.quota.weight;
}

/// How a branch stands among its neighbours.
struct ShareOrder::Rank {
  PriorityClass priority = PriorityClass::Normal;
  bool borrows = false;
  double share = 0;
  std::int32_t number = 0;
  JobId job;
  Branch* branch = nullptr;

  bool operator<(Rank const& other) const {
    if (priority != other.priority) return priority > other.priority;
    if (borrows != other.borrows) return other.borrows;
    if (share != other.share) return share < other.share;
    if (number != other.number) return number > other.number;
    return job < other.job;
  }
};

struct ShareOrder::Branch {
  Branch* parent = nullptr;
  bool is_project = false;
  std::uint64_t number = 0;
  std::set<Rank> branches;      ///< of a team: those below it in which somebody waits
  std::set<ClassRank> classes;  ///< of a project
  std::optional<Rank> rank;     ///< as it stands in its parent's set

  ClassRank const* foremost() const {
    if (!classes.empty()) return &*classes.begin();
    return branches.empty() ? nullptr : branches.begin()->branch->foremost();
  }
};

ShareOrder::ShareOrder(Pool const& pool) : pool_(pool), root_(std::make_unique<Branch>()) {
  std::set<Branch*> waiting;
  pool.queues.each([&](ClassQueue const& queue) {
    if (!queue.head) return;
    Branch* project = branch_of_project(queue.request.project);
    project->classes.insert({queue.request.priority, queue.head, queue.number});
    of_queue_[queue.number] = project;
    waiting.insert(project);
    JobId& oldest = oldest_[class_of(queue.request.priority)];
    if (!oldest || queue.head < oldest) oldest = queue.head;
  });
  for (Branch* project : waiting) rank_again(project);
}

ShareOrder::~ShareOrder() = default;

ShareOrder::Branch* ShareOrder::branch_of_team(std::uint64_t number) {
  if (number == 0) return root_.get();
  auto& branch = teams_[number];
  if (!branch) {
    branch = std::make_unique<Branch>();
    branch->number = number;
    Account const* account = pool_.accounts.teams.find(number);
    branch->parent = branch_of_team(account ? account->parent : 0);
  }
  return branch.get();
}

ShareOrder::Branch* ShareOrder::branch_of_project(ProjectId id) {
  auto& branch = projects_[id.value];
  if (!branch) {
    branch = std::make_unique<Branch>();
    branch->is_project = true;
    branch->number = id.value;
    Account const* account = pool_.accounts.project(id);
    branch->parent = branch_of_team(account ? account->parent : 0);
  }
  return branch.get();
}

ShareOrder::Rank ShareOrder::rank_of(Branch const& branch) const {
  ClassRank const* foremost = branch.foremost();
  Rank rank{.priority = class_of(foremost->priority), .number = foremost->priority, .job = foremost->job, .branch = const_cast<Branch*>(&branch)};
  Account const* account = branch.is_project ? pool_.accounts.projects.find(branch.number) : pool_.accounts.teams.find(branch.number);
  if (!account) return rank;
  rank.borrows = account->used.slices + account->claimed.slices >= account->quota.slices.value_or(0);
  rank.share = share_of(*account, pool_.now, pool_.accounts.half_life);
  return rank;
}

/// What it has, or who is foremost in it, is another: so is its rank, and that of all above it.
void ShareOrder::rank_again(Branch* branch) {
  for (; branch->parent != nullptr; branch = branch->parent) {
    if (branch->rank) branch->parent->branches.erase(*branch->rank);
    branch->rank.reset();
    if (!branch->foremost()) continue;
    branch->rank = rank_of(*branch);
    branch->parent->branches.insert(*branch->rank);
  }
}

std::optional<Turn> ShareOrder::next() const {
  ClassRank const* foremost = root_->foremost();
  if (!foremost) return std::nullopt;
  return Turn{foremost->queue, foremost->job, class_of(foremost->priority)};
}

void ShareOrder::drop(std::uint64_t queue) {
  Branch* project = of_queue_.at(queue);
  ensure(project->classes.begin()->queue == queue, "only the foremost class goes");
  project->classes.erase(project->classes.begin());
  rank_again(project);
}

void ShareOrder::placed(std::uint64_t number) {
  Branch* project = of_queue_.at(number);
  // It was its project's foremost, whatever its job was.
  auto const rank = *project->classes.begin();
  ensure(rank.queue == number, "only the foremost class goes");
  project->classes.erase(project->classes.begin());
  if (auto const* queue = pool_.queues.find(number); queue && queue->head) project->classes.insert({rank.priority, queue->head, number});
  rank_again(project);
}

JobId ShareOrder::oldest(PriorityClass priority) const {
  auto const it = oldest_.find(priority);
  return it == oldest_.end() ? JobId{} : it->second;
}

}  // namespace nav::plan
