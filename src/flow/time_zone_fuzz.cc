// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "flow/cron_times.h"

/// A file of a machine's database of time zones, and a cron expression as somebody typed it: whatever is taken leads from one moment to a later one.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace nav;
  std::string_view const bytes(reinterpret_cast<char const*>(data), size);
  auto const zone = TimeZone::parse(bytes);
  auto const cron = parse_cron(bytes.substr(0, 40), "cron");
  if (zone)
    for (std::int64_t at : {-TimeZone::ever + 1, std::int64_t{-1}, std::int64_t{1'800'000'000}, std::int64_t{5'000'000'000}, TimeZone::ever - 1}) {
      auto const span = zone->span_at(at);
      if (span.begin > at || at >= span.end) std::abort();
    }
  Time const now{1'800'000'000'000'000};
  if (cron && next_time(*cron, TimeZone(), now).value_or(now) <= now) std::abort();
  if (zone && next_time(*parse_cron("30 2 * * *", "cron"), *zone, now).value_or(now) <= now) std::abort();
  return 0;
}
