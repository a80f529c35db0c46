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

/// Number of the first job that these events queued; "0" if none did.
std::string first_job(std::vector<Frame> const& frames);

/// Makes a gang of it, of a size that the first team's ceiling and three nodes allow; how many of them are to be submitted at once.
std::uint32_t gang_of(Random& random, JobRequest& request, ProjectId project);

/// How often a gang was placed, and what it came to when one of its members did not end well.
std::map<std::string, std::uint64_t> what_gangs_met(SimJournal& journal);

/// Nobody was ever stopped for another who had said no, or who cannot begin anew; and nobody moved for a job of a lower class, or without a place that
/// was promised to it in the same commit. How many were "preempted" and "moved".
std::map<std::string, std::uint64_t> check_stopped_for_others(SimJournal& journal);

}  // namespace nav::sim
