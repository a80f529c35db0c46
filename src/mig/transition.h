// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "mig/geometry.h"
#include "mig/scores.h"

namespace nav::mig {

/// Idle instances are left standing for the next job that wants the same; one in the way is destroyed.
enum class Use { Idle, Busy };

struct Instance {
  Placement placement;
  Use use = Use::Idle;
  bool operator==(Instance const&) const = default;
};

/// How a GPU comes by an instance of the profile that was asked for.
struct Room {
  Placement placement;
  std::vector<Placement> destroy;  ///< idle instances in the way, along the GPU
  bool reuse = false;              ///< it stands idle already: nothing to destroy, nothing to create
  bool operator==(Room const&) const = default;
};

/// The least that makes room for the profile on one GPU, without touching what is busy: an idle instance of that very profile, else
/// the placement that destroys the fewest idle instances, then the least of their memory, then leaves the busy part of the GPU worth
/// most. Nothing when busy instances leave no room. `scores` may be null: then the lowest start decides.
std::optional<Room> make_room(Geometry const& geometry, Scores const* scores, std::span<Instance const> instances, std::uint8_t profile);

/// As above, at one placement: which idle instances must go.
std::optional<Room> make_room_at(Geometry const& geometry, std::span<Instance const> instances, Placement placement);

enum class StepKind { Destroy, Create };

struct Step {
  StepKind kind;
  Placement placement;
  bool operator==(Step const&) const = default;
};

/// The steps from what stands to the layout wanted: what is not wanted goes first, so that every layout on the way is legal. What is in
/// both stays untouched. Conflict when a busy instance would have to go or `to` is not legal.
Result<std::vector<Step>> steps_between(Geometry const& geometry, std::span<Instance const> from, Layout const& to);

}  // namespace nav::mig
