// SPDX-License-Identifier: Apache-2.0
#include "mig/demand.h"

namespace nav::mig {
namespace {

constexpr std::uint64_t kEven = 100;         // requests the even mix stands for at the beginning
constexpr std::uint64_t kMost = 4'000;       // more, and all count half
constexpr std::uint64_t kCompareEvery = 64;  // requests
constexpr double kWorthwhile = 0.05;         // of the mass must have moved
constexpr double kStaysEven = 0.3;           // of what mix() says, whatever is asked for

}  // namespace

Demand::Demand(Geometry const& geometry) : even_(even_mix(geometry)) {
  double total = 0;
  for (double share : even_) total += share;
  for (double& share : even_) share /= total;
  for (double share : even_) counts_.push_back(static_cast<std::uint64_t>(share * kEven));
  for (auto count : counts_) total_ += count;
  said_ = counts_;
  said_total_ = total_;
}

bool Demand::saw(std::uint8_t profile) {
  ++counts_[profile];
  if (++total_ >= kMost) {
    total_ = 0;
    for (auto& count : counts_) total_ += count /= 2;
  }
  if (++since_ < kCompareEvery) return false;
  since_ = 0;
  double moved = 0;
  for (std::size_t p = 0; p < counts_.size(); ++p) {
    double const is = static_cast<double>(counts_[p]) / static_cast<double>(total_), was = static_cast<double>(said_[p]) / static_cast<double>(said_total_);
    if (is > was) moved += is - was;
  }
  return moved > kWorthwhile;
}

Mix Demand::mix() {
  said_ = counts_;
  said_total_ = total_;
  Mix mix;
  for (std::size_t p = 0; p < counts_.size(); ++p)
    mix.push_back(kStaysEven * even_[p] + (1 - kStaysEven) * static_cast<double>(counts_[p]) / static_cast<double>(total_));
  return mix;
}

}  // namespace nav::mig
