// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "controller/bookkeeper.h"
#include "sim/world.h"

namespace nav::sim {

namespace {

using telemetry::Measure;

/// What attempts held, added up apart from the ledger: slices of their placement from the news that they run to that of their end.
class HeldByHand {
 public:
  void take(PoolEvent const& event, Stamp const& stamp) {
    if (auto const* placed = std::get_if<JobPlaced>(&event)) {
      double const whole = 8.0 * static_cast<double>(placed->gpus.size());
      slices_[placed->attempt] = placed->placement.empty() ? whole : slices_of(placed->placement);
    } else if (auto const* started = std::get_if<JobStarted>(&event)) {
      since_.try_emplace(started->attempt, stamp.at);
    } else if (auto const* ended = std::get_if<AttemptEnded>(&event)) {
      auto const since = since_.extract(ended->attempt);
      if (!since.empty()) slice_seconds_ += slices_[ended->attempt] * (stamp.at - since.mapped()).seconds();
    }
  }
  double until(Time now) const {
    double all = slice_seconds_;
    for (auto const& [attempt, since] : since_) all += slices_.at(attempt) * (now - since).seconds();
    return all;
  }

 private:
  /// Of the simulated A100.
  static double slices_of(std::string const& placement) {
    if (placement.starts_with("1g.10gb") || placement.starts_with("2g")) return 2;
    if (placement.starts_with("3g") || placement.starts_with("4g")) return 4;
    return placement.starts_with("7g") ? 8 : 1;
  }

  std::map<AttemptId, double> slices_;
  std::map<AttemptId, Time> since_;
  double slice_seconds_ = 0;
};

}  // namespace

void check_ledger(SimJournal& journal, Time now) {
  std::map<telemetry::Dimensions, std::uint64_t> keys;
  Bookkeeper books(
      Pool{}, Access{}, [&](telemetry::Dimensions const& who) { return keys.try_emplace(who, keys.size() + 1).first->second; }, Time{});
  HeldByHand by_hand;
  std::map<std::string, Time> since;  // of each GPU, while it is in the pool
  double capacity_seconds = 0;
  auto const count_capacity = [&](Time at) {
    for (auto const& [gpu, known] : books.ledger().gpus()) {
      if (std::string const fault = telemetry::fault_of(known.division); !fault.empty()) throw Broken{fmt::format("the ledger of {}: {}", gpu, fault)};
      auto const [it, fresh] = since.try_emplace(gpu, at);
      capacity_seconds += known.division.memory_slices * (at - it->second).seconds();
      it->second = at;
    }
  };
  Result<void> taken;
  auto const read = journal.read(0, 0, [&](Frame const& frame) {
    // What was there before this event was there until now.
    count_capacity(frame.stamp.at);
    taken = books.take(frame);
    if (!taken) return false;
    std::erase_if(since, [&](auto const& one) { return !books.ledger().gpus().contains(one.first); });
    count_capacity(frame.stamp.at);
    if (frame.stream == "pool")
      if (auto event = json_read<PoolEvent>(frame.body, Unknown::Ignore)) by_hand.take(*event, frame.stamp);
    // Counting in the middle must change nothing.
    if (frame.stamp.sequence % 97 == 0) books.settle(frame.stamp.at);
    return true;
  });
  if (!read || !taken) throw Broken{fmt::format("the books cannot be kept by the journal: {}", to_text(read ? taken.error() : read.error()))};
  now = std::max(now, books.pool().now);
  count_capacity(now);
  books.settle(now);
  std::map<Measure, double> sums;
  for (auto const& [at, cells] : books.sums().all())
    if (at.grain == 2)
      for (auto const& [measure, cell] : cells) sums[measure] += cell.sum;
  auto const is_near = [](double a, double b) { return std::abs(a - b) <= 1e-6 * std::max(1.0, std::abs(b)); };
  double const parts = sums[Measure::Held] + sums[Measure::Idle] + sums[Measure::Reconfiguring] + sums[Measure::SetAside] + sums[Measure::Loss];
  if (!is_near(parts, sums[Measure::Capacity]))
    throw Broken{fmt::format("the ledger's parts are {} slice seconds, its capacity {}", parts, sums[Measure::Capacity])};
  if (!is_near(sums[Measure::Capacity], capacity_seconds))
    throw Broken{fmt::format("the ledger's capacity is {} slice seconds, that of the GPUs that were there {}", sums[Measure::Capacity], capacity_seconds)};
  double const compute = sums[Measure::HeldCompute] + sums[Measure::IdleCompute] + sums[Measure::ReconfiguringCompute] + sums[Measure::SetAsideCompute] +
                         sums[Measure::LossCompute];
  if (!is_near(compute, sums[Measure::CapacityCompute]))
    throw Broken{fmt::format("in compute slices the parts are {}, the capacity {}", compute, sums[Measure::CapacityCompute])};
  if (!is_near(sums[Measure::Held], by_hand.until(now)))
    throw Broken{fmt::format("the ledger says {} slice seconds were held, adding up attempts {}", sums[Measure::Held], by_hand.until(now))};
  if (sums[Measure::Stranded] > sums[Measure::Idle] * (1 + 1e-9)) throw Broken{"more is stranded than is idle"};
}

}  // namespace nav::sim
