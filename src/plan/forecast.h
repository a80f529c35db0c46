// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plan/plan.h"

/// What will happen to a job in this pool, found by letting time go by in a copy of it: before it is submitted, and while it waits. Places are
/// chosen for the even mix: among GPUs that would all do, the planner, who knows what is asked for, may take another.
namespace nav {

/// How sure the start of a forecast is.
enum class Confidence {
  Now,       ///< it would start in this very round
  AtLatest,  ///< by then the time limits of those before it have run out, if nothing of more precedence comes meanwhile
  Likely,    ///< by then those before it are done, if they run as long as jobs of their projects usually do
  About,     ///< a cloud boots a machine for it, which takes about so long
  Unknown,   ///< how long they run who hold what it needs nobody knows, or it is too far ahead
};
BOOST_DESCRIBE_ENUM(Confidence, Now, AtLatest, Likely, About, Unknown)

struct ExpectedStart {
  Confidence confidence = Confidence::Unknown;
  Time at;  ///< zero: unknown
  std::uint32_t rung = 0;
  std::string cloud;              ///< which boots a machine for it; empty: `place` is on a node that is there
  std::optional<PlaceJob> place;  ///< none: unknown, or on a machine that is not there yet
  std::vector<PlaceJob> members;  ///< of a gang: where each would be, by rank; `place` is then the first's
};

/// One rung by itself.
struct RungForecast {
  RungReason reason;  ///< Turn: it could be had now
  ExpectedStart start;
  std::int64_t price_micro = 0;
};

struct Forecast {
  std::uint32_t now = 0;  ///< how many of the jobs would start at once
  ExpectedStart start;    ///< of the first
  /// If it would not start now: who would move for the first one, if that is worth it.
  std::optional<MoveJobs> moving;
  std::vector<RungForecast> rungs;
};

/// What would become of these jobs if they were submitted at `now`. The error is the one submitting them would be answered.
Result<Forecast> forecast(Pool const& pool, SubmitJobs const& jobs, Asked const& asked);

/// When a job that waits in this pool would start; of a member of a gang, when the gang would.
ExpectedStart expected_start(Pool const& pool, JobId waiting, Time now);

}  // namespace nav
