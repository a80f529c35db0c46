// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "base/json.h"

/// What teams, projects and users are entitled to, in the units in which GPUs are cut: compute slices and GPU memory. A whole A100 is
/// seven slices and its memory, whichever way it is given; a GPU that cannot be cut counts as seven slices too.
namespace nav {

inline constexpr std::uint32_t slices_of_an_uncut_gpu = 7;

/// Compute on GPUs. Jobs that use processors alone come to nothing.
struct Amount {
  std::uint64_t slices = 0;
  std::uint64_t memory_mib = 0;

  bool operator==(Amount const&) const = default;
  Amount& operator+=(Amount other) { return slices += other.slices, memory_mib += other.memory_mib, *this; }
  /// What is counted was counted before, so it never falls below zero.
  Amount& operator-=(Amount other) { return slices -= other.slices, memory_mib -= other.memory_mib, *this; }
  friend Amount operator+(Amount a, Amount b) { return a += b; }
  explicit operator bool() const { return slices != 0 || memory_mib != 0; }
};
BOOST_DESCRIBE_STRUCT(Amount, (), (slices, memory_mib))

/// What is left of `a` without `b`, at least nothing.
inline std::uint64_t without(std::uint64_t a, std::uint64_t b) { return a - std::min(a, b); }

/// What a team or a project may use. Nominal amounts are its own: others may use them while they are idle, and give them back. An amount
/// that is absent is no limit and no claim: all that is used without one is borrowed.
struct Quota {
  std::optional<std::uint64_t> slices;             ///< nominal
  std::optional<std::uint64_t> memory_mib;         ///< nominal
  std::optional<std::uint64_t> borrow_slices;      ///< at most so much beyond the nominal; absent: whatever is idle
  std::optional<std::uint64_t> borrow_memory_mib;  ///< the same in memory
  std::optional<std::uint64_t> lend_slices;        ///< at most so much of its idle nominal is lent; absent: all of it
  std::uint32_t weight = 1;                        ///< in the fair share among its neighbours
  std::optional<std::int32_t> priority_ceiling;    ///< its jobs may ask for no more

  bool operator==(Quota const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Quota, (), (slices, memory_mib, borrow_slices, borrow_memory_mib, lend_slices, weight, priority_ceiling))

/// What one user may have at once, over all projects.
struct UserLimits {
  std::optional<std::uint64_t> slices;
  std::optional<std::uint64_t> running;  ///< jobs with a place
  std::optional<std::uint64_t> queued;   ///< jobs that wait

  bool operator==(UserLimits const&) const = default;
};
BOOST_DESCRIBE_STRUCT(UserLimits, (), (slices, running, queued))

/// Priorities fall into classes. Among classes the higher goes first, whoever's it is, and may stop what is lower (core/preemption.h); within
/// one, shares decide between projects and the number within a project.
enum class PriorityClass { Idle, Low, Normal, High, Urgent };
BOOST_DESCRIBE_ENUM(PriorityClass, Idle, Low, Normal, High, Urgent)

inline PriorityClass class_of(std::int32_t priority) {
  if (priority >= 100) return PriorityClass::Urgent;
  if (priority >= 10) return PriorityClass::High;
  if (priority >= 0) return PriorityClass::Normal;
  return priority > -100 ? PriorityClass::Low : PriorityClass::Idle;
}

}  // namespace nav
