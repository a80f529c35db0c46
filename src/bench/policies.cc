// SPDX-License-Identifier: Apache-2.0
#include "bench/policies.h"

#include <algorithm>
#include <bit>
#include <fmt/ranges.h>
#include <tuple>

#include "bench/mixes.h"
#include "bench/static_layouts.h"

namespace nav::bench {
namespace {

using Choice = mig::BucketIndex::Choice;
using Chosen = std::optional<Choice>;

/// Calls visit(state, GPUs) for the states with GPUs where the profile fits.
template <class Visit>
void each_fitting(Fleet const& fleet, std::uint8_t profile, Visit&& visit) {
  fleet.free().each_filled(profile, [&](mig::StateId state) {
    visit(state, fleet.free().bucket(state));
    return false;
  });
}

mig::Placement lowest_start(mig::Geometry const& geometry, mig::StateId state, std::uint8_t profile) {
  for (auto at : geometry.placements(profile))
    if (geometry.fits(state, at)) return at;
  ensure(false, "it fits");
}

/// Where the most further instances can be made, each profile counted for itself.
mig::Placement best_start(mig::Geometry const& geometry, mig::StateId state, std::uint8_t profile) {
  std::optional<mig::Placement> best;
  std::uint32_t most = 0;
  for (auto at : geometry.placements(profile)) {
    auto const after = geometry.after(state, at);
    if (!after) continue;
    std::uint32_t left = 0;
    for (std::size_t p = 0; p < geometry.profiles(); ++p) left += geometry.capacity(*after, static_cast<std::uint8_t>(p));
    if (best && left <= most) continue;
    best = at;
    most = left;
  }
  return *best;
}

Chosen random_choice(Fleet const& fleet, Asked const& asked) {
  auto const& geometry = fleet.geometry();
  bool any = false;
  each_fitting(fleet, asked.profile, [&](auto, auto const&) { any = true; });
  if (!any) return std::nullopt;
  while (true) {
    auto const gpu = static_cast<std::uint32_t>(asked.chance->below(fleet.gpus()));
    auto const places = geometry.placements(asked.profile);
    auto const at = places[asked.chance->below(places.size())];
    if (geometry.fits(fleet.state(gpu), at)) return Choice{gpu, at};
  }
}

Chosen first_fit(Fleet const& fleet, Asked const& asked) {
  Chosen found;
  each_fitting(fleet, asked.profile, [&](mig::StateId state, mig::GpuSet const& gpus) {
    if (!found || *gpus.first() < found->gpu) found = Choice{*gpus.first(), lowest_start(fleet.geometry(), state, asked.profile)};
  });
  return found;
}

Chosen round_robin(Fleet const& fleet, Asked const& asked) {
  Chosen found;
  each_fitting(fleet, asked.profile, [&](mig::StateId state, mig::GpuSet const& gpus) {
    auto const gpu = gpus.next(asked.previous + 1);
    if (gpu && (!found || *gpu < found->gpu)) found = Choice{*gpu, lowest_start(fleet.geometry(), state, asked.profile)};
  });
  return found ? found : first_fit(fleet, asked);
}

/// The GPU with the fewest (sign 1) or most (-1) free slices, on it the best start.
Chosen by_free_slices(Fleet const& fleet, Asked const& asked, int sign) {
  Chosen found;
  std::tuple<int, std::uint32_t> best;
  each_fitting(fleet, asked.profile, [&](mig::StateId state, mig::GpuSet const& gpus) {
    std::tuple const key(sign * static_cast<int>(fleet.geometry().free_slices(state)), *gpus.first());
    if (found && key >= best) return;
    best = key;
    found = Choice{*gpus.first(), best_start(fleet.geometry(), state, asked.profile)};
  });
  return found;
}

Chosen by_scores(Fleet const& fleet, Asked const& asked) { return fleet.free().best(asked.profile); }

/// Of profiles small enough for what is free: what of their places is taken, by width (MFI).
std::vector<double> minus_blocked(mig::Geometry const& geometry) {
  std::vector<double> value(geometry.states(), 0.0);
  for (std::size_t state = 0; state < geometry.states(); ++state)
    for (auto const at : geometry.placements()) {
      auto const width = geometry.profile(at.profile).memory_slices;
      auto const here = static_cast<mig::StateId>(state);
      if (width <= geometry.free_slices(here) && (geometry.mask(here) & geometry.window(at))) value[state] -= width;
    }
  return value;
}

std::vector<double> negated(std::vector<double> values) {
  for (double& value : values) value = -value;
  return values;
}

struct Entry {
  char const* name;
  char const* says;
  Policy (*make)(Setting const&);
};

Policy plain_policy(Setting const& setting, std::function<Chosen(Fleet const&, Asked const&)> choose) {
  Policy policy;
  policy.scores = std::make_shared<mig::Scores const>(*setting.geometry, setting.mix);
  policy.choose = std::move(choose);
  return policy;
}

Policy table_policy(Setting const& setting, std::vector<double> const& value) {
  Policy policy;
  policy.scores = std::make_shared<mig::Scores const>(mig::Scores::of_values(*setting.geometry, value));
  policy.choose = by_scores;
  return policy;
}

Policy nav_policy(Setting const& setting) {
  Policy policy;
  policy.scores = std::make_shared<mig::Scores const>(*setting.geometry, mig::even_mix(*setting.geometry));
  policy.choose = by_scores;
  policy.moves = {.most = 3, .chains = true};
  policy.learns = true;
  return policy;
}

Policy static_policy(Setting const& setting) {
  auto const layouts = std::make_shared<std::vector<mig::Layout> const>(static_layouts(setting));
  return plain_policy(setting, [layouts](Fleet const& fleet, Asked const& asked) -> Chosen {
    for (std::uint32_t gpu = 0; gpu < fleet.gpus(); ++gpu)
      for (auto const at : (*layouts)[gpu].placements)
        if (at.profile == asked.profile && fleet.geometry().fits(fleet.state(gpu), at)) return Choice{gpu, at};
    return std::nullopt;
  });
}

constexpr Entry kPolicies[] = {
    {"nav", "half potential, half FGD, for the mix that is observed and a part of the even one; on refusal at most three moves, with chains", nav_policy},
    {"nav-known-mix", "nav, told the true mix beforehand",
     [](Setting const& s) {
       auto policy = nav_policy(s);
       policy.scores = std::make_shared<mig::Scores const>(*s.geometry, s.mix);
       policy.learns = false;
       return policy;
     }},
    {"nav-even-mix", "nav's table for the even mix, whatever is asked for; no moves",
     [](Setting const& s) {
       auto policy = nav_policy(s);
       policy.learns = false;
       policy.moves.most = 0;
       return policy;
     }},
    {"random", "a place drawn among those where it fits", [](Setting const& s) { return plain_policy(s, random_choice); }},
    {"round-robin", "the next GPU where it fits, lowest start", [](Setting const& s) { return plain_policy(s, round_robin); }},
    {"first-fit", "the first GPU where it fits, lowest start", [](Setting const& s) { return plain_policy(s, first_fit); }},
    {"best-fit", "the GPU with the fewest free slices, the start that leaves most instances possible",
     [](Setting const& s) { return plain_policy(s, [](Fleet const& f, Asked const& a) { return by_free_slices(f, a, 1); }); }},
    {"worst-fit", "the GPU with the most free slices, the start that leaves most instances possible",
     [](Setting const& s) { return plain_policy(s, [](Fleet const& f, Asked const& a) { return by_free_slices(f, a, -1); }); }},
    {"mfi", "least growth of blocked places (arXiv 2511.18906, as we read it)", [](Setting const& s) { return table_policy(s, minus_blocked(*s.geometry)); }},
    {"fgd", "least growth of slices useless to the next request of the true mix (USENIX ATC 2023)",
     [](Setting const& s) { return table_policy(s, negated(mig::fragments(*s.geometry, s.mix))); }},
    {"hami", "HAMi's order: the smallest profile that holds the request, first GPU and placement free; on exact requests that is first-fit",
     [](Setting const& s) { return plain_policy(s, first_fit); }},
    {"static", "each GPU cut once for the expected mix, as the device plugin and KAI have it", static_policy},
    {"potential", "least loss of the slices a GPU goes on to absorb from the true mix",
     [](Setting const& s) { return table_policy(s, mig::potential(*s.geometry, s.mix)); }},
};

}  // namespace

std::vector<std::string> policy_names() {
  std::vector<std::string> names;
  for (auto const& entry : kPolicies) names.emplace_back(entry.name);
  return names;
}

std::string about_policy(std::string_view name) {
  for (auto const& entry : kPolicies)
    if (entry.name == name) return entry.says;
  return {};
}

Result<Policy> policy_named(std::string_view name, Setting const& setting) {
  for (auto const& entry : kPolicies) {
    if (entry.name != name) continue;
    auto policy = entry.make(setting);
    policy.name = entry.name;
    policy.says = entry.says;
    if (setting.most_moves) policy.moves.most = *setting.most_moves;
    return policy;
  }
  return fail_field("policy", fmt::format("one of {}", fmt::join(policy_names(), ", ")), "there is no policy \"{}\"", name);
}

}  // namespace nav::bench
