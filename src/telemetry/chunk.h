// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "telemetry/reading.h"

/// Samples and roll-ups as few bytes. Times are kept to the millisecond, as differences of differences; values as differences; runs
/// of zeros as their length. So a steady series takes well under a byte a sample, and a lively one two or three.
namespace nav::telemetry {

/// `samples` ascend by time.
std::string encode(std::vector<Sample> const& samples);
/// InvalidArgument for bytes that encode() did not write, whatever they are.
Result<std::vector<Sample>> decode(std::string_view bytes);

/// What a series did within a stretch of time.
struct Bucket {
  Time start;
  std::uint32_t count = 0;  ///< samples
  std::int64_t min = 0, max = 0;
  std::int64_t sum = 0;

  bool operator==(Bucket const&) const = default;
  double mean() const { return static_cast<double>(sum) / count; }
};

/// `buckets` ascend; each start is a multiple of `width`.
std::string encode(std::vector<Bucket> const& buckets, Duration width);
Result<std::vector<Bucket>> decode_buckets(std::string_view bytes);

}  // namespace nav::telemetry
