// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "controller/checkpoint.h"
#include "controller/controller.h"
#include "sim/schedule.h"
#include "sim/sim_journal.h"
#include "sim/sim_node.h"

/// The real controller and real agents in one thread under one seed, with a network that loses and doubles, GPUs that misbehave, and a storm that
/// kills everything at any instant. After each step checkers look whether a promise was broken.
namespace nav::sim {

struct WorldOptions {
  std::uint64_t seed = 1;
  std::size_t nodes = 3;
  std::size_t gpus_a_node = 2;
  std::size_t jobs = 60;
  Duration storm = minutes(15);  ///< faults strike and jobs arrive
  Duration calm = minutes(90);   ///< at most: everything must be over by then
  Duration lease = minutes(2);
  bool trace = false;  ///< print what happens
};

struct WorldReport {
  std::uint64_t seed = 0;
  std::string failure;  ///< empty: every promise held
  Duration took;        ///< virtual time
  std::uint64_t steps = 0;
  std::uint64_t events = 0;
  std::uint64_t acknowledged = 0;               ///< jobs
  std::map<std::string, std::uint64_t> ended;   ///< by how
  std::map<std::string, std::uint64_t> faults;  ///< by kind
};
BOOST_DESCRIBE_STRUCT(WorldReport, (), (seed, failure, took, steps, events, acknowledged, ended, faults))

WorldReport run_world(WorldOptions const& options);

/// What a checker found wrong: thrown, so that the run ends where the promise broke.
struct Broken {
  std::string what;
};

/// The pool holds together: seats and holders name each other, sums are right, queues are whole, layouts legal.
void check_pool(Pool const& pool);
/// Physically: a slice holds one living attempt, a whole GPU too, layouts are legal, and no job lives twice.
void check_nodes(std::vector<std::unique_ptr<SimNode>> const& nodes);
/// The journal, replayed from nothing, gives this very pool.
void check_replay(SimJournal& journal, Pool const& pool);
/// The ledger kept by the journal adds up: held, idle, reconfiguring, set aside and geometry loss to the capacity, to the microsecond, in memory
/// slices and in compute slices; and what it says was held is what attempts held.
void check_ledger(SimJournal& journal, Time now);

}  // namespace nav::sim
