// SPDX-License-Identifier: Apache-2.0
#include "telemetry/rollup.h"

#include <algorithm>

namespace nav::telemetry {

namespace {

void join(Bucket& into, Bucket const& other) {
  into.min = std::min(into.min, other.min);
  into.max = std::max(into.max, other.max);
  into.sum += other.sum;
  into.count += other.count;
}

}  // namespace

std::vector<Bucket> fold(std::vector<Sample> samples, Duration width) {
  std::vector<Bucket> buckets;
  buckets.reserve(samples.size());
  for (auto const& sample : samples) buckets.push_back({sample.at, 1, sample.value, sample.value, sample.value});
  return fold(std::move(buckets), width);
}

std::vector<Bucket> fold(std::vector<Bucket> buckets, Duration width) {
  for (auto& bucket : buckets) bucket.start = floor_to(bucket.start, width);
  auto const earlier = [](Bucket const& a, Bucket const& b) { return a.start < b.start; };
  if (!std::is_sorted(buckets.begin(), buckets.end(), earlier)) std::stable_sort(buckets.begin(), buckets.end(), earlier);
  std::vector<Bucket> folded;
  for (auto const& bucket : buckets) {
    if (bucket.count == 0) continue;
    if (!folded.empty() && folded.back().start == bucket.start) join(folded.back(), bucket);
    else folded.push_back(bucket);
  }
  return folded;
}

std::size_t level_for(Duration step) {
  std::size_t level = 0;
  while (level + 1 < level_count && levels[level + 1].width <= step) ++level;
  return level;
}

}  // namespace nav::telemetry
