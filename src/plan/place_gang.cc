// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "core/gang.h"
#include "core/moving.h"
#include "plan/place.h"

namespace nav {

namespace {

/// A copy of the pool in which members sit down one after another, with the index kept to it. At its end the index is the pool's again.
class Trial {
 public:
  Trial(Pool const& pool, PlanIndex& index, Gang const& gang) : before_(pool), after_(pool), index_(index), gang_(gang) {}
  Trial(Trial const&) = delete;
  ~Trial() {
    for (NodeId node : touched_) index_.refresh(before_, node);
  }

  /// A place for each; sets `may_not` where only a limit was in the way.
  std::optional<PlaceGang> run(std::uint32_t rung, Template const& t, plan::Beside const& need, bool& may_not) {
    PlaceGang places{gang_.first, {}};
    for (std::uint32_t rank = 0; rank < gang_.members; ++rank) {
      auto place = plan::place_on(after_, index_, t, need);
      if (!place) return std::nullopt;
      place->job = JobId{gang_.first.value + rank};
      place->rung = rung;
      auto placed = seated(after_, *place);
      if (!placed) {
        Job const& member = after_.jobs.at(place->job.value);
        may_not = may_not || limit_reached(after_, member, cost_of(after_.nodes.at(place->node.value), place->gpus, place->placement)).has_value();
        return std::nullopt;
      }
      apply(after_, PoolEvent{std::move(*placed)}, {after_.sequence + 1, after_.epoch, after_.now, {}});
      touched_.insert(place->node);
      index_.refresh(after_, place->node);
      places.members.push_back(std::move(*place));
    }
    return places;
  }

 private:
  Pool const& before_;
  Pool after_;
  PlanIndex& index_;
  Gang const& gang_;
  std::set<NodeId> touched_;
};

}  // namespace

GangPlaces place_gang(Pool const& pool, PlanIndex& index, Gang const& gang) {
  GangPlaces found;
  auto const& request = pool.queues.at(pool.jobs.at(gang.first.value).queue).request;
  std::set<std::string> sites;
  pool.nodes.each([&](Node const& node) {
    if (node.takes_jobs()) sites.insert(node.site);
  });
  for (std::uint32_t rung = 0; rung <= request.rung && rung < request.on.size(); ++rung) {
    Template const* t = pool.find_template(request.on[rung]);
    if (!t || !check_open(*t, request, rung)) continue;
    for (auto const& site : sites) {
      auto need = plan::beside(request, *t);
      if (sites.size() > 1) need.site = &site;
      found.places = Trial(pool, index, gang).run(rung, *t, need, found.may_not);
      if (found.places) return found;
    }
  }
  return found;
}

}  // namespace nav
