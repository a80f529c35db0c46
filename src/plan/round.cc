// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "core/gang.h"
#include "core/moving.h"
#include "plan/place_by_moving.h"
#include "plan/plan_index.h"
#include "plan/preempt.h"
#include "plan/reserve.h"
#include "plan/share.h"

namespace nav {
namespace {

/// All that decides where a job may go. Projects decide when.
using Shape = std::tuple<std::vector<std::string>, std::vector<RungLimits>, std::uint32_t, std::uint32_t, std::uint64_t, std::int32_t, std::uint32_t>;

constexpr std::size_t most_reservations = 16;
constexpr std::size_t most_searches = 16;                // for room, a round: each walks over all GPUs
constexpr Duration before_next_search = seconds(2);      // of a class for which nobody could be stopped
constexpr std::size_t most_move_searches = 4;            // a round: each reads all slices
constexpr std::uint64_t a_large_pool = 10'000;           // GPUs: beyond, searches for moves are so far apart that they take a fifth of the time at most
constexpr Duration rest_a_gpu = microseconds(5);         // a search takes less than one for each (`nav bench planner-moving`)
constexpr Duration before_next_moves = seconds(10);      // of a class for which nobody could be moved, or not for its price
constexpr Duration patience_with_younger = minutes(30);  // of a job that waits for its project's quota, with those that pass it
constexpr Duration longest_claim = minutes(15);          // who is told to end has ended long before
constexpr Duration time_to_start = seconds(30);          // what is to be gone by a moment must have begun so much before

class Round {
 public:
  Round(Pool const& pool, PlanIndex& index, std::size_t most, std::function<bool(PlaceJob const&)> const& accept,
        std::function<bool(PoolCommand const&)> const& others, std::function<bool(PlaceGang const&)> const& gangs)
      : pool_(pool), index_(index), body_(index.body()), most_(most), accept_(accept), others_(others), gangs_(gangs) {}

  Plan run() {
    renew_reservations();
    take_claims();
    plan::ShareOrder order(pool_);
    while (auto const turn = order.next()) {
      if (plan_.places.size() >= most_) {
        plan_.complete = false;
        break;
      }
      withhold_from(turn->priority);
      bool const is_gang = pool_.gangs.size() > 0 && pool_.jobs.at(turn->job.value).gang;
      if (is_gang ? give_gang(*turn, order) : give(*turn, order)) order.placed(turn->queue);
      else order.drop(turn->queue);
    }
    release_all();
    return std::move(plan_);
  }

 private:
  void withhold(Reservation const& kept) {
    auto& node = body_.withheld[kept.node];
    node.gpus |= kept.gpus;
    node.all_of_it = node.all_of_it || kept.all_of_it;
    index_.refresh(pool_, kept.node);
  }

  void release(Reservation const& kept) {
    auto const it = body_.withheld.find(kept.node);
    if (it == body_.withheld.end()) return;
    body_.withheld.erase(it);
    index_.refresh(pool_, kept.node);
  }

  void release_all() {
    auto const nodes = std::exchange(body_.withheld, {});
    for (auto const& [node, kept] : nodes) index_.refresh(pool_, node);
  }

  /// Those of other jobs on the same node stay.
  void release_alone(Reservation const& kept) {
    release(kept);
    for (auto const& other : body_.reservations)
      if (other.node == kept.node && other.job != kept.job && in_force_.contains(other.job)) withhold(other);
  }

  Reservation* reservation_of(JobId job) {
    for (auto& kept : body_.reservations)
      if (kept.job == job) return &kept;
    return nullptr;
  }

  void forget_reservation(JobId job) {
    in_force_.erase(job);
    std::erase_if(body_.reservations, [&](Reservation const& kept) { return kept.job == job; });
  }

  void renew_reservations() {
    std::erase_if(body_.reservations, [&](Reservation& kept) { return kept.is_claimed || !plan::renew(pool_, kept); });
    if (pool_.gangs.size() > 0) renew_those_of_gangs();
    std::erase_if(body_.no_room_until, [&](auto const& entry) { return entry.second <= pool_.now; });
    std::erase_if(body_.no_moves_until, [&](auto const& entry) { return entry.second <= pool_.now; });
  }

  /// The gang whose member has this reservation; none: it is a single job's.
  JobId gang_of(Reservation const& kept) const { return pool_.jobs.at(kept.job.value).gang; }

  /// What is kept for a gang is kept on all its nodes or on none, and none of it is wanted before the last of it is free.
  void renew_those_of_gangs() {
    struct Kept {
      std::uint32_t members = 0;
      bool known = true;
      Time ready;
    };
    std::map<JobId, Kept> gangs;
    for (auto const& kept : body_.reservations) {
      JobId const id = gang_of(kept);
      if (!id) continue;
      Kept& gang = gangs[id];
      gang.members += kept.members;
      gang.known = gang.known && kept.ready;
      gang.ready = std::max(gang.ready, kept.ready);
    }
    std::erase_if(body_.reservations, [&](Reservation& kept) {
      JobId const id = gang_of(kept);
      if (!id) return false;
      Kept const& gang = gangs.at(id);
      kept.ready = gang.known ? gang.ready : Time{};
      return gang.members < pool_.gangs.at(id.value).members;
    });
  }

  std::vector<Reservation> reservations_of(Gang const& gang) const {
    std::vector<Reservation> own;
    for (auto const& kept : body_.reservations)
      if (gang_of(kept) == gang.first) own.push_back(kept);
    return own;
  }

  /// What others were told to leave goes to whom they were told for, as soon as they have left.
  void take_claims() {
    std::vector<Claim> claims;
    for (auto const& [job, claim] : *pool_.claims) claims.push_back(claim);
    for (auto const& claim : claims) {
      if (plan_.places.size() >= most_) return;
      PlaceJob const place{.job = claim.job, .node = claim.node, .rung = claim.rung, .gpus = claim.gpus, .placement = claim.placement};
      if (decide(pool_, place, Asked{UserId{}, pool_.now})) {
        if (accept_(place)) {
          plan_.places.push_back(place);
          forget_reservation(claim.job);
          continue;
        }
      }
      Reservation kept = reservation_for(claim);
      forget_reservation(claim.job);
      if (can_be_kept(claim, kept) && pool_.now - claim.since < longest_claim) {
        body_.reservations.push_back(kept);
      } else if (others_) {
        (void)others_(DropClaim{claim.job, "its place did not become free"});
      }
    }
  }

  /// What is promised to who moves is promised against everybody.
  Reservation reservation_for(Claim const& claim) const {
    Job const& job = pool_.jobs.at(claim.job.value);
    return {.job = claim.job,
            .priority = claim.by_moving ? PriorityClass::Urgent : class_of(pool_.queues.at(job.queue).request.priority),
            .node = claim.node,
            .rung = claim.rung,
            .gpus = claim.gpus,
            .is_claimed = true};
  }

  /// A node that is silent for a while, or a controller that has just begun and heard of nobody, breaks no promise.
  bool can_be_kept(Claim const& claim, Reservation& kept) const {
    if (!claim.by_moving) return plan::renew(pool_, kept);
    Node const* node = pool_.node(claim.node);
    if (!node || node->draining || node->state == NodeState::Lost) return false;
    for (auto const& gpu : node->gpus)
      if ((claim.gpus >> gpu.index & 1) && !gpu.aside.empty()) return false;
    return true;
  }

  /// What is kept for a class is kept from that class and from those below it.
  void withhold_from(PriorityClass priority) {
    for (auto const& kept : body_.reservations)
      if (kept.priority >= priority && in_force_.insert(kept.job).second) withhold(kept);
  }

  std::optional<PlaceJob> find(RequestClass const& request, Job const& job) {
    return place(pool_, index_, request, job.id, [&](PlaceJob const& found) {
      Node const& node = pool_.nodes.at(found.node.value);
      if (!pool_.claims->empty() && promised(pool_, job.id, node, found.gpus, needs_of(request, *pool_.find_template(request.on[found.rung])))) return false;
      auto const reached = limit_reached(pool_, job, cost_of(node, found.gpus, found.placement));
      may_not_ = may_not_ || reached.has_value();
      if (reached && pool_.now - job.since > patience_with_younger && reached->limit <= Limit::ProjectMemory && reached->asked <= reached->most)
        held_.insert(job.project);
      return !reached;
    });
  }

  /// On what is reserved only who is gone before it is wanted.
  template <class Find>
  auto find_around(Job const& job, Find&& find) -> decltype(find()) {
    if (job.time_limit.us <= 0) return {};
    std::vector<Reservation> passed;
    for (auto const& kept : body_.reservations)
      if (kept.job != job.id && (!job.gang || gang_of(kept) != job.gang) && in_force_.contains(kept.job) && kept.ready &&
          pool_.now + job.time_limit + time_to_start <= kept.ready)
        passed.push_back(kept);
    if (passed.empty()) return {};
    for (auto const& kept : passed) in_force_.erase(kept.job);
    for (auto const& kept : passed) release_alone(kept);
    auto const found = find();
    for (auto const& kept : passed) {
      in_force_.insert(kept.job);
      withhold(kept);
    }
    return found;
  }

  bool give(plan::Turn const& turn, plan::ShareOrder const& order) {
    Job const& job = pool_.jobs.at(turn.job.value);
    if (held_.contains(job.project)) return false;
    auto const request = pool_.queues.at(turn.queue).request;
    Shape shape(request.on, request.limits, request.rung, request.cpu_milli, request.memory_mib, request.priority, 0);
    Reservation const* own = reservation_of(turn.job);
    std::optional<Reservation> const mine = own ? std::optional(*own) : std::nullopt;
    may_not_ = false;
    std::optional<PlaceJob> found;
    // Within a round the pool only fills up, and more is kept, so what did not fit once does not fit again.
    if (mine || !too_large_.contains(shape)) {
      if (mine) {
        in_force_.erase(mine->job);
        release_alone(*mine);
      }
      found = find(request, job);
      if (mine && !found) {
        in_force_.insert(mine->job);
        withhold(*mine);
      }
    }
    if (!found && !may_not_) found = find_around(job, [&] { return find(request, job); });
    if (found) {
      if (mine) forget_reservation(mine->job);
      if (!accept_(*found)) return false;
      plan_.places.push_back(*found);
      return true;
    }
    if (may_not_) {
      (void)make_room_for(turn, request);  // its own project's lower classes may make room within the limit
      return false;
    }
    if (!mine) too_large_.insert(std::move(shape));
    bool const room = move_for(turn, request) || make_room_for(turn, request);
    bool const foremost = blocked_.insert(turn.priority).second;
    if (!room && !mine && (foremost || order.oldest(turn.priority) == turn.job)) keep_for(request, job);
    return false;
  }

  /// The turn of a gang: all its members are placed, or none. Nobody is stopped or moved for it; what it waits for is kept for it.
  bool give_gang(plan::Turn const& turn, plan::ShareOrder const& order) {
    Job const& job = pool_.jobs.at(turn.job.value);
    Gang const& gang = pool_.gangs.at(job.gang.value);
    if (!gangs_ || held_.contains(job.project) || !is_complete(pool_, gang)) return false;
    auto const request = pool_.queues.at(turn.queue).request;
    Shape shape(request.on, request.limits, request.rung, request.cpu_milli, request.memory_mib, request.priority, gang.members);
    auto const mine = reservations_of(gang);
    if (mine.empty() && too_large_.contains(shape)) return false;
    for (auto const& kept : mine) in_force_.erase(kept.job);
    for (auto const& kept : mine) release_alone(kept);
    auto found = place_gang(pool_, index_, gang);
    for (auto const& kept : mine) in_force_.insert(kept.job), withhold(kept);
    if (!found.places && !found.may_not) found = find_around(job, [&] { return place_gang(pool_, index_, gang); });
    if (found.places) {
      for (auto const& kept : mine) forget_reservation(kept.job);
      for (auto const& kept : mine) release_alone(kept);
      if (!gangs_(*found.places)) return false;
      plan_.places.insert(plan_.places.end(), found.places->members.begin(), found.places->members.end());
      return true;
    }
    if (found.may_not) return false;
    too_large_.insert(std::move(shape));
    bool const foremost = blocked_.insert(turn.priority).second;
    if (!mine.empty() || body_.reservations.size() >= most_reservations || !(foremost || order.oldest(turn.priority) == turn.job)) return false;
    for (auto const& kept : plan::reserve_for_gang(pool_, body_, request, gang)) {
      body_.reservations.push_back(kept);
      in_force_.insert(kept.job);
      withhold(kept);
    }
    return false;
  }

  void keep_for(RequestClass const& request, Job const& job) {
    if (body_.reservations.size() >= most_reservations) return;
    auto const kept = plan::reserve(pool_, body_, request, job);
    if (!kept) return;
    body_.reservations.push_back(*kept);
    in_force_.insert(kept->job);
    withhold(*kept);
  }

  /// Moves others for the foremost job of a class, where that saves more than it costs. True if it has, or will have, its place. Before anybody is
  /// stopped without a place of their own.
  bool move_for(plan::Turn const& turn, RequestClass const& request) {
    if (pool_.claims->contains(turn.job)) return true;
    if (pool_.now < body_.no_search_until) return false;
    if (!others_ || body_.no_moves_until.contains(turn.queue) || searches_for_moves_ >= most_move_searches) return false;
    ++searches_for_moves_;
    if (auto const gpus = pool_.accounts.capacity.slices / slices_of_an_uncut_gpu; gpus > a_large_pool)
      body_.no_search_until = pool_.now + microseconds(static_cast<std::int64_t>(rest_a_gpu.us * static_cast<std::int64_t>(gpus)));
    auto const* own = reservation_of(turn.job);
    std::optional<Reservation> const mine = own ? std::optional(*own) : std::nullopt;
    if (mine) in_force_.erase(mine->job), release_alone(*mine);
    auto const found = place_by_moving(pool_, index_, request, pool_.jobs.at(turn.job.value));
    if (!found || !found->is_worth_it() || !others_(found->plan)) {
      body_.no_moves_until[turn.queue] = pool_.now + before_next_moves;
      if (mine) in_force_.insert(mine->job), withhold(*mine);
      return false;
    }
    if (mine) forget_reservation(mine->job);
    keep_promise(turn.job);
    for (auto const& move : found->plan.moves) keep_promise(move.job);
    return true;
  }

  void keep_promise(JobId job) {
    body_.reservations.push_back(reservation_for(pool_.claims->at(job)));
    in_force_.insert(job);
    withhold(body_.reservations.back());
  }

  /// Stops others for the jobs of a class, the foremost first. True if its foremost job has, or will have, its room.
  bool make_room_for(plan::Turn const& turn, RequestClass const& request) {
    if (pool_.claims->contains(turn.job)) return true;
    if (!others_ || body_.no_room_until.contains(turn.queue)) return false;
    bool first = false;
    for (JobId at = turn.job; at && searches_ < most_searches;) {
      Job const& job = pool_.jobs.at(at.value);
      JobId const after = job.after;
      if (!pool_.claims->contains(at)) {
        ++searches_;
        auto const place = plan::make_room(pool_, request, job);
        if (!place) {
          body_.no_room_until[turn.queue] = pool_.now + before_next_search;
          break;
        }
        if (!others_(MakeRoom{*place})) break;
        Reservation kept{.job = at, .priority = turn.priority, .node = place->node, .rung = place->rung, .gpus = place->gpus, .is_claimed = true};
        (void)plan::renew(pool_, kept);
        if (auto const* before = reservation_of(at)) {
          Reservation const old = *before;
          forget_reservation(at);
          release_alone(old);
        }
        body_.reservations.push_back(kept);
        in_force_.insert(at);
        withhold(kept);
        first = first || at == turn.job;
      }
      at = after;
    }
    return first;
  }

  Pool const& pool_;
  PlanIndex& index_;
  PlanIndex::Body& body_;
  std::size_t most_;
  std::function<bool(PlaceJob const&)> const& accept_;
  std::function<bool(PoolCommand const&)> const& others_;
  std::function<bool(PlaceGang const&)> const& gangs_;
  Plan plan_;
  std::set<Shape> too_large_;
  std::set<JobId> in_force_;         // reservations withheld at this point of the round
  std::set<PriorityClass> blocked_;  // classes whose foremost that fits nowhere was met
  std::set<ProjectId> held_;         // whose oldest has waited long for its quota: nothing younger takes what falls free of it
  std::size_t searches_ = 0;
  std::size_t searches_for_moves_ = 0;
  bool may_not_ = false;  // a place was found that a limit forbids
};

}  // namespace

Plan plan_round(Pool const& pool, PlanIndex& index, std::size_t most, std::function<bool(PlaceJob const&)> const& accept,
                std::function<bool(PoolCommand const&)> const& others, std::function<bool(PlaceGang const&)> const& gangs) {
  index.learn(pool);
  return Round(pool, index, most, accept, others, gangs).run();
}

}  // namespace nav
