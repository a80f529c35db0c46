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

namespace {

/// As parts of one.
Mix shares_of(Geometry const& geometry, Mix mix) {
  ensure(mix.size() == geometry.profiles(), "a mix has a share for every profile");
  double total = 0;
  for (double share : mix) {
    ensure(share >= 0 && std::isfinite(share), "shares are not negative");
    total += share;
  }
  ensure(total > 0, "something is asked for");
  for (double& share : mix) share /= total;
  return mix;
}

std::vector<double> half_and_half(Geometry const& geometry, Mix const& mix) {
  auto value = potential(geometry, mix);
  auto const wasted = fragments(geometry, mix);
  for (std::size_t state = 0; state < value.size(); ++state) value[state] = (value[state] - wasted[state]) / 2;
  return value;
}

}  // namespace

std::vector<double> potential(Geometry const& geometry, Mix const& mix) {
  auto const shares = shares_of(geometry, mix);
  std::vector<double> absorbs(geometry.states(), 0.0);
  // A placement leads to a state of a higher number, so what follows is known before what it follows from.
  for (std::size_t state = geometry.states(); state-- > 0;) {
    for (std::size_t p = 0; p < geometry.profiles(); ++p) {
      auto const profile = static_cast<std::uint8_t>(p);
      if (shares[p] == 0 || !geometry.fits(static_cast<StateId>(state), profile)) continue;
      double best = 0;
      for (auto placement : geometry.placements(profile))
        if (auto const next = geometry.after(static_cast<StateId>(state), placement)) best = std::max(best, absorbs[*next]);
      absorbs[state] += shares[p] * (geometry.profile(profile).memory_slices + best);
    }
  }
  return absorbs;
}

std::vector<double> fragments(Geometry const& geometry, Mix const& mix) {
  auto const shares = shares_of(geometry, mix);
  std::vector<double> useless(geometry.states(), 0.0);
  for (std::size_t state = 0; state < geometry.states(); ++state)
    for (std::size_t p = 0; p < geometry.profiles(); ++p)
      if (!geometry.fits(static_cast<StateId>(state), static_cast<std::uint8_t>(p)))
        useless[state] += shares[p] * geometry.free_slices(static_cast<StateId>(state));
  return useless;
}

Scores::Scores(Geometry const& geometry, Mix const& mix) : Scores(of_values(geometry, half_and_half(geometry, mix))) {}

Scores Scores::of_values(Geometry const& geometry, std::vector<double> const& values) {
  ensure(values.size() == geometry.states(), "there is a value for every state");
  Scores scores;
  scores.states_ = geometry.states();
  for (double slices : values) scores.values_.push_back(static_cast<std::int32_t>(std::lround(slices * kUnit)));
  scores.fill_tables(geometry);
  return scores;
}

void Scores::fill_tables(Geometry const& geometry) {
  auto const profiles = geometry.profiles();
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
