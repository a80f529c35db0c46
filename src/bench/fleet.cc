// SPDX-License-Identifier: Apache-2.0
#include "bench/fleet.h"

namespace nav::bench {

Fleet::Fleet(mig::Geometry const& geometry, mig::Scores const& scores, std::uint32_t gpus)
    : geometry_(&geometry), free_(geometry, scores), tenants_(geometry), gpus_(gpus), at_(gpus * std::size_t{16}) {
  for (std::uint32_t gpu = 0; gpu < gpus; ++gpu) {
    free_.insert(gpu, mig::kEmptyGpu);
    tenants_.insert(gpu);
  }
}

void Fleet::seat(Who who, mig::BucketIndex::Choice const& at, mig::Hold hold) {
  if (seats_.size() <= who) seats_.resize(who + 1);
  seats_[who] = {at, hold};
  at_[at.gpu * std::size_t{16} + at.placement.start] = who;
  auto const after = geometry_->after(state(at.gpu), at.placement);
  ensure(after, "a policy places where it fits");
  free_.move(at.gpu, *after);
  tenants_.seat(at.gpu, {at.placement, hold});
}

void Fleet::leave(Who who) {
  auto const& at = seats_[who].at;
  free_.move(at.gpu, geometry_->without(state(at.gpu), at.placement));
  tenants_.leave(at.gpu, at.placement);
}

void Fleet::move(mig::MovePlan const& plan) {
  std::vector<Who> moving;
  for (auto const& move : plan.moves) moving.push_back(who_is_at(move.from, move.was));
  for (auto const who : moving) leave(who);
  for (std::size_t i = 0; i < moving.size(); ++i) seat(moving[i], {plan.moves[i].to, plan.moves[i].now}, seats_[moving[i]].hold);
}

}  // namespace nav::bench
