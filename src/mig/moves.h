// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "mig/bucket_index.h"
#include "mig/tenants.h"

namespace nav::mig {

/// Who must move where so that an instance that fits nowhere fits.
struct Move {
  std::uint32_t from = 0;  ///< GPU
  Placement was;
  std::uint32_t to = 0;  ///< GPU; its own too
  Placement now;
  bool operator==(Move const&) const = default;
};

/// All who move stop first, then everybody is placed: so each moves once, and into room that others leave.
struct MovePlan {
  BucketIndex::Choice place;  ///< of the instance asked for
  std::vector<Move> moves;    ///< at least one
  std::int64_t price = 0;     ///< of all moves, in the unit of MovePrice
  std::int64_t gain = 0;      ///< by how much the fleet is worth more afterwards than before, with the new instance in it (Scores::kUnit)
  bool operator==(MovePlan const&) const = default;
};

/// What moving the tenant there costs: work lost since its checkpoint, its restart, the cutting. Never negative, in any unit.
using MovePrice = std::function<std::int64_t(std::uint32_t gpu, Placement at)>;

/// Holds a plan against what a geometry does not know: processors beside the GPUs, for example.
using MoveCheck = std::function<bool(MovePlan const&)>;

struct MoveLimits {
  std::uint32_t most = 3;  ///< moves in one plan
  /// A tenant that fits nowhere may drive out one of another profile, no wider, of another GPU.
  bool chains = true;
  /// Plans that cost more are not looked for.
  std::int64_t most_price = std::numeric_limits<std::int64_t>::max();
};

/// At most one move for each two slices asked for: a small job is not worth disturbing others (the rule called tau 2 in the benchmarks' page).
inline std::uint32_t moves_worth(Geometry const& geometry, std::uint8_t profile, std::uint32_t most) {
  return std::min(most, geometry.profile(profile).memory_slices / 2);
}

/// The cheapest plan: of the lowest price, or with no prices of the fewest moves; among those the one that leaves the fleet worth most; then the
/// lowest GPU. Only tenants that may move move. Everybody driven out sits on one GPU, but for those at the end of a chain. Nothing when there
/// is none. Both indexes are of the same GPUs. The work depends on the number of classes of GPUs, not of GPUs; with prices or a check, up to
/// 32 GPUs of each class are compared.
std::optional<MovePlan> find_moves(Geometry const& geometry, Scores const& scores, BucketIndex const& free, TenantIndex const& tenants, std::uint8_t profile,
                                   MoveLimits const& limits, MovePrice const& price = {}, MoveCheck const& check = {});

/// How many tenants there are of whom each by leaving would let the profile in. Who waits for one of many waits less, so a move saves less.
std::uint64_t leavers_that_help(Geometry const& geometry, TenantIndex const& tenants, std::uint8_t profile);

}  // namespace nav::mig
