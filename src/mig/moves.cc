// SPDX-License-Identifier: Apache-2.0
#include "mig/moves.h"

#include <algorithm>
#include <tuple>

namespace nav::mig {
namespace {

constexpr int kMostCompared = 32;

/// The fleet as it would be: a few GPUs in other states than the index says.
class Supposed {
 public:
  Supposed(Geometry const& geometry, Scores const& scores, BucketIndex const& free) : geometry_(&geometry), scores_(&scores), free_(&free) {}

  StateId state(std::uint32_t gpu) const {
    for (auto const& [changed, state] : changed_)
      if (changed == gpu) return state;
    return *free_->state_of(gpu);
  }

  void set(std::uint32_t gpu, StateId state) {
    gain_ += scores_->value(state) - scores_->value(this->state(gpu));
    for (auto& one : changed_) {
      if (one.first != gpu) continue;
      one.second = state;
      return;
    }
    changed_.emplace_back(gpu, state);
  }

  void place(BucketIndex::Choice const& choice) { set(choice.gpu, *geometry_->after(state(choice.gpu), choice.placement)); }

  /// The best place for the profile.
  std::optional<BucketIndex::Choice> best(std::uint8_t profile) const {
    std::optional<BucketIndex::Choice> found;
    std::int32_t cost = 0;
    free_->each_filled(profile, [&](StateId state) {
      auto gpu = free_->bucket(state).first();
      while (gpu && is_changed(*gpu)) gpu = free_->bucket(state).next(*gpu + 1);
      if (!gpu) return false;
      found = BucketIndex::Choice{*gpu, *scores_->best(state, profile)};
      cost = scores_->cost(state, profile);
      return true;
    });
    for (auto const& [gpu, state] : changed_) {
      auto const placement = scores_->best(state, profile);
      if (!placement || (found && scores_->cost(state, profile) >= cost)) continue;
      found = BucketIndex::Choice{gpu, *placement};
      cost = scores_->cost(state, profile);
    }
    return found;
  }

  bool is_changed(std::uint32_t gpu) const {
    return std::any_of(changed_.begin(), changed_.end(), [&](auto const& one) { return one.first == gpu; });
  }
  std::int64_t gain() const { return gain_; }

 private:
  Geometry const* geometry_;
  Scores const* scores_;
  BucketIndex const* free_;
  std::vector<std::pair<std::uint32_t, StateId>> changed_;
  std::int64_t gain_ = 0;
};

class Search {
 public:
  Search(Geometry const& geometry, Scores const& scores, BucketIndex const& free, TenantIndex const& tenants, MoveLimits const& limits, MovePrice const& price,
         MoveCheck const& check)
      : geometry_(geometry), scores_(scores), free_(free), tenants_(tenants), limits_(limits), price_(price), check_(check) {}

  std::optional<MovePlan> run(std::uint8_t profile) {
    for (auto const& alike : tenants_.classes()) {
      if (alike.gpus.empty() || alike.tenants.empty()) continue;
      for (auto const at : geometry_.placements(profile)) {
        auto out = in_the_way(alike, at);
        if (!out || out->empty() || out->size() > limits_.most || is_hopeless(out->size())) continue;
        int compared = 0;
        for (auto gpu = alike.gpus.first(); gpu && compared < looked_at(); gpu = alike.gpus.next(*gpu + 1), ++compared)
          consider_with_others(*gpu, alike, at, *out, 0);
      }
    }
    return std::move(best_);
  }

 private:
  std::uint32_t width(Placement at) const { return geometry_.profile(at.profile).memory_slices; }

  /// Who must leave so that a tenant may sit there: all whose slices it takes, then, where a budget still forbids it, one more. Nothing when
  /// somebody among them may not move.
  std::optional<std::vector<Placement>> in_the_way(TenantIndex::Class const& alike, Placement at) const {
    std::vector<Placement> out;
    auto const window = geometry_.window(at);
    auto state = alike.state;
    for (auto const& tenant : alike.tenants) {
      if (!(geometry_.window(tenant.at) & window)) continue;
      if (tenant.hold != Hold::Movable) return std::nullopt;
      out.push_back(tenant.at);
      state = geometry_.without(state, tenant.at);
    }
    if (geometry_.fits(state, at)) return out;
    for (auto const& tenant : alike.tenants) {
      if (tenant.hold != Hold::Movable || (geometry_.window(tenant.at) & window)) continue;
      if (!geometry_.fits(geometry_.without(state, tenant.at), at)) continue;
      out.push_back(tenant.at);
      return out;
    }
    return std::nullopt;
  }

  /// Where those in the way fit nowhere, others of the same GPU move too and make room for them.
  void consider_with_others(std::uint32_t gpu, TenantIndex::Class const& alike, Placement at, std::vector<Placement> const& out, std::size_t from) {
    if (out.size() > limits_.most || is_hopeless(out.size()) || consider(gpu, alike.state, at, out)) return;
    for (std::size_t i = from; i < alike.tenants.size(); ++i) {
      auto const& tenant = alike.tenants[i];
      if (tenant.hold != Hold::Movable || std::find(out.begin(), out.end(), tenant.at) != out.end()) continue;
      auto more = out;
      more.push_back(tenant.at);
      consider_with_others(gpu, alike, at, more, i + 1);
    }
  }

  /// GPUs of a class: all are alike but for prices and for what the check knows.
  int looked_at() const { return price_ || check_ ? kMostCompared : 1; }

  std::int64_t most_price() const { return best_ ? std::min(best_->price, limits_.most_price) : limits_.most_price; }

  bool is_hopeless(std::size_t moves) const { return !price_ && best_ && moves > best_->moves.size(); }

  std::int64_t price_of(std::uint32_t gpu, Placement at) const { return price_ ? price_(gpu, at) : 0; }

  /// False when one of those driven out fits nowhere.
  bool consider(std::uint32_t gpu, StateId state, Placement at, std::vector<Placement> out) {
    // The widest first: they have the fewest places to go.
    std::stable_sort(out.begin(), out.end(), [&](Placement a, Placement b) { return width(a) > width(b); });
    MovePlan plan{.place = {gpu, at}, .moves = {}, .price = 0, .gain = 0};
    for (auto const who : out) {
      plan.price += price_of(gpu, who);
      state = geometry_.without(state, who);
    }
    if (plan.price > most_price()) return true;  // with others it would cost more still
    Supposed fleet(geometry_, scores_, free_);
    fleet.set(gpu, *geometry_.after(state, at));
    std::size_t still = out.size();
    for (auto const who : out) {
      --still;
      if (auto const there = fleet.best(who.profile)) {
        fleet.place(*there);
        plan.moves.push_back({gpu, who, there->gpu, there->placement});
      } else if (!limits_.chains || plan.moves.size() + still + 2 > limits_.most || !chain(gpu, who, fleet, plan)) {
        return false;
      }
    }
    // Who was driven out and came back to where they were stays, and is the way of a shorter plan.
    if (std::any_of(plan.moves.begin(), plan.moves.end(), [](Move const& move) { return move.from == move.to && move.was == move.now; })) return true;
    plan.gain = fleet.gain();
    if ((!best_ || is_better(plan, *best_)) && (!check_ || check_(plan))) best_ = std::move(plan);
    return true;
  }

  /// `who` of `gpu` fits nowhere: one tenant elsewhere, no wider and of another profile, makes room and goes where it fits.
  bool chain(std::uint32_t gpu, Placement who, Supposed& fleet, MovePlan& plan) {
    struct Link {
      std::int64_t price, gain;
      Move first, second;
    };
    std::optional<Link> found;
    for (auto const& alike : tenants_.classes()) {
      if (alike.gpus.empty() || alike.tenants.empty()) continue;
      for (auto const at : geometry_.placements(who.profile)) {
        auto const out = in_the_way(alike, at);
        if (!out || out->size() != 1 || width(out->front()) > width(who) || out->front().profile == who.profile) continue;
        auto const driven = out->front();
        int compared = 0;
        for (auto other = alike.gpus.first(); other && compared < looked_at(); other = alike.gpus.next(*other + 1)) {
          if (fleet.is_changed(*other)) continue;
          ++compared;
          auto const price = price_of(*other, driven);
          if (plan.price + price > most_price() || (found && price > found->price)) continue;
          Supposed next = fleet;
          next.set(*other, *geometry_.after(geometry_.without(alike.state, driven), at));
          auto const there = next.best(driven.profile);
          if (!there) continue;
          next.place(*there);
          Link const link{price, next.gain(), {gpu, who, *other, at}, {*other, driven, there->gpu, there->placement}};
          auto const key = [](Link const& l) { return std::tuple(l.price, -l.gain, l.first.to, l.first.now); };
          if (!found || key(link) < key(*found)) found = link;
        }
      }
    }
    if (!found) return false;
    fleet.set(found->first.to, *geometry_.after(geometry_.without(fleet.state(found->first.to), found->second.was), found->first.now));
    fleet.place({found->second.to, found->second.now});
    plan.moves.push_back(found->first);
    plan.moves.push_back(found->second);
    plan.price += found->price;
    return true;
  }

  bool is_better(MovePlan const& a, MovePlan const& b) const {
    auto const key = [](MovePlan const& plan) { return std::tuple(plan.price, plan.moves.size(), -plan.gain, plan.place.gpu, plan.place.placement); };
    return key(a) < key(b);
  }

  Geometry const& geometry_;
  Scores const& scores_;
  BucketIndex const& free_;
  TenantIndex const& tenants_;
  MoveLimits const& limits_;
  MovePrice const& price_;
  MoveCheck const& check_;
  std::optional<MovePlan> best_;
};

}  // namespace

std::optional<MovePlan> find_moves(Geometry const& geometry, Scores const& scores, BucketIndex const& free, TenantIndex const& tenants, std::uint8_t profile,
                                   MoveLimits const& limits, MovePrice const& price, MoveCheck const& check) {
  return limits.most == 0 ? std::nullopt : Search(geometry, scores, free, tenants, limits, price, check).run(profile);
}

std::uint64_t leavers_that_help(Geometry const& geometry, TenantIndex const& tenants, std::uint8_t profile) {
  std::uint64_t count = 0;
  for (auto const& alike : tenants.classes()) {
    if (alike.gpus.empty()) continue;
    for (auto const& tenant : alike.tenants)
      if (geometry.fits(geometry.without(alike.state, tenant.at), profile)) count += alike.gpus.size();
  }
  return count;
}

}  // namespace nav::mig
