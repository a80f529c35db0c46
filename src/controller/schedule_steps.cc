// SPDX-License-Identifier: Apache-2.0
// How schedules of flows start runs: the part of class Controller that looks at their times.
#include <algorithm>

#include "controller/step.h"

namespace nav {

namespace {

/// Whoever made a schedule may have left since.
std::string why_not_allowed(Access const& access, FlowSchedule const& schedule) {
  auto const user = access.users.find(schedule.user);
  if (user == access.users.end()) return "nobody made it";
  if (user->second.disabled) return fmt::format("{}, who made it, is disabled", user->second.name);
  if (!includes(user->second.role, Role::Member)) return fmt::format("{}, who made it, may only look now", user->second.name);
  if (includes(user->second.role, Role::Operator) || access.is_member(schedule.project, schedule.user)) return {};
  return fmt::format("{}, who made it, is no member of {} any more", user->second.name, schedule.project_name);
}

}  // namespace

std::shared_ptr<TimeZone const> Controller::zone_of(FlowSchedule const& schedule) const {
  auto zone = or_utc(options_.time_zones).find(schedule.time_zone);
  return zone ? *zone : nullptr;
}

/// When it is due is worked out from what is settled, whenever that changes and after every start: the journal knows no other next time.
void Controller::note_schedule(FlowScheduleId id) {
  schedules_due_.erase(id);
  if (FlowSchedule const* schedule = state_.flows->schedule(id); schedule && !schedule->paused)
    if (auto const zone = zone_of(*schedule))
      if (auto const next = next_time(*schedule, *zone)) schedules_due_[id] = *next;
}

void Controller::note_all_schedules() {
  schedules_due_.clear();
  for (auto const& [id, schedule] : state_.flows->schedules) note_schedule(id);
}

std::optional<Time> Controller::next_scheduled() const {
  if (schedules_due_.empty()) return std::nullopt;
  auto const first = std::min_element(schedules_due_.begin(), schedules_due_.end(), [](auto const& a, auto const& b) { return a.second < b.second; });
  return std::max(first->second, schedules_rest_until_);
}

/// All times that have come. The fact that starts a run is the one that settles its time, so no time is run twice whatever dies in between.
void Controller::start_scheduled(Step& step) {
  auto const next = next_scheduled();
  if (!next || *next > step.now) return;
  std::vector<FlowScheduleId> due;
  for (auto const& [id, at] : schedules_due_)
    if (at <= step.now) due.push_back(id);
  for (FlowScheduleId id : due) {
    FlowSchedule const schedule = *state_.flows->schedule(id);
    auto zone = zone_of(schedule);
    if (!zone || !flow_command(step, StartScheduled{id, std::move(zone), why_not_allowed(*state_.access, schedule)}, UserId{})) schedules_due_.erase(id);
  }
}

}  // namespace nav
