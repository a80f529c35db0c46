// SPDX-License-Identifier: Apache-2.0
#include "agent/service_judge.h"

#include <algorithm>
#include <utility>

namespace nav {

ServiceJudge::ServiceJudge(Service service, Before before, ServicePatience patience)
    : service_(std::move(service)), patience_(patience), has_answered_(before == Before::Ready) {}

void ServiceJudge::saw(ServiceSighting const& sighting) {
  if (!status_) {
    last_use_ = sighting.at;
    // An agent that was started anew says what the one before it said, until it knows better.
    status_ = ServiceStatus{.kind = service_.kind,
                            .phase = has_answered_ ? ServicePhase::Ready : ServicePhase::Starting,
                            .reason = {},
                            .idle_since = {},
                            .idle_after = service_.idle_after};
  }
  judge_health(sighting);
  judge_use(sighting);
  next_check_ = sighting.at + (has_answered_ ? patience_.between : patience_.until_ready);
}

void ServiceJudge::judge_health(ServiceSighting const& sighting) {
  if (sighting.problem.empty()) {
    has_answered_ = true;
    failures_ = 0;
    status_->phase = ServicePhase::Ready;
    status_->reason.clear();
    return;
  }
  // Whoever has never answered may take its time: models are loaded for minutes. The time limit is there for those that never do.
  if (!has_answered_) {
    status_->reason = sighting.problem;
    return;
  }
  if (++failures_ < patience_.failures) return;
  // The first reason stays, so that one that fails now so and now so is no news each time.
  if (std::exchange(status_->phase, ServicePhase::Unhealthy) != ServicePhase::Unhealthy) status_->reason = sighting.problem;
}

void ServiceJudge::judge_use(ServiceSighting const& sighting) {
  bool const works = !sighting.processors || *sighting.processors >= patience_.least_processors;
  last_use_ = std::max(last_use_, works ? sighting.at : std::min(sighting.last_traffic, sighting.at));
  Duration const quiet = service_.idle_after.us > 0 ? std::min(patience_.quiet, service_.idle_after / 2) : patience_.quiet;
  status_->idle_since = sighting.at - last_use_ >= quiet ? last_use_ : Time{};
}

}  // namespace nav
