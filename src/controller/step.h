// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controller/controller.h"

namespace nav {

/// One step under way: nothing of it is told to anybody before it is durable.
struct Controller::Step {
  Time now;
  State before;  // to go back to if the journal refuses
  std::vector<Frame> frames{};
  std::vector<Blob> blobs{};
  std::vector<PendingAsk> asks{};
  struct Sync {
    NodeId node;
    std::uint64_t ticket;
    Generation have;
  };
  std::vector<Sync> syncs{};                                                 // to be answered at the end
  std::map<NodeId, std::string> hashes{};                                    // statuses taken in
  std::set<NodeId> stale{};                                                  // nodes the planner's index does not show as they are
  std::map<std::pair<std::uint64_t, std::uint32_t>, std::string> reasons{};  // why a class could not have a rung, found once a step
  std::vector<JobId> ready{};                                                // services that came to answer, likewise
  std::vector<JobEnded> ended{};                                             // jobs whose flows have not heard of it yet
  std::size_t trials_queued = 0;
  std::vector<ControllerOutput> outputs{};
};

/// The node whose free places an event changes, looked up before the event is applied.
NodeId node_of(Pool const& pool, PoolEvent const& event);

template <class Event>
void Controller::stage(Step& step, char const* stream, Event const& event, UserId by) {
  Stamp const stamp{.sequence = ++state_.sequence, .epoch = state_.epoch, .at = step.now, .by = by};
  step.frames.push_back({stamp, stream, json_write(event)});
  state_.now = step.now;
  if constexpr (std::same_as<Event, PoolEvent>) {
    if (NodeId const node = node_of(state_.pool, event)) step.stale.insert(node);
    if (auto const* ended = std::get_if<JobEnded>(&event)) step.ended.push_back(*ended);
    if (auto const* service = std::get_if<ServiceReported>(&event); service && service->status.phase == ServicePhase::Ready)
      step.ready.push_back(service->attempt.job);
    apply(state_.pool, event, stamp);
    if (auto const* queued = std::get_if<JobsQueued>(&event)) index_.saw(state_.pool, queued->on.front(), queued->count);
    note_deadlines(event);
    planning_due_ = true;
  } else if constexpr (std::same_as<Event, AccessEvent>) {
    nav::apply(state_.access.edit(), event);
    tell(state_.pool.accounts, event, step.now);
    planning_due_ = true;  // quotas may have changed
  } else if constexpr (std::same_as<Event, FlowEvent>) {
    nav::apply(state_.flows.edit(), event, stamp);
    std::visit(
        [this](auto const& e) {
          if constexpr (requires { e.schedule; })
            if (e.schedule) note_schedule(e.schedule);
        },
        event);
  } else {
    apply(state_.answers.edit(), event, stamp);
  }
}

}  // namespace nav
