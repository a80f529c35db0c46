// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <boost/describe/enum.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ensure.h"
#include "base/result.h"
#include "mig/board.h"
#include "mig/placement.h"

namespace nav::mig {

/// Memory slices of one GPU, slice k as bit k.
using SliceMask = std::uint16_t;

/// All that decides what still fits on a GPU, as one small number: which slices are taken and, where the board has limits that slices
/// alone do not keep (one "+me" a GPU, for example), how far they are used up. 0 is the GPU with nothing on it.
using StateId = std::uint16_t;
inline constexpr StateId kEmptyGpu = 0;

/// Why a profile does not fit.
enum class Obstacle {
  None,       ///< it fits
  Slices,     ///< fewer memory slices are free than it takes
  Fragments,  ///< enough are free, but none of its placements is
  Compute,    ///< a placement is free, but the compute slices are used up
  Media,      ///< a placement is free, but what is there holds the media engines it needs
  Instances,  ///< a placement is free, but the GPU takes no more instances of this profile
};
BOOST_DESCRIBE_ENUM(Obstacle, None, Slices, Fragments, Compute, Media, Instances)

/// What may be cut on a board and what may stand beside what, compiled once into tables: every question costs one or two look-ups.
///
/// A layout is legal when no two placements share a memory slice and no budget is overdrawn: compute slices, instances of each
/// profile, media engines. A budget that disjoint placements cannot overdraw is left out of the state, which is why an A100's
/// 723 layouts (without "+me") fall into only 192 states: its seven compute slices never bind once memory windows are disjoint.
class Geometry {
 public:
  /// InvalidArgument when check(board) refuses it, Unsupported for a board without profiles or with too many states to be tabled.
  static Result<Geometry> compile(Board board);

  Board const& board() const { return board_; }
  Profile const& profile(std::uint8_t index) const { return board_.profiles[index]; }
  std::size_t profiles() const { return board_.profiles.size(); }
  /// Nothing when the board has no profile of that name; find_profile() says more.
  std::optional<std::uint8_t> profile_named(std::string_view name) const;

  /// Every placement the board offers, by profile, then start; `index` finds one in it.
  std::span<Placement const> placements() const { return placements_; }
  std::span<Placement const> placements(std::uint8_t profile) const {
    return std::span(placements_).subspan(first_[profile], first_[profile + 1] - first_[profile]);
  }
  /// Whether the board offers it at all.
  bool offers(Placement placement) const { return index(placement).has_value(); }
  /// The slices it takes.
  SliceMask window(Placement placement) const;

  /// States are numbered from 0 to states() - 1; each is that of some legal layout.
  std::size_t states() const { return masks_.size(); }
  SliceMask mask(StateId state) const { return masks_[state]; }
  std::uint32_t free_slices(StateId state) const { return board_.memory_slices - static_cast<std::uint32_t>(std::popcount(masks_[state])); }

  bool fits(StateId state, Placement placement) const { return after(state, placement).has_value(); }
  bool fits(StateId state, std::uint8_t profile) const { return capacity(state, profile) > 0; }
  /// The state once it is there too; nothing when it does not fit.
  std::optional<StateId> after(StateId state, Placement placement) const;
  /// The state once it is gone. It must be there.
  StateId without(StateId state, Placement placement) const;
  /// How many more instances of the profile could be made, with the rest as it is.
  std::uint32_t capacity(StateId state, std::uint8_t profile) const { return capacity_[state * profiles() + profile]; }
  Obstacle obstacle(StateId state, std::uint8_t profile) const;
  /// No limit but the slices themselves ever binds: the mask is the whole state.
  bool slices_decide() const { return budgets_.empty(); }
  /// Nothing at all can be added.
  bool is_maximal(StateId state) const;

  /// Conflict when placements do not go together; the message names the two that clash, or the limit.
  Result<StateId> state_of(Layout const& layout) const;

 private:
  /// Something the instances of one GPU share: a layout may use `limit` of it, and an instance of profile p uses `use[p]`.
  struct Budget {
    Obstacle kind;
    std::vector<std::uint32_t> use;
    std::uint32_t limit;
    std::uint32_t shift = 0;  // where its use is kept in a key
    std::uint32_t bits = 0;
  };
  /// A state before it has a number: the mask in the upper 16 bits, below it what each budget has used.
  using Key = std::uint64_t;

  static constexpr StateId kNone = 0xFFFF;
  static constexpr std::uint16_t kNotOffered = 0xFFFF;
  static constexpr std::size_t kMostStarts = 16;

  std::optional<std::size_t> index(Placement placement) const;
  std::uint32_t most_used(Budget const& budget) const;
  Result<void> choose_budgets();
  Result<void> number_states();
  void fill_tables();
  std::uint32_t used(Key key, Budget const& budget) const { return (key >> budget.shift) & ((1u << budget.bits) - 1); }
  Obstacle obstacle_at(Key key, std::size_t placement) const;
  Key weight_of(std::size_t placement) const;

  Board board_;
  std::vector<Placement> placements_;
  std::vector<std::size_t> first_;      // of each profile in placements_, and the end
  std::vector<std::uint16_t> indices_;  // in placements_, by profile and start
  std::vector<SliceMask> windows_;      // by placement
  std::vector<Budget> budgets_;         // those that can bind
  std::vector<Key> keys_;               // by state, ascending
  std::vector<SliceMask> masks_;        // by state
  std::vector<StateId> after_;          // by state and placement
  std::vector<StateId> without_;        // by state and placement
  std::vector<std::uint8_t> capacity_;  // by state and profile
};

/// Calls back with every legal layout but the empty one, each once, in a fixed order. There are 297 on an A100 with its five classic
/// profiles; a board with many kinds of profile has thousands.
void for_each_layout(Geometry const& geometry, std::function<void(Layout const&, StateId)> const& visit);

}  // namespace nav::mig
