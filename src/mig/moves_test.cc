// SPDX-License-Identifier: Apache-2.0
#include "mig/moves.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "base/random.h"
#include "mig/boards_fixture.h"

namespace nav::mig {
namespace {

/// GPUs with tenants, and the indexes over them.
struct Fleet {
  Geometry const& geometry;
  Scores scores{geometry, even_mix(geometry)};
  BucketIndex free{geometry, scores};
  TenantIndex tenants{geometry};
  std::vector<std::vector<Tenant>> gpus;

  void add(std::vector<Tenant> const& sitting) {
    auto const gpu = static_cast<std::uint32_t>(gpus.size());
    free.insert(gpu, kEmptyGpu);
    tenants.insert(gpu);
    gpus.emplace_back();
    for (auto const& tenant : sitting) seat(gpu, tenant);
  }
  void seat(std::uint32_t gpu, Tenant const& tenant) {
    free.move(gpu, *geometry.after(*free.state_of(gpu), tenant.at));
    tenants.seat(gpu, tenant);
    gpus[gpu].push_back(tenant);
  }
  /// "3g.20gb@4" may move, "3g.20gb@4!" may not.
  void add(std::string_view text) {
    std::vector<Tenant> sitting;
    for (auto word : split_words(text)) {
      bool const pinned = word.ends_with('!');
      if (pinned) word.remove_suffix(1);
      sitting.push_back({parse_placement(geometry.board(), word).value(), pinned ? Hold::Pinned : Hold::Movable});
    }
    add(sitting);
  }
  std::string plan(std::string_view profile, MoveLimits limits = {}, MovePrice const& price = {}) const {
    auto const found = find_moves(geometry, scores, free, tenants, find_profile(geometry.board(), profile).value(), limits, price);
    return found ? text(*found) : "none";
  }
  std::string text(MovePlan const& plan) const {
    std::string out;
    for (auto const& move : plan.moves)
      out += fmt::format("{}:{} -> {}:{}, ", move.from, to_text(geometry.board(), move.was), move.to, to_text(geometry.board(), move.now));
    return out + fmt::format("place {}:{}", plan.place.gpu, to_text(geometry.board(), plan.place.placement));
  }
  static std::vector<std::string_view> split_words(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
      auto const end = std::min(text.find(' '), text.size());
      if (end > 0) words.push_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
  }
};

Geometry const& a100() {
  static auto const geometry = Geometry::compile(fixture::plain(fixture::a100_40())).value();
  return geometry;
}

TEST(Moves, OneInTheWayGoesWhereItFits) {
  Fleet fleet{a100()};
  fleet.add("1g.5gb@0 3g.20gb@4!");
  fleet.add("3g.20gb@0! 2g.10gb@4!");
  EXPECT_EQ(fleet.plan("4g.20gb"), "0:1g.5gb@0 -> 1:1g.5gb@6, place 0:4g.20gb@0");
}

TEST(Moves, WithinItsOwnGpuToo) {
  Fleet fleet{a100()};
  fleet.add("3g.20gb@0");
  EXPECT_EQ(fleet.plan("4g.20gb"), "0:3g.20gb@0 -> 0:3g.20gb@4, place 0:4g.20gb@0");
}

TEST(Moves, NobodyPinnedMoves) {
  Fleet fleet{a100()};
  fleet.add("3g.20gb@0!");
  EXPECT_EQ(fleet.plan("4g.20gb"), "none");
}

TEST(Moves, AChainGoesOverTwoGpus) {
  Fleet fleet{a100()};
  fleet.add("2g.10gb@0 3g.20gb@4!");
  fleet.add("1g.5gb@0 1g.10gb@2! 3g.20gb@4!");
  fleet.add("4g.20gb@0! 2g.10gb@4!");
  EXPECT_EQ(fleet.plan("4g.20gb", {.most = 2, .chains = true}), "0:2g.10gb@0 -> 1:2g.10gb@0, 1:1g.5gb@0 -> 2:1g.5gb@6, place 0:4g.20gb@0");
  EXPECT_EQ(fleet.plan("4g.20gb", {.most = 2, .chains = false}), "none");
  EXPECT_EQ(fleet.plan("4g.20gb", {.most = 1, .chains = true}), "none");
}

TEST(Moves, TheCheapestGo) {
  Fleet fleet{a100()};
  fleet.add("1g.5gb@0 3g.20gb@4!");
  fleet.add("1g.5gb@0 1g.5gb@1 3g.20gb@4!");
  fleet.add("4g.20gb@0!");
  auto const expensive_on = [](std::uint32_t dear) { return [=](std::uint32_t gpu, Placement) -> std::int64_t { return gpu == dear ? 1'000 : 10; }; };
  EXPECT_TRUE(fleet.plan("4g.20gb", {}, expensive_on(1)).ends_with("place 0:4g.20gb@0"));
  EXPECT_TRUE(fleet.plan("4g.20gb", {}, expensive_on(0)).ends_with("place 1:4g.20gb@0")) << "two cheap moves are dearer than none, cheaper than one dear";
}

TEST(Moves, WhoHoldsTheMediaEnginesMayHaveToMove) {
  auto const geometry = Geometry::compile(fixture::a100_40()).value();
  Fleet fleet{geometry};
  fleet.add("1g.5gb+me@0");
  fleet.add("1g.5gb+me@0! 1g.5gb@1!");
  EXPECT_EQ(fleet.plan("1g.5gb+me"), "none") << "there is one set a GPU, so moving helps nobody";
}

/// A fleet that is full enough for refusals, some of it pinned.
Fleet random_fleet(Geometry const& geometry, Random& random, std::size_t most_gpus) {
  Fleet fleet{geometry};
  auto const gpus = 1 + random.below(most_gpus);
  for (std::size_t gpu = 0; gpu < gpus; ++gpu) fleet.add(std::vector<Tenant>{});
  for (int tries = 0; tries < static_cast<int>(gpus * 6); ++tries) {
    auto const gpu = static_cast<std::uint32_t>(random.below(gpus));
    auto const all = geometry.placements();
    auto const at = all[random.below(all.size())];
    if (geometry.fits(*fleet.free.state_of(gpu), at)) fleet.seat(gpu, {at, random.chance(0.8) ? Hold::Movable : Hold::Pinned});
  }
  return fleet;
}

using Seats = std::vector<StateId>;

/// Can all these be placed somewhere?
bool all_fit(Geometry const& geometry, Seats& states, std::vector<std::uint8_t> const& profiles, std::size_t from = 0) {
  if (from == profiles.size()) return true;
  for (auto& state : states)
    for (auto const at : geometry.placements(profiles[from])) {
      auto const next = geometry.after(state, at);
      if (!next) continue;
      auto const before = std::exchange(state, *next);
      if (all_fit(geometry, states, profiles, from + 1)) return true;
      state = before;
    }
  return false;
}

/// The fewest moves that let the profile in, whoever moves wherever, up to `most`; by trying all.
std::optional<std::size_t> fewest_by_trying(Fleet const& fleet, std::uint8_t profile, std::size_t most, bool one_gpu_only) {
  struct Where {
    std::uint32_t gpu;
    Placement at;
  };
  std::vector<Where> movable;
  for (std::uint32_t gpu = 0; gpu < fleet.gpus.size(); ++gpu)
    for (auto const& tenant : fleet.gpus[gpu])
      if (tenant.hold == Hold::Movable) movable.push_back({gpu, tenant.at});
  for (std::size_t count = 1; count <= most; ++count) {
    std::vector<std::size_t> picked;
    std::function<bool(std::size_t)> pick = [&](std::size_t from) {
      if (picked.size() == count) {
        Seats states;
        for (std::uint32_t gpu = 0; gpu < fleet.gpus.size(); ++gpu) states.push_back(*fleet.free.state_of(gpu));
        std::vector<std::uint8_t> out;
        for (auto const i : picked) {
          if (one_gpu_only && movable[i].gpu != movable[picked[0]].gpu) return false;
          states[movable[i].gpu] = fleet.geometry.without(states[movable[i].gpu], movable[i].at);
          out.push_back(movable[i].at.profile);
        }
        if (one_gpu_only) {
          auto& state = states[movable[picked[0]].gpu];
          for (auto const at : fleet.geometry.placements(profile)) {
            auto const next = fleet.geometry.after(state, at);
            if (!next) continue;
            auto const before = std::exchange(state, *next);
            if (all_fit(fleet.geometry, states, out)) return true;
            state = before;
          }
          return false;
        }
        out.insert(out.begin(), profile);
        return all_fit(fleet.geometry, states, out);
      }
      for (std::size_t i = from; i < movable.size(); ++i) {
        picked.push_back(i);
        bool const found = pick(i + 1);
        picked.pop_back();
        if (found) return true;
      }
      return false;
    };
    if (pick(0)) return count;
  }
  return std::nullopt;
}

/// Legal: nobody pinned moves, nobody moves twice, everybody fits at the end, and the gain is what it says.
void check_legal(Fleet const& fleet, MovePlan const& plan, std::uint8_t profile, MoveLimits const& limits) {
  RC_ASSERT(plan.moves.size() >= 1u);
  RC_ASSERT(plan.moves.size() <= limits.most);
  RC_ASSERT(plan.place.placement.profile == profile);
  std::map<std::pair<std::uint32_t, Placement>, bool> left;
  Seats states;
  for (std::uint32_t gpu = 0; gpu < fleet.gpus.size(); ++gpu) states.push_back(*fleet.free.state_of(gpu));
  std::int64_t gain = 0;
  for (auto state : states) gain -= fleet.scores.value(state);
  for (auto const& move : plan.moves) {
    auto const& sitting = fleet.gpus[move.from];
    RC_ASSERT(std::count(sitting.begin(), sitting.end(), Tenant{move.was, Hold::Movable}) == 1);
    RC_ASSERT(left.emplace(std::pair(move.from, move.was), true).second);
    RC_ASSERT(move.was.profile == move.now.profile);
    RC_ASSERT(move.from != move.to || move.was.start != move.now.start);
    states[move.from] = fleet.geometry.without(states[move.from], move.was);
  }
  auto const sits = [&](std::uint32_t gpu, Placement at) {
    auto const next = fleet.geometry.after(states[gpu], at);
    RC_ASSERT(next.has_value());
    states[gpu] = *next;
  };
  sits(plan.place.gpu, plan.place.placement);
  for (auto const& move : plan.moves) sits(move.to, move.now);
  for (auto state : states) gain += fleet.scores.value(state);
  RC_ASSERT(gain == plan.gain);
}

RC_GTEST_PROP(Moves, EveryPlanIsLegalOnEveryBoard, (std::uint64_t seed)) {
  static auto const geometries = [] {
    std::vector<Geometry> made;
    for (auto const& board : {fixture::a100_40(), fixture::h200(), fixture::a30(), fixture::rtx_pro_6000()}) made.push_back(Geometry::compile(board).value());
    return made;
  }();
  Random random(seed);
  auto const& geometry = geometries[random.below(geometries.size())];
  auto const fleet = random_fleet(geometry, random, 6);
  MoveLimits const limits{.most = static_cast<std::uint32_t>(1 + random.below(4)), .chains = random.chance(0.5)};
  MovePrice const price = random.chance(0.5) ? MovePrice{} : MovePrice{[](std::uint32_t gpu, Placement at) { return gpu * 7 % 5 + at.start; }};
  for (std::uint8_t profile = 0; profile < geometry.profiles(); ++profile) {
    if (fleet.free.best(profile)) continue;
    auto const plan = find_moves(geometry, fleet.scores, fleet.free, fleet.tenants, profile, limits, price);
    if (plan) check_legal(fleet, *plan, profile, limits);
  }
}

RC_GTEST_PROP(Moves, AsFewAsAnybodyCouldDoWithOneGpusTenants, (std::uint64_t seed)) {
  Random random(seed);
  auto const fleet = random_fleet(a100(), random, 4);
  for (std::uint8_t profile = 0; profile < a100().profiles(); ++profile) {
    if (fleet.free.best(profile)) continue;
    MoveLimits const limits{.most = 3, .chains = false};
    auto const plan = find_moves(a100(), fleet.scores, fleet.free, fleet.tenants, profile, limits);
    auto const fewest = fewest_by_trying(fleet, profile, limits.most, true);
    RC_ASSERT(plan.has_value() == fewest.has_value());
    if (plan) RC_ASSERT(plan->moves.size() == *fewest);
  }
}

RC_GTEST_PROP(Moves, AsFewAsAnybodyCouldDoUpToTwo, (std::uint64_t seed)) {
  Random random(seed);
  auto const fleet = random_fleet(a100(), random, 4);
  for (std::uint8_t profile = 0; profile < a100().profiles(); ++profile) {
    if (fleet.free.best(profile)) continue;
    auto const plan = find_moves(a100(), fleet.scores, fleet.free, fleet.tenants, profile, {.most = 2, .chains = true});
    auto const fewest = fewest_by_trying(fleet, profile, 2, false);
    RC_ASSERT(plan.has_value() == fewest.has_value());
    if (plan) RC_ASSERT(plan->moves.size() == *fewest);
  }
}

RC_GTEST_PROP(Moves, TheOrderInWhichTheIndexCameToBeIsAllTheSame, (std::uint64_t seed)) {
  Random random(seed);
  auto const fleet = random_fleet(a100(), random, 5);
  Fleet again{a100()};
  for (std::size_t gpu = 0; gpu < fleet.gpus.size(); ++gpu) again.add(std::vector<Tenant>{});
  for (auto gpu = static_cast<std::uint32_t>(fleet.gpus.size()); gpu-- > 0;)
    for (auto const& tenant : fleet.gpus[gpu]) again.seat(gpu, tenant);
  for (std::uint8_t profile = 0; profile < a100().profiles(); ++profile) {
    if (fleet.free.best(profile)) continue;
    RC_ASSERT(find_moves(a100(), fleet.scores, fleet.free, fleet.tenants, profile, {}) ==
              find_moves(a100(), again.scores, again.free, again.tenants, profile, {}));
  }
}

}  // namespace
}  // namespace nav::mig
