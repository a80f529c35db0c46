// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "core/offer.h"
#include "plan/plan.h"

namespace nav {

namespace {

/// What a cloud can still give.
struct Supply {
  std::uint64_t gpus = 0;      ///< of machines that are on their way
  std::uint64_t machines = 0;  ///< that could be wanted now
};

std::map<std::string, Supply> supplies(Pool const& pool, Time now) {
  std::map<std::string, Supply> supplies;
  for (auto const& [name, cloud] : *pool.clouds) supplies[name].machines = cloud.open && now >= cloud.not_before ? cloud.most : 0;
  for (auto const& [id, rental] : *pool.rentals) {
    Supply& supply = supplies[rental.cloud];
    if (supply.machines > 0) --supply.machines;
    if (rental.state == RentalState::Booting) supply.gpus += pool.clouds->at(rental.cloud).gpus;
  }
  return supplies;
}

std::vector<ClassQueue const*> by_precedence(Pool const& pool) {
  std::vector<ClassQueue const*> queues;
  pool.queues.each([&](ClassQueue const& queue) {
    if (queue.head) queues.push_back(&queue);
  });
  std::sort(queues.begin(), queues.end(), [](ClassQueue const* a, ClassQueue const* b) {
    if (a->request.priority != b->request.priority) return a->request.priority > b->request.priority;
    return a->head < b->head;
  });
  return queues;
}

std::string why_not(Cloud const& cloud, Time now) {
  if (!cloud.open) return fmt::format("{} is closed", cloud.name);
  if (now < cloud.not_before) return fmt::format("{} gave no machine: {}", cloud.name, cloud.problem);
  return fmt::format("all {} machines of {} are taken", cloud.most, cloud.name);
}

}  // namespace

CloudPlan plan_clouds(Pool const& pool, Time now, std::size_t most) {
  CloudPlan plan;
  if (pool.waiting == 0) return plan;
  auto supply = supplies(pool, now);
  for (ClassQueue const* queue : by_precedence(pool)) {
    RequestClass const& request = queue->request;
    bool const may_pass = !request.is_last(request.rung) && request.limits_of(request.rung).wait.us == 0;
    Template const* t = pool.find_template(request.on[request.rung]);
    Cloud const* cloud = t ? cloud_of(pool, *t) : nullptr;
    if (!cloud && !may_pass) continue;
    auto const closed = t ? check_open(*t, request, request.rung)
                          : Result<void>(fail(ErrorKind::NotFound, "there is no template {} any more", request.on[request.rung]));
    // Whatever is no count of GPUs has a machine for itself.
    std::uint64_t const gpus = t && t->kind == TemplateKind::Gpus ? t->gpus : cloud ? cloud->gpus : 0;
    for (JobId id = queue->head; id; id = pool.jobs.at(id.value).after) {
      if (plan.wanted.size() >= most || plan.passed.size() >= most) return plan;
      if (cloud && closed && gpus <= cloud->gpus) {
        Supply& has = supply[cloud->name];
        if (has.gpus < gpus && has.machines > 0) {
          --has.machines;
          has.gpus += cloud->gpus;
          plan.wanted.push_back({cloud->name, id});
        }
        if (has.gpus >= gpus) {
          has.gpus -= gpus;
          continue;
        }
      }
      if (!may_pass) break;  // nor is there any for those behind it
      plan.passed.push_back({id, !closed ? closed.error().message : cloud ? why_not(*cloud, now) : "it could not start there at once"});
    }
  }
  return plan;
}

}  // namespace nav
