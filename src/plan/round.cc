// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <tuple>

#include "plan/plan.h"

namespace nav {
namespace {

/// A class of waiting jobs by its foremost: higher priority, then first come.
struct Foremost {
  std::int32_t priority = 0;
  JobId job;
  std::uint64_t queue = 0;

  bool operator<(Foremost const& other) const {
    if (priority != other.priority) return priority > other.priority;
    return std::tie(job, queue) < std::tie(other.job, other.queue);
  }
};

/// All that decides where a job may go. Projects decide when.
using Shape = std::tuple<std::vector<std::string>, std::vector<RungLimits>, std::uint32_t, std::uint32_t, std::uint64_t, std::int32_t>;

}  // namespace

Plan plan_round(Pool const& pool, PlanIndex const& index, std::size_t most, std::function<bool(PlaceJob const&)> const& accept) {
  Plan plan;
  std::set<Foremost> waiting;
  pool.queues.each([&](ClassQueue const& queue) {
    if (queue.head) waiting.insert({queue.request.priority, queue.head, queue.number});
  });
  // Within a round the pool only fills up, so what did not fit once does not fit again.
  std::set<Shape> too_large;
  while (!waiting.empty()) {
    if (plan.places.size() == most) {
      plan.complete = false;
      break;
    }
    auto const next = *waiting.begin();
    waiting.erase(waiting.begin());
    auto const& request = pool.queues.at(next.queue).request;
    Shape shape(request.on, request.limits, request.rung, request.cpu_milli, request.memory_mib, request.priority);
    if (too_large.contains(shape)) continue;
    auto const place = nav::place(pool, index, request, next.job);
    if (!place) {
      too_large.insert(std::move(shape));
      continue;
    }
    if (!accept(*place)) continue;
    plan.places.push_back(*place);
    // Placing took the job out of its queue; the queue itself lives while any of its jobs does.
    if (auto const* queue = pool.queues.find(next.queue); queue && queue->head) waiting.insert({next.priority, queue->head, next.queue});
  }
  return plan;
}

}  // namespace nav
