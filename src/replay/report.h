// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "replay/replay.h"

/// A replay in figures.
namespace nav::replay {

/// Of times, in seconds: the q-th hundredth is the smallest that at least q of a hundred do not exceed.
struct Times {
  double mean = 0, p50 = 0, p95 = 0, p99 = 0, longest = 0;
};
BOOST_DESCRIBE_STRUCT(Times, (), (mean, p50, p95, p99, longest))
Times times_of(std::vector<double> seconds);

/// Jobs that have something in common.
struct Group {
  std::string by;  ///< "all", "team", "user", "template"
  std::string name;
  std::uint64_t jobs = 0;
  Times wait;                  ///< from submission to start
  Times completion;            ///< from submission to end
  double gpu_hours = 0;        ///< held; a slice counts as its compute slices
  std::optional<double> cost;  ///< of those, where a GPU-hour has a price
};
BOOST_DESCRIBE_STRUCT(Group, (), (by, name, jobs, wait, completion, gpu_hours, cost))

struct LeftOut {
  std::string why;  ///< "never ran to an end, so nobody knows for how long"
  std::uint64_t jobs = 0;
};
BOOST_DESCRIBE_STRUCT(LeftOut, (), (why, jobs))

struct RunReport {
  std::string trace;   ///< name of its file
  std::string format;  ///< "openb"
  std::string pool;    ///< "dgx-a100:20"
  std::string want;    ///< the wish for which this is the smallest pool; empty: none
  std::string policy;
  std::uint64_t gpus = 0;
  std::uint64_t seed = 0;
  double load = 1;
  std::uint64_t lines = 0;
  std::uint64_t broken = 0;
  std::vector<BrokenLine> broken_lines;  ///< the first of them
  std::vector<LeftOut> left_out;
  std::uint64_t jobs = 0;  ///< replayed
  std::uint64_t never_started = 0;
  std::string never_started_because;  ///< of the first of those
  double days = 0;                    ///< from the first submission to the last; use, asked and stranded are of this time
  double use = 0;                     ///< part of the pool's GPU time that was held
  double asked = 0;                   ///< part that was really asked for: a third of a GPU counts as a third, whatever it was given
  double stranded = 0;                ///< part that was free while a job with GPUs waited
  std::uint64_t stops = 0;            ///< attempts that were stopped to make room
  std::uint64_t moves = 0;            ///< attempts that were stopped because another place was found for them
  double makespan_days = 0;           ///< from the first submission to the last end
  std::optional<double> pool_cost;    ///< of all GPUs from the first submission to the last, where a GPU-hour has a price
  std::vector<Group> groups;          ///< first all jobs with GPUs, then by team, user and template
  double took_s = 0;                  ///< on this machine; the rest follows from trace, pool, policy and seed
  double jobs_per_s = 0;

  Group const& all() const { return groups.front(); }
};
BOOST_DESCRIBE_STRUCT(RunReport, (),
                      (trace, format, pool, want, policy, gpus, seed, load, lines, broken, broken_lines, left_out, jobs, never_started, never_started_because,
                       days, use, asked, stranded, stops, moves, makespan_days, pool_cost, groups, took_s, jobs_per_s))

/// Everything but the names and how long it took. `price` is of a GPU-hour.
RunReport report_of(Trace const& trace, PoolPlan const& pool, ReplayOptions const& options, Past const& past, std::optional<double> price);

/// A line a group of every run, with a head.
std::string csv_of(std::vector<RunReport> const& runs);
/// A line a job.
std::string jobs_csv_of(Trace const& trace, RunReport const& run, Past const& past);

}  // namespace nav::replay
