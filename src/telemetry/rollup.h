// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "telemetry/chunk.h"

/// Levels of detail. Samples are kept for a few days, their roll-ups for longer the coarser they are.
namespace nav::telemetry {

struct Level {
  Duration width;  ///< of a bucket; zero: the samples themselves
  Duration span;   ///< of a chunk
  Duration keep;   ///< older ones go
};

/// Level 0 holds samples; each further one is folded from the one before.
inline constexpr Level levels[] = {
    {{}, minutes(10), days(2)},        {seconds(10), minutes(30), days(7)}, {minutes(1), hours(3), days(30)},
    {minutes(10), days(1), days(180)}, {hours(1), days(4), days(3 * 365)},
};
inline constexpr std::size_t level_count = std::size(levels);

/// The multiple of `width` at or before `time`.
constexpr Time floor_to(Time time, Duration width) {
  std::int64_t const rest = time.us % width.us;
  return {time.us - (rest < 0 ? rest + width.us : rest)};
}

/// Buckets of `width` from samples in any order; a sample on a border belongs to the bucket that begins there.
std::vector<Bucket> fold(std::vector<Sample> samples, Duration width);
/// Wider buckets from narrower ones, in any order; those of one start are joined.
std::vector<Bucket> fold(std::vector<Bucket> buckets, Duration width);

/// The coarsest level whose buckets are no wider than `step`.
std::size_t level_for(Duration step);

}  // namespace nav::telemetry
