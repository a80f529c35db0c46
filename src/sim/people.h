// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
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

/// Nobody was ever stopped for another who had said no, or who cannot begin anew; and nobody moved for a job of a lower class, or without a place that
/// was promised to it in the same commit. How many were "preempted" and "moved".
std::map<std::string, std::uint64_t> check_stopped_for_others(SimJournal& journal);

}  // namespace nav::sim
