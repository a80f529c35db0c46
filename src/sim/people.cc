// SPDX-License-Identifier: Apache-2.0
#include "sim/people.h"

#include <iterator>
#include <map>
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

std::string first_job(std::vector<Frame> const& frames) {
  for (auto const& frame : frames)
    if (auto event = json_read<PoolEvent>(frame.body); event && std::holds_alternative<JobsQueued>(*event)) return to_text(std::get<JobsQueued>(*event).first);
  return "0";
}

std::uint32_t gang_of(Random& random, JobRequest& request, ProjectId project) {
  static constexpr char const* templates[] = {"mig-1g.5gb", "mig-2g.10gb", "mig-3g.20gb", "cpu", "a100"};
  auto const count = 1 + static_cast<std::uint32_t>(random.below(2));
  request.members = 2 + static_cast<std::uint32_t>(random.below(3));
  request.on = {templates[random.below(project == ProjectId{1} || request.members > 2 ? 4 : 5)]};
  request.limits.clear();
  if (random.chance(0.3)) {
    request.on.insert(request.on.begin(), "mig-2g.10gb");
    request.limits = {{seconds(static_cast<std::int64_t>(1 + random.below(120))), {}}, {}};
  }
  request.climbs = false;
  request.on_out_of_memory = OnOutOfMemory::Fail;
  return count;
}

std::map<std::string, std::uint64_t> what_gangs_met(SimJournal& journal) {
  std::map<std::string, std::uint64_t> met;
  for (auto const& frame : journal.frames()) {
    if (frame.stream != "pool") continue;
    auto const event = json_read<PoolEvent>(frame.body);
    if (!event) continue;
    if (auto const* placed = std::get_if<JobPlaced>(&*event); placed && placed->port != 0) ++met["gang placed"];
    if (auto const* broken = std::get_if<GangBroken>(&*event)) ++met[broken->again ? "gang tried again" : "gang stopped"];
  }
  return met;
}

std::map<std::string, std::uint64_t> check_stopped_for_others(SimJournal& journal) {
  std::map<std::string, std::uint64_t> stopped;
  std::set<std::uint64_t> may_be_stopped;
  std::map<std::uint64_t, PriorityClass> classes;
  std::map<std::uint64_t, std::uint64_t> promised;  // by job, the number of the event
  for (auto const& frame : journal.frames()) {
    if (frame.stream != "pool") continue;
    auto const event = json_read<PoolEvent>(frame.body);
    if (!event) continue;
    if (auto const* queued = std::get_if<JobsQueued>(&*event))
      for (std::uint32_t i = 0; i < queued->count; ++i) {
        classes[queued->first.value + i] = class_of(queued->priority);
        if (queued->restartable && !queued->no_preempt) may_be_stopped.insert(queued->first.value + i);
      }
    if (auto const* claimed = std::get_if<PlaceClaimed>(&*event); claimed && claimed->by_moving) promised[claimed->job.value] = frame.stamp.sequence;
    auto const* stop = std::get_if<JobStopRequested>(&*event);
    if (!stop || (stop->cause != StopCause::Preempted && stop->cause != StopCause::Moved)) continue;
    auto const job = stop->attempt.job.value;
    if (!may_be_stopped.contains(job)) throw Broken{fmt::format("{} was stopped for another and must not be", to_text(stop->attempt))};
    if (stop->cause == StopCause::Preempted) {
      ++stopped["preempted"];
      continue;
    }
    ++stopped["moved"];
    if (stop->for_job && classes[job] > classes[stop->for_job.value])
      throw Broken{fmt::format("{} moved for job {} of a lower class", to_text(stop->attempt), to_text(stop->for_job))};
    if (promised[job] + 1 != frame.stamp.sequence) throw Broken{fmt::format("{} was told to move and nothing was promised to it", to_text(stop->attempt))};
  }
  return stopped;
}

}  // namespace nav::sim
