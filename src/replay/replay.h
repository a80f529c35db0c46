// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "replay/menu.h"
#include "replay/trace.h"

/// A trace lived through again on a pool that may not exist yet, in virtual time. Every job is submitted, placed, started and ended through the same
/// decide() and apply(), and every round is planned by the same plan_round(), that the controller runs on.
namespace nav::replay {

enum class Policy {
  Nav,    ///< as shipped: fair shares, reservations, backfill, slices cut on demand
  Fcfs,   ///< the same places, but strictly first come first served: who cannot start holds up all behind
  Whole,  ///< as shipped, but no GPU is cut: a part of one gets a whole one
};
BOOST_DESCRIBE_ENUM(Policy, Nav, Fcfs, Whole)

struct ReplayOptions {
  Policy policy = Policy::Nav;
  std::uint64_t seed = 1;             ///< which jobs are restartable
  double load = 1;                    ///< jobs come so many times as fast, and run as long as ever
  std::optional<double> time_limit;   ///< each job states so many times what it ran as its limit; none: no limits
  double restartable = 0;             ///< this part of the jobs may be stopped and begun anew
  Duration checkpoint = minutes(30);  ///< those save their work so often; what came after is done again
  Duration stopping = seconds(10);    ///< from being told to stop to being gone
};

/// What became of one job.
struct JobPast {
  std::uint32_t job = 0;           ///< index into Trace::jobs
  std::uint32_t on = 0;            ///< index into Past::templates, of where it ran last
  Time submitted, started, ended;  ///< first submitted, first started, ended for good; zero: not
  std::uint32_t stops = 0;
  double gpu_seconds = 0;  ///< held, a slice counted as its compute slices
};

/// One part of the trace's time, for pictures.
struct Moment {
  double used = 0, asked = 0;  ///< GPUs, on average
  double waiting = 0;          ///< jobs with GPUs
};

struct Past {
  std::vector<JobPast> jobs;
  std::vector<std::string> templates;
  std::map<std::string, std::uint64_t> refused;  ///< jobs that this pool can never give what they ask for, by why
  std::uint64_t never_started = 0;
  std::string first_reason;  ///< why the first of those waits
  std::uint64_t placings = 0, stops = 0, moves = 0, rounds = 0, events = 0;
  double gpus = 0;   ///< in the pool
  Time first, last;  ///< submissions
  Time end;          ///< of the last job
  // From the first submission to the last, in GPU-seconds:
  double used = 0;      ///< held
  double asked = 0;     ///< of that, really asked for: a part of a GPU counted as that part
  double stranded = 0;  ///< free while a job with GPUs waited
  std::vector<Moment> moments;
  bool given_up = false;  ///< Watch::goes_on said so
};

/// Told now and then; and asked whether to go on.
struct Watch {
  std::function<bool(std::uint64_t jobs_over, std::uint64_t jobs, Duration into_trace)> goes_on = {};
  Duration late_after{-1};          ///< a job that waits longer is late ...
  std::uint64_t most_late = ~0ull;  ///< ... and with more of them the replay is given up
};

/// The pool must give all its templates to everybody; InvalidArgument where no job of the trace fits it.
Result<Past> replay(Trace const& trace, PoolPlan const& pool, ReplayOptions const& options, Watch const& watch = {});

}  // namespace nav::replay
