// SPDX-License-Identifier: Apache-2.0
#include "replay/journal.h"

#include <algorithm>

#include "core/pool.h"

namespace nav::replay {
namespace {

/// So much of its board that the profile itself is the smallest to cover it: the less of its compute and its memory.
std::uint32_t share_of(mig::Profile const& profile, mig::Board const& board) {
  if (profile.compute_slices >= board.compute_slices) return 1000;
  return std::min(profile.compute_slices * 1000 / board.compute_slices, profile.memory_slices * 1000 / board.memory_slices);
}

std::string name_of(Inventory const& node) {
  return node.gpus.empty() ? std::string("cpu") : fmt::format("{}x{}", family_of(node.gpus[0].model), node.gpus.size());
}

/// Alike in all that placing looks at.
bool are_alike(Inventory const& a, Inventory const& b) {
  return a.cpus == b.cpus && a.memory_mib == b.memory_mib && a.boards == b.boards &&
         std::equal(a.gpus.begin(), a.gpus.end(), b.gpus.begin(), b.gpus.end(),
                    [](GpuInventory const& x, GpuInventory const& y) { return x.model == y.model && x.mig_capable == y.mig_capable; });
}

}  // namespace

void JournalTrace::add(PoolEvent const& event, Stamp const& stamp) {
  if (auto const* queued = std::get_if<JobsQueued>(&event)) {
    asked_[queued->first] = {*queued, stamp.at};
  } else if (auto const* ended = std::get_if<AttemptEnded>(&event)) {
    if (ended->started) ran_[ended->attempt.job].last = std::max(Duration{}, ended->ended - ended->started);
  } else if (auto const* over = std::get_if<JobEnded>(&event)) {
    if (auto const it = ran_.find(over->job); it != ran_.end()) it->second.over = true;
  } else if (auto const* there = std::get_if<NodeInventoried>(&event)) {
    nodes_[there->node] = there->inventory;
    for (auto const& board : there->inventory.boards)
      for (auto const& profile : board.profiles) share_of_profile_.try_emplace(profile.name, share_of(profile, board));
  } else if (auto const* lost = std::get_if<NodeLost>(&event)) {
    nodes_.erase(lost->node);
  } else if (auto const* made = std::get_if<TemplateSet>(&event)) {
    templates_[made->what.name] = made->what;
  }
}

void JournalTrace::add(AccessEvent const& event) {
  if (auto const* project = std::get_if<ProjectSet>(&event)) projects_[project->project.id] = project->project.name;
  if (auto const* user = std::get_if<UserSet>(&event)) users_[user->user.id] = user->user.name;
}

bool JournalTrace::read_template(Asked const& asked, TraceJob& job) const {
  auto const it = asked.what.on.empty() ? templates_.end() : templates_.find(asked.what.on.front());
  if (it == templates_.end()) return false;
  Template const& t = it->second;
  job.gpus = t.kind == TemplateKind::Gpus ? t.gpus : t.kind == TemplateKind::Slice ? 1 : 0;
  if (t.kind == TemplateKind::Slice) {
    auto const share = share_of_profile_.find(t.profile);
    if (share == share_of_profile_.end()) return false;
    job.share_milli = share->second;
  }
  // Beside GPUs a share is the pool's own, unless the job asked for its own measure.
  job.cpu_milli = asked.what.cpu_milli != 0 || job.gpus > 0 ? asked.what.cpu_milli : t.cpu_milli;
  job.memory_mib = asked.what.memory_mib;
  return true;
}

Result<Trace> JournalTrace::trace() const {
  Trace trace;
  trace.format = TraceFormat::Journal;
  std::map<std::string, std::uint32_t> teams, users;
  auto const number = [](std::map<std::string, std::uint32_t>& known, std::vector<std::string>& names, std::string name) {
    auto const [it, fresh] = known.try_emplace(name, static_cast<std::uint32_t>(names.size()));
    if (fresh) names.push_back(std::move(name));
    return it->second;
  };
  for (auto const& [first, asked] : asked_) {
    TraceJob job{.submitted = asked.at, .ran = {}};
    bool const is_known = read_template(asked, job);
    auto const project = projects_.find(asked.what.project);
    auto const user = users_.find(asked.what.user);
    job.team = number(teams, trace.teams, project == projects_.end() ? to_text(asked.what.project) : project->second);
    job.user = number(users, trace.users, user == users_.end() ? to_text(asked.what.user) : user->second);
    for (std::uint32_t i = 0; i < asked.what.count; ++i) {
      ++trace.lines;
      JobId const id{first.value + i};
      auto const ran = ran_.find(id);
      if (!is_known) {
        ++trace.left_out["name a template that nobody here knows any more"];
      } else if (ran == ran_.end() || !ran->second.over) {
        ++trace.left_out["have not run to an end"];
      } else {
        job.line = id.value;
        job.ran = ran->second.last;
        trace.jobs.push_back(job);
      }
    }
  }
  if (trace.jobs.empty()) return fail_field("journal", "one in which jobs have run", "no job of this journal has run to an end");
  sort_by_submission(trace);
  return trace;
}

PoolPlan JournalTrace::pool() const {
  PoolPlan pool;
  for (auto const& [id, inventory] : nodes_) {
    auto const alike = std::find_if(pool.begin(), pool.end(), [&seen = inventory](NodeKind const& kind) { return are_alike(kind.inventory, seen); });
    if (alike != pool.end()) {
      ++alike->count;
      continue;
    }
    NodeKind kind{.name = name_of(inventory), .inventory = inventory};
    auto const namesakes = std::count_if(pool.begin(), pool.end(), [&](NodeKind const& other) { return other.name.starts_with(kind.name); });
    if (namesakes > 0) kind.name += fmt::format("-{}", namesakes + 1);
    pool.push_back(std::move(kind));
  }
  return pool;
}

}  // namespace nav::replay
