// SPDX-License-Identifier: Apache-2.0
#include "bench/loss.h"

#include <array>
#include <cmath>
#include <queue>

#include "bench/arrivals.h"
#include "bench/numbers.h"
#include "mig/demand.h"
#include "mig/packing.h"

namespace nav::bench {
namespace {

struct Departure {
  double at;
  std::uint32_t who;
  bool operator<(Departure const& other) const { return at != other.at ? at > other.at : who > other.who; }
};
using Departures = std::priority_queue<Departure>;

/// Slices asked for and accepted, in batches.
class Tally {
 public:
  explicit Tally(std::uint64_t arrivals) : arrivals_(arrivals) {}

  void count(std::uint64_t index, std::uint32_t slices, bool accepted) {
    auto& batch = batches_[index * batches_.size() / arrivals_];
    batch.asked += slices;
    batch.given += accepted ? slices : 0;
    accepted_ += accepted;
  }

  Acceptance result() const {
    Acceptance all{.accepted = accepted_, .by_count = static_cast<double>(accepted_) / static_cast<double>(arrivals_)};
    double asked = 0, given = 0, sum = 0, squares = 0, used = 0;
    for (auto const& batch : batches_) {
      if (batch.asked == 0) continue;
      asked += batch.asked, given += batch.given;
      double const part = batch.given / batch.asked;
      sum += part, squares += part * part, used += 1;
    }
    all.by_slices = asked > 0 ? given / asked : 0;
    if (used > 1) all.ci95 = 2.09 * std::sqrt(std::max(0.0, (squares - sum * sum / used) / (used - 1)) / used);
    return all;
  }

 private:
  struct Batch {
    double asked = 0, given = 0;
  };
  std::uint64_t arrivals_;
  std::uint64_t accepted_ = 0;
  std::array<Batch, 20> batches_{};
};

/// The frame of both runs: `leave(who)` and `accept(arrival, who, counts) -> bool`.
template <class Leave, class Accept>
Acceptance run(LossWorld const& world, Leave&& leave, Accept&& accept) {
  auto const a_time = arrivals_a_time(*world.geometry, world.mix, world.rho, world.gpus);
  Arrivals arrivals(world.mix, a_time, world.seed);
  auto const uncounted = static_cast<std::uint64_t>(5 * a_time);
  Tally tally(world.arrivals);
  Departures departures;
  Numbers numbers;
  for (std::uint64_t i = 0; i < uncounted + world.arrivals; ++i) {
    auto const arrival = arrivals.next();
    for (; !departures.empty() && departures.top().at <= arrival.at; departures.pop()) {
      leave(departures.top().who);
      numbers.give_back(departures.top().who);
    }
    auto const who = numbers.take();
    bool const accepted = accept(arrival, who, i >= uncounted);
    if (accepted) departures.push({arrival.at + arrival.lasts, who});
    else numbers.give_back(who);
    if (i >= uncounted) tally.count(i - uncounted, world.geometry->profile(arrival.profile).memory_slices, accepted);
  }
  return tally.result();
}

}  // namespace

LossResult run_loss(LossWorld const& world, Policy const& policy) {
  auto const& geometry = *world.geometry;
  auto scores = policy.scores;
  Fleet fleet(geometry, *scores, world.gpus);
  mig::Packer const packer(geometry);
  mig::Demand demand(geometry);
  mig::Counts counts(geometry.profiles(), 0);
  Random chance = Random(world.seed).child("policy");
  std::uint32_t previous = world.gpus - 1;
  LossResult result;
  auto const seat = [&](std::uint32_t who, mig::BucketIndex::Choice const& at) {
    fleet.seat(who, at, mig::Hold::Movable);
    previous = at.gpu;
    ++counts[at.placement.profile];
    return true;
  };
  auto const leave = [&](std::uint32_t who) {
    --counts[fleet.seat_of(who).placement.profile];
    fleet.leave(who);
  };
  result.acceptance = run(world, leave, [&](Arrival const& arrival, std::uint32_t who, bool counted) {
    if (policy.learns && demand.saw(arrival.profile)) {
      auto const next = std::make_shared<mig::Scores const>(geometry, demand.mix());
      fleet.use(*next);
      scores = next;
    }
    if (auto const at = policy.choose(fleet, {arrival.profile, previous, &chance})) return seat(who, *at);
    auto limits = policy.moves;
    if (policy.sparing) limits.most = mig::moves_worth(geometry, arrival.profile, limits.most);
    if (limits.most == 0) return false;
    ++counts[arrival.profile];
    bool const packable = packer.packable(counts, world.gpus) == mig::Packing::Possible;
    --counts[arrival.profile];
    if (!packable) return false;
    auto const plan = mig::find_moves(geometry, *scores, fleet.free(), fleet.tenants(), arrival.profile, limits);
    if (!plan) return false;
    fleet.move(*plan);
    if (counted) result.moves += plan->moves.size();
    return seat(who, plan->place);
  });
  if (result.acceptance.accepted > 0) result.moves_per_job = static_cast<double>(result.moves) / static_cast<double>(result.acceptance.accepted);
  return result;
}

Acceptance run_repack_oracle(LossWorld const& world) {
  mig::Packer const packer(*world.geometry);
  mig::Counts counts(world.geometry->profiles(), 0);
  std::vector<std::uint8_t> profile_of;
  return run(
      world, [&](std::uint32_t who) { --counts[profile_of[who]]; },
      [&](Arrival const& arrival, std::uint32_t who, bool) {
        ++counts[arrival.profile];
        if (packer.packable(counts, world.gpus) != mig::Packing::Possible) {
          --counts[arrival.profile];
          return false;
        }
        if (profile_of.size() <= who) profile_of.resize(who + 1);
        profile_of[who] = arrival.profile;
        return true;
      });
}

}  // namespace nav::bench
