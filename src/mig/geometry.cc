// SPDX-License-Identifier: Apache-2.0
#include "mig/geometry.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace nav::mig {
namespace {

// Two tables of states times placements are kept; the richest board known (RTX PRO 6000) needs some ten thousand entries.
constexpr std::size_t kMostTransitions = 4'000'000;
constexpr std::size_t kMostStates = 0xFFFF;

constexpr std::uint32_t kMaskShift = 48;

}  // namespace

Result<Geometry> Geometry::compile(Board board) {
  TRY_VOID(check(board));
  if (board.profiles.empty()) return fail(ErrorKind::Unsupported, "{} cannot be cut: its driver reports no MIG profiles", board.model);
  Geometry geometry;
  geometry.board_ = std::move(board);
  auto const& profiles = geometry.board_.profiles;
  geometry.indices_.assign(profiles.size() * kMostStarts, kNotOffered);
  for (std::size_t p = 0; p < profiles.size(); ++p) {
    geometry.first_.push_back(geometry.placements_.size());
    for (auto start : profiles[p].starts) {
      geometry.indices_[p * kMostStarts + start] = static_cast<std::uint16_t>(geometry.placements_.size());
      geometry.placements_.push_back({static_cast<std::uint8_t>(p), static_cast<std::uint8_t>(start)});
      geometry.windows_.push_back(static_cast<SliceMask>(((1u << profiles[p].memory_slices) - 1) << start));
    }
  }
  geometry.first_.push_back(geometry.placements_.size());
  TRY_VOID(geometry.choose_budgets());
  TRY_VOID(geometry.number_states());
  geometry.fill_tables();
  return geometry;
}

/// The most that placements which share no slice can use of it: the heaviest set of disjoint intervals.
std::uint32_t Geometry::most_used(Budget const& budget) const {
  std::vector<std::uint32_t> most(board_.memory_slices + 1, 0);  // with the slices below each
  for (std::uint32_t end = 1; end <= board_.memory_slices; ++end) {
    most[end] = most[end - 1];
    for (auto placement : placements_)
      if (placement.start + profile(placement.profile).memory_slices == end)
        most[end] = std::max(most[end], most[placement.start] + budget.use[placement.profile]);
  }
  return most[board_.memory_slices];
}

Result<void> Geometry::choose_budgets() {
  std::vector<Budget> all;
  auto const count = profiles();
  auto add = [&](Obstacle kind, std::uint32_t limit, auto use) {
    Budget budget{kind, std::vector<std::uint32_t>(count), limit};
    for (std::size_t p = 0; p < count; ++p) budget.use[p] = use(p);
    all.push_back(std::move(budget));
  };
  auto media = [&](std::size_t p) { return board_.profiles[p].media; };

  add(Obstacle::Compute, board_.compute_slices, [&](std::size_t p) { return board_.profiles[p].compute_slices; });
  add(Obstacle::Media, 1, [&](std::size_t p) { return media(p) == Media::Extensions ? 1u : 0u; });
  // "+me.all" takes all the engines there are, everything but "-me" takes some. Sixteen shares are enough for sixteen slices.
  if (std::any_of(board_.profiles.begin(), board_.profiles.end(), [](auto const& p) { return p.media == Media::All; }))
    add(Obstacle::Media, board_.memory_slices, [&](std::size_t p) {
      return media(p) == Media::All ? board_.memory_slices : media(p) == Media::Without ? 0u : 1u;
    });
  for (std::size_t one = 0; one < count; ++one) add(Obstacle::Instances, board_.profiles[one].max_instances, [&](std::size_t p) { return p == one ? 1u : 0u; });

  auto implies = [&](Budget const& strong, Budget const& weak) {  // whatever keeps within `strong` keeps within `weak`
    if (strong.limit == 0) return false;
    for (std::size_t p = 0; p < count; ++p)
      if (std::uint64_t{weak.use[p]} * strong.limit > std::uint64_t{strong.use[p]} * weak.limit) return false;
    return true;
  };
  std::uint32_t shift = 0;
  for (auto& budget : all) {
    if (most_used(budget) <= budget.limit) continue;
    if (std::any_of(budgets_.begin(), budgets_.end(), [&](Budget const& kept) { return implies(kept, budget); })) continue;
    budget.shift = shift;
    budget.bits = static_cast<std::uint32_t>(std::bit_width(budget.limit));
    shift += budget.bits;
    if (shift > kMaskShift) return fail(ErrorKind::Unsupported, "{} has more limits than can be kept track of", board_.model);
    budgets_.push_back(std::move(budget));
  }
  return {};
}

/// What a placement adds to a key.
Geometry::Key Geometry::weight_of(std::size_t placement) const {
  Key weight = Key{windows_[placement]} << kMaskShift;
  for (auto const& budget : budgets_) weight += Key{budget.use[placements_[placement].profile]} << budget.shift;
  return weight;
}

Obstacle Geometry::obstacle_at(Key key, std::size_t placement) const {
  if ((key >> kMaskShift) & windows_[placement]) return Obstacle::Fragments;
  for (auto const& budget : budgets_)
    if (used(key, budget) + budget.use[placements_[placement].profile] > budget.limit) return budget.kind;
  return Obstacle::None;
}

Result<void> Geometry::number_states() {
  std::set<Key> found{0};
  std::vector<Key> open{0};
  while (!open.empty()) {
    Key const key = open.back();
    open.pop_back();
    for (std::size_t i = 0; i < placements_.size(); ++i)
      if (obstacle_at(key, i) == Obstacle::None && found.insert(key + weight_of(i)).second) open.push_back(key + weight_of(i));
    if (found.size() > kMostStates || found.size() * placements_.size() > kMostTransitions)
      return fail(ErrorKind::Unsupported, "{} has more states than can be tabled", board_.model);
  }
  keys_.assign(found.begin(), found.end());
  return {};
}

void Geometry::fill_tables() {
  auto number = [&](Key key) {
    auto const it = std::lower_bound(keys_.begin(), keys_.end(), key);
    return it != keys_.end() && *it == key ? static_cast<StateId>(it - keys_.begin()) : kNone;
  };
  auto const count = placements_.size();
  after_.assign(keys_.size() * count, kNone);
  without_.assign(keys_.size() * count, kNone);
  capacity_.assign(keys_.size() * profiles(), 0);
  for (Key key : keys_) masks_.push_back(static_cast<SliceMask>(key >> kMaskShift));
  // A placement always raises the key, so what a state leads to is done before it.
  for (std::size_t state = keys_.size(); state-- > 0;) {
    for (std::size_t i = 0; i < count; ++i) {
      if (obstacle_at(keys_[state], i) != Obstacle::None) continue;
      auto const next = number(keys_[state] + weight_of(i));
      after_[state * count + i] = next;
      without_[next * count + i] = static_cast<StateId>(state);
      auto const p = placements_[i].profile;
      auto& most = capacity_[state * profiles() + p];
      most = std::max<std::uint8_t>(most, capacity_[next * profiles() + p] + 1);
    }
  }
}

std::optional<std::size_t> Geometry::index(Placement placement) const {
  if (placement.profile >= profiles() || placement.start >= kMostStarts) return std::nullopt;
  auto const found = indices_[placement.profile * kMostStarts + placement.start];
  return found == kNotOffered ? std::nullopt : std::optional<std::size_t>(found);
}

std::optional<std::uint8_t> Geometry::profile_named(std::string_view name) const {
  for (std::size_t p = 0; p < profiles(); ++p)
    if (board_.profiles[p].name == name) return static_cast<std::uint8_t>(p);
  return std::nullopt;
}

SliceMask Geometry::window(Placement placement) const {
  auto const i = index(placement);
  ensure(i, "the board offers this placement");
  return windows_[*i];
}

std::optional<StateId> Geometry::after(StateId state, Placement placement) const {
  auto const i = index(placement);
  if (!i) return std::nullopt;
  auto const next = after_[state * placements_.size() + *i];
  return next == kNone ? std::nullopt : std::optional(next);
}

StateId Geometry::without(StateId state, Placement placement) const {
  auto const i = index(placement);
  ensure(i, "the board offers this placement");
  auto const next = without_[state * placements_.size() + *i];
  ensure(next != kNone, "what is removed was there");
  return next;
}

Obstacle Geometry::obstacle(StateId state, std::uint8_t p) const {
  if (capacity(state, p) > 0) return Obstacle::None;
  if (free_slices(state) < profile(p).memory_slices) return Obstacle::Slices;
  for (std::size_t i = first_[p]; i < first_[p + 1]; ++i)
    if (auto const found = obstacle_at(keys_[state], i); found != Obstacle::Fragments) return found;
  return Obstacle::Fragments;
}

bool Geometry::is_maximal(StateId state) const {
  for (std::size_t p = 0; p < profiles(); ++p)
    if (capacity(state, static_cast<std::uint8_t>(p)) > 0) return false;
  return true;
}

Result<StateId> Geometry::state_of(Layout const& layout) const {
  StateId state = kEmptyGpu;
  for (std::size_t i = 0; i < layout.placements.size(); ++i) {
    auto const placement = layout.placements[i];
    auto const where = index(placement);
    if (!where) return fail(ErrorKind::InvalidArgument, "{} offers no profile {} at {}", board_.model, placement.profile, placement.start);
    auto const next = after_[state * placements_.size() + *where];
    if (next != kNone) {
      state = next;
      continue;
    }
    for (std::size_t other = 0; other < i; ++other)
      if (window(layout.placements[other]) & window(placement))
        return fail(ErrorKind::Conflict, "{} and {} share memory slices", to_text(board_, layout.placements[other]), to_text(board_, placement));
    switch (obstacle_at(keys_[state], *where)) {
      case Obstacle::Compute: return fail(ErrorKind::Conflict, "the layout needs more than {} compute slices", board_.compute_slices);
      case Obstacle::Media: return fail(ErrorKind::Conflict, "{} needs media engines that the others hold", to_text(board_, placement));
      default:
        return fail(ErrorKind::Conflict, "a GPU holds at most {} instances of {}", profile(placement.profile).max_instances, profile(placement.profile).name);
    }
  }
  return state;
}

void for_each_layout(Geometry const& geometry, std::function<void(Layout const&, StateId)> const& visit) {
  auto const all = geometry.placements();
  Layout layout;
  auto extend = [&](auto& self, std::size_t from, StateId state) -> void {
    for (std::size_t i = from; i < all.size(); ++i) {
      auto const next = geometry.after(state, all[i]);
      if (!next) continue;
      layout.add(all[i]);
      visit(layout, *next);
      self(self, i + 1, *next);
      layout.remove(all[i]);
    }
  };
  extend(extend, 0, kEmptyGpu);
}

}  // namespace nav::mig
