// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "core/command.h"

namespace nav {

/// How a reason begins that a node itself reports: such a GPU is set aside as long as it does.
inline constexpr std::string_view reported_by_node = "node: ";
inline bool is_reported(std::string_view aside) { return aside.starts_with(reported_by_node); }
/// How a reason begins that a person gave: only a person takes it back.
inline constexpr std::string_view told_by_hand = "by hand: ";
inline bool is_by_hand(std::string_view aside) { return aside.starts_with(told_by_hand); }

/// What a node's report comes to: jobs started and ended, hardware that came, went or failed.
Result<std::vector<PoolEvent>> decide_report(Pool const& pool, NodeStatus const& status, Asked const& asked);

/// Ends an attempt and says what becomes of its job: done, failed, or back into the queue.
void conclude(Pool const& pool, Job const& job, AttemptEnded ended, std::vector<PoolEvent>& events);

}  // namespace nav
