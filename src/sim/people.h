// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "base/random.h"
#include "core/access.h"
#include "sim/sim_journal.h"

/// Who shares the simulated pool.
namespace nav::sim {

/// Half of the pool is the owners' and is lent to guests, who have nothing of their own; the first team may borrow no more than some.
/// Projects are numbered from 1.
std::vector<AccessCommand> people(std::size_t gpus);

/// Whose job this is to be: with a priority of some class, and sometimes not to be preempted.
ProjectId somebody(Random& random, JobRequest& request);

/// Nobody was ever stopped to make room who had said no, or who cannot begin anew. How many were.
std::uint64_t check_preempted(SimJournal& journal);

}  // namespace nav::sim
