// SPDX-License-Identifier: Apache-2.0
#include "bench/mixes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/ranges.h>
#include <numeric>
#include <tuple>

namespace nav::bench {
namespace {

struct Named {
  char const* name;
  std::array<double, 6> shares;  ///< 7g, 4g, 3g, 2g, 1g with double memory, 1g
};
constexpr std::array<Named, 4> kMixes{{{"uniform", {1. / 6, 1. / 6, 1. / 6, 1. / 6, 1. / 6, 1. / 6}},
                                       {"skew-small", {.05, .10, .10, .20, .25, .30}},
                                       {"skew-big", {.30, .25, .20, .10, .10, .05}},
                                       {"bimodal", {.30, .15, .05, .05, .15, .30}}}};

}  // namespace

mig::Board plain(mig::Board board) {
  std::erase_if(board.profiles, [](mig::Profile const& p) { return p.media != mig::Media::Plain || p.graphics; });
  return board;
}

std::vector<std::string> mix_names() {
  std::vector<std::string> names;
  for (auto const& mix : kMixes) names.emplace_back(mix.name);
  return names;
}

Result<mig::Mix> mix_named(std::string_view name, mig::Geometry const& geometry) {
  auto const found = std::find_if(kMixes.begin(), kMixes.end(), [&](Named const& mix) { return mix.name == name; });
  if (found == kMixes.end()) return fail_field("mix", fmt::format("one of {}", fmt::join(mix_names(), ", ")), "there is no mix \"{}\"", name);
  auto const& profiles = geometry.board().profiles;
  std::vector<std::size_t> from_largest(profiles.size());
  std::iota(from_largest.begin(), from_largest.end(), std::size_t{0});
  std::stable_sort(from_largest.begin(), from_largest.end(), [&](std::size_t a, std::size_t b) {
    auto const size = [&](std::size_t p) { return std::tuple(profiles[p].compute_slices, profiles[p].memory_slices); };
    return size(a) > size(b);
  });
  mig::Mix mix(profiles.size(), 0.0);
  double total = 0;
  for (std::size_t i = 0; i < from_largest.size(); ++i) {
    double const at = from_largest.size() == 1 ? 0 : static_cast<double>(i) * 5 / static_cast<double>(from_largest.size() - 1);
    auto const low = static_cast<std::size_t>(at);
    double const part = at - static_cast<double>(low);
    double const share = found->shares[low] * (1 - part) + (low + 1 < 6 ? found->shares[low + 1] * part : 0);
    mix[from_largest[i]] = share;
    total += share;
  }
  for (double& share : mix) share /= total;
  return mix;
}

double mean_slices(mig::Geometry const& geometry, mig::Mix const& mix) {
  double mean = 0;
  for (std::size_t p = 0; p < mix.size(); ++p) mean += mix[p] * geometry.board().profiles[p].memory_slices;
  return mean;
}

}  // namespace nav::bench
