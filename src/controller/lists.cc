// SPDX-License-Identifier: Apache-2.0
// The controller's part in compute lists and clouds: what happens because time went by.
#include <algorithm>

#include "base/text.h"
#include "controller/controller.h"
#include "controller/step.h"
#include "core/offer.h"

namespace nav {

namespace {

/// A reason is counted over all nodes, so in a large pool only a short one is kept with every placing.
constexpr std::size_t most_nodes_for_reasons = 2'000;
/// At once, so that a crowd whose waits end together does not hold the others up.
constexpr std::size_t most_passed_a_step = 2'000;
constexpr std::size_t most_climbers_looked_at = 200;

}  // namespace

// ---- waits on rungs

/// What an event brings of waits that end. Waits that are over for another reason are dropped when their time comes.
void Controller::note_deadlines(PoolEvent const& event) {
  auto const note = [&](JobId id) {
    if (Job const* job = state_.pool.job(id))
      if (auto const deadline = rung_deadline(state_.pool, *job)) rung_deadlines_.emplace(*deadline, id);
  };
  if (auto const* queued = std::get_if<JobsQueued>(&event)) {
    Job const* first = state_.pool.job(queued->first);
    if (!first || !rung_deadline(state_.pool, *first)) return;
    for (std::uint32_t i = 0; i < queued->count; ++i) note(JobId{queued->first.value + i});
  } else if (auto const* requeued = std::get_if<JobRequeued>(&event)) {
    note(requeued->job);
  } else if (auto const* passed = std::get_if<RungPassed>(&event)) {
    note(passed->job);
  }
}

void Controller::rebuild_deadlines() {
  rung_deadlines_.clear();
  state_.pool.jobs.each([&](Job const& job) {
    if (auto const deadline = rung_deadline(state_.pool, job)) rung_deadlines_.emplace(*deadline, job.id);
  });
}

/// Why a class could not have one of its rungs, found once a step.
std::string Controller::why_not(Step& step, RequestClass const& request, std::uint32_t rung) {
  auto const number = state_.pool.queue_of->find(request);
  std::pair const key(number == state_.pool.queue_of->end() ? 0 : number->second, rung);
  auto const [known, fresh] = step.reasons.try_emplace(key);
  if (!fresh) return known->second;
  if (state_.pool.nodes.size() > most_nodes_for_reasons) return known->second = "no place was free";
  auto const reason = why_rung(state_.pool, index_, request, rung);
  return known->second = reason.lack == Lack::Turn ? "its places were given to others just now" : reason.sentence;
}

void Controller::pass_rungs(Step& step) {
  for (std::size_t passed = 0; !rung_deadlines_.empty() && rung_deadlines_.begin()->first <= step.now; ++passed) {
    if (passed == most_passed_a_step) {
      planning_due_ = true;
      return;
    }
    auto const [deadline, id] = *rung_deadlines_.begin();
    rung_deadlines_.erase(rung_deadlines_.begin());
    Job const* job = state_.pool.job(id);
    if (!job || rung_deadline(state_.pool, *job) != deadline) continue;
    refresh_index(step);
    RequestClass const request = state_.pool.queues.at(job->queue).request;
    // A place that fell free in this very step is the job's own, if its turn has come.
    if (auto const own = place(state_.pool, index_, request, id); own && command(step, *own, UserId{})) continue;
    (void)command(step, PassRung{id, why_not(step, request, request.rung)}, UserId{});
  }
}

// ---- clouds

void Controller::take(Step& step, CloudInput& input) { (void)command(step, ReportCloud{std::move(input.status)}, UserId{}); }

/// Machines for jobs whose current rung a cloud gives, and rungs to be passed where there is none. True if somebody passed.
bool Controller::ask_clouds(Step& step) {
  if (state_.pool.waiting == 0) return false;
  auto const plan = plan_clouds(state_.pool, step.now, most_passed_a_step);
  for (auto const& wanted : plan.wanted) (void)command(step, wanted, UserId{});
  bool moved = false;
  for (auto const& passed : plan.passed) moved = command(step, passed, UserId{}).has_value() || moved;
  return moved;
}

/// Idle machines go, and those that do not come are not waited for.
void Controller::watch_clouds(Step& step) {
  if (state_.pool.rentals->empty() && state_.pool.clouds->empty()) return;
  auto const rentals = state_.pool.rentals;
  for (auto const& [id, rental] : *rentals) {
    Cloud const& cloud = state_.pool.clouds->at(rental.cloud);
    if (rental.state == RentalState::Booting && step.now >= rental.wanted + most_boot_time(cloud)) (void)command(step, GiveUpMachine{id}, UserId{});
    if (rental.state != RentalState::Ready || !rental.idle_since) continue;
    if (!cloud.open) (void)command(step, ReleaseMachine{id, fmt::format("{} was closed", cloud.name)}, UserId{});
    else if (step.now >= rental.idle_since + cloud.idle) (void)command(step, ReleaseMachine{id, fmt::format("idle for {}", to_text(cloud.idle))}, UserId{});
  }
  // A cloud that was left alone may be asked again.
  for (auto const& [name, cloud] : *state_.pool.clouds)
    if (cloud.not_before && cloud.not_before <= step.now && cloud.not_before > clouds_seen_) planning_due_ = true;
  clouds_seen_ = step.now;
}

// ---- services

/// Those that nobody used for long enough. While their node is silent nobody knows whether they are used.
void Controller::watch_services(Step& step) {
  auto const services = state_.pool.services;
  for (auto const& [id, status] : *services) {
    Time const deadline = idle_deadline(status);
    if (!deadline || step.now < deadline || !is_reclaimed_when_idle(id)) continue;
    (void)command(step, ReclaimIdle{id}, UserId{});
  }
}

bool Controller::is_reclaimed_when_idle(JobId id) const {
  Job const& job = state_.pool.jobs.at(id.value);
  return job.has_seat() && job.stop == StopCause::None && state_.pool.nodes.at(job.seat.node.value).state == NodeState::Ready;
}

/// What should be at each cloud, where that is not what was said last.
void Controller::tell_clouds(Step& step) {
  if (clouds_told_ && state_.pool.clouds->empty()) return;
  std::vector<CloudSpec> specs;
  for (auto const& [name, cloud] : *state_.pool.clouds) specs.push_back({name, cloud.machine, {}});
  for (auto const& entry : *state_.pool.rentals) {
    Rental const& rental = entry.second;
    if (rental.state != RentalState::Releasing)
      std::find_if(specs.begin(), specs.end(), [&](CloudSpec const& spec) { return spec.cloud == rental.cloud; })->machines.push_back(node_name(rental));
  }
  if (clouds_told_ == specs) return;
  clouds_told_ = specs;
  step.outputs.push_back(CloudsWanted{std::move(specs)});
}

// ---- climbing back

/// One seated job at a time begins anew on a better rung that is free and that nobody waits for: all who wait have been placed just now.
void Controller::climb(Step& step) {
  // What is free while something is kept for another is mostly that.
  if (state_.pool.climbers->empty() || !index_.reservations().empty()) return;
  std::size_t looked_at = 0;
  for (JobId id : *state_.pool.climbers)
    if (state_.pool.jobs.at(id.value).stop == StopCause::Climb) return;
  for (JobId id : *state_.pool.climbers) {
    if (++looked_at > most_climbers_looked_at) return;
    Job const& job = state_.pool.jobs.at(id.value);
    if (job.state != JobState::Running || job.stop != StopCause::None) continue;
    RequestClass better = state_.pool.queues.at(job.queue).request;
    better.rung = job.seat.rung - 1;
    auto const found = place(state_.pool, index_, better, id);
    if (found && command(step, ClimbJob{id, found->rung}, UserId{})) return;
  }
}

// ---- when next

std::optional<Time> Controller::next_deadline() const {
  std::optional<Time> next;
  auto const take = [&](Time at) {
    if (!next || at < *next) next = at;
  };
  if (!rung_deadlines_.empty()) take(rung_deadlines_.begin()->first);
  if (auto const scheduled = next_scheduled()) take(*scheduled);
  for (auto const& [id, rental] : *state_.pool.rentals) {
    Cloud const& cloud = state_.pool.clouds->at(rental.cloud);
    if (rental.state == RentalState::Booting) take(rental.wanted + most_boot_time(cloud));
    if (rental.state == RentalState::Ready && rental.idle_since) take(rental.idle_since + cloud.idle);
  }
  for (auto const& [id, status] : *state_.pool.services)
    if (Time const deadline = idle_deadline(status); deadline && is_reclaimed_when_idle(id)) take(deadline);
  for (auto const& [name, cloud] : *state_.pool.clouds)
    if (cloud.not_before > clouds_seen_) take(cloud.not_before);
  return next;
}

}  // namespace nav
