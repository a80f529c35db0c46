// SPDX-License-Identifier: Apache-2.0
#include "bench/queueing.h"

#include <array>
#include <cmath>
#include <deque>
#include <queue>

#include "bench/arrivals.h"
#include "bench/numbers.h"
#include "mig/demand.h"
#include "mig/packing.h"

namespace nav::bench {
namespace {

constexpr double kPriceUnit = 1e6;  // of a mean service time

struct Waiting {
  std::uint64_t number;  // of arrival
  Arrival arrival;
};

/// Jobs that run end at a time that moves put off; an end of an older version is stale.
struct End {
  double at;
  std::uint32_t who;
  std::uint32_t version;
  bool operator<(End const& other) const { return at != other.at ? at > other.at : who > other.who; }
};

struct Running {
  double since = 0;  // of its present attempt
  double until = 0;
  std::uint32_t version = 0;
  std::uint8_t profile = 0;
};

class Waits {
 public:
  Waits(mig::Geometry const& geometry, std::uint64_t arrivals) : arrivals_(arrivals) {
    for (std::size_t p = 1; p < geometry.profiles(); ++p)
      if (geometry.board().profiles[p].memory_slices >= geometry.board().profiles[largest_].memory_slices) largest_ = p;
  }
  void count(std::uint64_t index, std::size_t profile, double wait) {
    auto& batch = batches_[index * batches_.size() / arrivals_];
    batch.sum += wait, batch.count += 1;
    if (profile == largest_) large_.sum += wait, large_.count += 1;
  }
  QueueResult result() const {
    Batch all;
    double sum = 0, squares = 0, used = 0;
    for (auto const& batch : batches_) {
      if (batch.count == 0) continue;
      all.sum += batch.sum, all.count += batch.count;
      double const mean = batch.sum / batch.count;
      sum += mean, squares += mean * mean, used += 1;
    }
    QueueResult result;
    if (all.count > 0) result.mean_wait = all.sum / all.count;
    if (large_.count > 0) result.mean_wait_largest = large_.sum / large_.count;
    if (used > 1) result.ci95 = 2.09 * std::sqrt(std::max(0.0, (squares - sum * sum / used) / (used - 1)) / used);
    return result;
  }

 private:
  struct Batch {
    double sum = 0, count = 0;
  };
  std::uint64_t arrivals_;
  std::size_t largest_ = 0;
  std::array<Batch, 20> batches_{};
  Batch large_;
};

/// The frame of both runs. `Room` has `bool start(Waiting const&, who, now, queued)`, `void end(who)`.
template <class Room>
class Queueing {
 public:
  Queueing(QueueWorld const& world, Room& room) : world_(world), room_(room), waits_(*world.geometry, world.arrivals), queues_(world.geometry->profiles()) {}

  QueueResult run() {
    auto const a_time = arrivals_a_time(*world_.geometry, world_.mix, world_.rho, world_.gpus);
    Arrivals arrivals(world_.mix, a_time, world_.seed);
    uncounted_ = static_cast<std::uint64_t>(20 * a_time);
    auto const total = uncounted_ + world_.arrivals;
    for (std::uint64_t i = 0; i < total; ++i) {
      auto const arrival = arrivals.next();
      end_until(arrival.at);
      queues_[arrival.profile].push_back({i, arrival});
      ++queued_;
      room_.saw(arrival.profile);
      // Who comes changes nothing for those who wait already.
      if (queued_ == 1 || world_.discipline == Discipline::Backfill) start_one(arrival.profile, arrival.at);
    }
    while (queued_ > 0 && !ends_.empty()) end_until(ends_.top().at);
    return waits_.result();
  }

  void put_off(std::uint32_t who, double now, double price, double pause) {
    auto& job = running_[who];
    job.until += price;
    job.since = now + pause;
    ends_.push({job.until, who, ++job.version});
  }
  Running const& running(std::uint32_t who) const { return running_[who]; }
  bool is_counted(std::uint64_t number) const { return number >= uncounted_; }

 private:
  void end_until(double time) {
    while (!ends_.empty() && ends_.top().at <= time) {
      auto const end = ends_.top();
      ends_.pop();
      if (end.version != running_[end.who].version) continue;
      room_.end(end.who);
      ++running_[end.who].version;
      numbers_.give_back(end.who);
      start_waiting(end.at);
    }
  }

  /// The foremost of the profile, if it is let in.
  bool start_one(std::size_t profile, double now) {
    auto const next = queues_[profile].front();
    auto const who = numbers_.take();
    if (running_.size() <= who) running_.resize(who + 1);
    if (!room_.start(next, who, now, queued_)) {
      numbers_.give_back(who);
      return false;
    }
    queues_[profile].pop_front();
    --queued_;
    auto& job = running_[who];
    job.since = now, job.until = now + next.arrival.lasts, job.profile = next.arrival.profile;
    ends_.push({job.until, who, ++job.version});
    if (next.number >= uncounted_) waits_.count(next.number - uncounted_, profile, now - next.arrival.at);
    return true;
  }

  void start_waiting(double now) {
    std::uint32_t refused = 0;  // a bit a profile
    while (queued_ > 0) {
      std::optional<std::size_t> oldest;
      for (std::size_t p = 0; p < queues_.size(); ++p)
        if (!queues_[p].empty() && !(refused >> p & 1) && (!oldest || queues_[p].front().number < queues_[*oldest].front().number)) oldest = p;
      if (!oldest) return;
      if (start_one(*oldest, now)) continue;
      if (world_.discipline == Discipline::Fifo) return;
      refused |= 1u << *oldest;
    }
  }

  QueueWorld const& world_;
  Room& room_;
  Waits waits_;
  std::vector<std::deque<Waiting>> queues_;  // by profile
  std::uint64_t queued_ = 0;
  std::uint64_t uncounted_ = 0;
  std::vector<Running> running_;  // by who
  std::priority_queue<End> ends_;
  Numbers numbers_;
};

/// A fleet under a policy that may move others at a price.
class PolicyRoom {
 public:
  PolicyRoom(QueueWorld const& world, Policy const& policy)
      : world_(world),
        geometry_(*world.geometry),
        policy_(policy),
        scores_(policy.scores),
        fleet_(geometry_, *scores_, world.gpus),
        packer_(geometry_),
        demand_(geometry_),
        counts_(geometry_.profiles(), 0),
        chance_(Random(world.seed).child("policy")),
        queueing_(world, *this) {}

  QueueResult run() {
    auto result = queueing_.run();
    result.moved = static_cast<double>(moves_) / static_cast<double>(world_.arrivals);
    result.lost = work_ > 0 ? lost_ / work_ : 0;
    return result;
  }

  void saw(std::uint8_t profile) {
    if (!policy_.learns || !demand_.saw(profile)) return;
    auto const next = std::make_shared<mig::Scores const>(geometry_, demand_.mix());
    fleet_.use(*next);
    scores_ = next;
  }

  void end(std::uint32_t who) {
    --counts_[fleet_.seat_of(who).placement.profile];
    fleet_.leave(who);
  }

  bool start(Waiting const& next, std::uint32_t who, double now, std::uint64_t queued) {
    auto const profile = next.arrival.profile;
    auto at = policy_.choose(fleet_, {profile, previous_, &chance_});
    if (!at) at = make_room(next, now, queued);
    if (!at) return false;
    // Drawn from the arrival's number: a job is movable or not, whichever policy runs and whenever it starts.
    bool const movable = world_.movable >= 1 || Random(world_.seed * 0x9E3779B97F4A7C15ull + next.number).child("movable").chance(world_.movable);
    fleet_.seat(who, *at, movable ? mig::Hold::Movable : mig::Hold::Pinned);
    previous_ = at->gpu;
    ++counts_[profile];
    if (queueing_.is_counted(next.number)) work_ += next.arrival.lasts * geometry_.profile(profile).memory_slices;
    return true;
  }

 private:
  double price_of(std::uint32_t who, double now) const {
    auto const& prices = world_.prices;
    double const ran = std::max(0.0, now - queueing_.running(who).since);
    double const redone = prices.checkpoint > 0 ? std::fmod(ran, prices.checkpoint) : 0;
    return redone + prices.restart + prices.cutting;
  }

  std::optional<mig::BucketIndex::Choice> make_room(Waiting const& next, double now, std::uint64_t queued) {
    auto const profile = next.arrival.profile;
    if (policy_.moves.most == 0) return std::nullopt;
    ++counts_[profile];
    bool const packable = packer_.packable(counts_, world_.gpus) == mig::Packing::Possible;
    --counts_[profile];
    if (!packable) return std::nullopt;
    auto const helpers = std::max<std::uint64_t>(1, mig::leavers_that_help(geometry_, fleet_.tenants(), profile));
    double const behind = world_.discipline == Discipline::Fifo ? static_cast<double>(std::min<std::uint64_t>(queued, 32)) : 1;
    auto limits = policy_.moves;
    limits.most_price = static_cast<std::int64_t>(world_.kappa * behind / static_cast<double>(helpers) * kPriceUnit);
    auto const plan = mig::find_moves(geometry_, *scores_, fleet_.free(), fleet_.tenants(), profile, limits, [&](std::uint32_t gpu, mig::Placement placement) {
      return static_cast<std::int64_t>(price_of(fleet_.who_is_at(gpu, placement), now) * kPriceUnit);
    });
    if (!plan) return std::nullopt;
    for (auto const& move : plan->moves) {
      auto const who = fleet_.who_is_at(move.from, move.was);
      double const price = price_of(who, now);
      if (queueing_.is_counted(next.number)) {
        ++moves_;
        lost_ += price * geometry_.profile(move.was.profile).memory_slices;
      }
      queueing_.put_off(who, now, price, world_.prices.restart + world_.prices.cutting);
    }
    fleet_.move(*plan);
    return plan->place;
  }

  QueueWorld const& world_;
  mig::Geometry const& geometry_;
  Policy const& policy_;
  std::shared_ptr<mig::Scores const> scores_;
  Fleet fleet_;
  mig::Packer packer_;
  mig::Demand demand_;
  mig::Counts counts_;
  Random chance_;
  std::uint32_t previous_ = 0;
  std::uint64_t moves_ = 0;
  double lost_ = 0, work_ = 0;
  Queueing<PolicyRoom> queueing_;
};

class OracleRoom {
 public:
  explicit OracleRoom(QueueWorld const& world) : world_(world), packer_(*world.geometry), counts_(world.geometry->profiles(), 0) {}

  void saw(std::uint8_t) {}
  void end(std::uint32_t who) { --counts_[profile_of_[who]]; }
  bool start(Waiting const& next, std::uint32_t who, double, std::uint64_t) {
    ++counts_[next.arrival.profile];
    if (packer_.packable(counts_, world_.gpus) != mig::Packing::Possible) {
      --counts_[next.arrival.profile];
      return false;
    }
    if (profile_of_.size() <= who) profile_of_.resize(who + 1);
    profile_of_[who] = next.arrival.profile;
    return true;
  }

 private:
  QueueWorld const& world_;
  mig::Packer packer_;
  mig::Counts counts_;
  std::vector<std::uint8_t> profile_of_;
};

}  // namespace

QueueResult run_queue(QueueWorld const& world, Policy const& policy) { return PolicyRoom(world, policy).run(); }

QueueResult run_queue_oracle(QueueWorld const& world) {
  OracleRoom room(world);
  return Queueing<OracleRoom>(world, room).run();
}

}  // namespace nav::bench
