// SPDX-License-Identifier: Apache-2.0
#include "sim/people.h"

#include <iterator>
#include <set>

#include "sim/world.h"

namespace nav::sim {

std::vector<AccessCommand> people(std::size_t gpus) {
  return {Found{"admin", "hash"},
          MakeTeam{"owners"},
          MakeTeam{"guests"},
          MakeProject{"own", TeamId{2}},
          MakeProject{"visit", TeamId{3}},
          ChangeTeam{.team = TeamId{2}, .quota = Quota{.slices = gpus * slices_of_an_uncut_gpu / 2}},
          ChangeTeam{.team = TeamId{1}, .quota = Quota{.slices = 7, .borrow_slices = 7}}};
}

ProjectId somebody(Random& random, JobRequest& request) {
  static constexpr std::int32_t priorities[] = {-1, 0, 1, 10};
  request.priority = priorities[random.below(std::size(priorities))];
  request.no_preempt = random.chance(0.2);
  return ProjectId{1 + random.below(3)};
}

std::uint64_t check_preempted(SimJournal& journal) {
  std::uint64_t preempted = 0;
  std::set<std::uint64_t> may_be_stopped;
  for (auto const& frame : journal.frames()) {
    if (frame.stream != "pool") continue;
    auto const event = json_read<PoolEvent>(frame.body);
    if (!event) continue;
    if (auto const* queued = std::get_if<JobsQueued>(&*event))
      for (std::uint32_t i = 0; queued->restartable && !queued->no_preempt && i < queued->count; ++i) may_be_stopped.insert(queued->first.value + i);
    auto const* stop = std::get_if<JobStopRequested>(&*event);
    if (!stop || stop->cause != StopCause::Preempted) continue;
    if (!may_be_stopped.contains(stop->attempt.job.value)) throw Broken{fmt::format("{} was preempted and must not be", to_text(stop->attempt))};
    ++preempted;
  }
  return preempted;
}

}  // namespace nav::sim
