// SPDX-License-Identifier: Apache-2.0
#include "mig/scores.h"

#include <algorithm>
#include <cmath>

namespace nav::mig {

Mix even_mix(Geometry const& geometry) {
  Mix mix;
  for (auto const& profile : geometry.board().profiles) mix.push_back(profile.media == Media::Plain && !profile.graphics ? 1.0 : 0.0);
  // A board of which every profile is special.
  if (std::all_of(mix.begin(), mix.end(), [](double share) { return share == 0; })) mix.assign(mix.size(), 1.0);
  return mix;
}

Scores::Scores(Geometry const& geometry, Mix const& mix) : states_(geometry.states()) {
  auto const profiles = geometry.profiles();
  ensure(mix.size() == profiles, "a mix has a share for every profile");
  double total = 0;
  for (double share : mix) {
    ensure(share >= 0 && std::isfinite(share), "shares are not negative");
    total += share;
  }
  ensure(total > 0, "something is asked for");

  // A placement leads to a state of a higher number, so what follows is known before what it follows from.
  std::vector<double> potential(states_, 0.0);
  values_.assign(states_, 0);
  for (std::size_t state = states_; state-- > 0;) {
    auto const here = static_cast<StateId>(state);
    double absorbed = 0, fragments = 0;
    for (std::size_t p = 0; p < profiles; ++p) {
      auto const profile = static_cast<std::uint8_t>(p);
      double const share = mix[p] / total;
      if (share == 0) continue;
      if (!geometry.fits(here, profile)) {
        fragments += share * geometry.free_slices(here);
        continue;
      }
      double best = 0;
      for (auto placement : geometry.placements(profile))
        if (auto const next = geometry.after(here, placement)) best = std::max(best, potential[*next]);
      absorbed += share * (geometry.profile(profile).memory_slices + best);
    }
    potential[state] = absorbed;
    values_[state] = static_cast<std::int32_t>(std::lround((absorbed - fragments) / 2 * kUnit));
  }

  starts_.assign(profiles * states_, kNoStart);
  costs_.assign(profiles * states_, 0);
  orders_.resize(profiles);
  for (std::size_t p = 0; p < profiles; ++p) {
    for (std::size_t state = 0; state < states_; ++state) {
      auto const cell = p * states_ + state;
      for (auto placement : geometry.placements(static_cast<std::uint8_t>(p))) {
        auto const next = geometry.after(static_cast<StateId>(state), placement);
        if (!next) continue;
        auto const loss = values_[state] - values_[*next];
        if (starts_[cell] != kNoStart && loss >= costs_[cell]) continue;
        starts_[cell] = placement.start;
        costs_[cell] = loss;
      }
      if (starts_[cell] != kNoStart) orders_[p].push_back(static_cast<StateId>(state));
    }
    std::stable_sort(orders_[p].begin(), orders_[p].end(), [&](StateId a, StateId b) {
      auto const cost_a = costs_[p * states_ + a], cost_b = costs_[p * states_ + b];
      return cost_a != cost_b ? cost_a < cost_b : geometry.free_slices(a) < geometry.free_slices(b);
    });
  }
}

}  // namespace nav::mig
