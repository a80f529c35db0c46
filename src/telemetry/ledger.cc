// SPDX-License-Identifier: Apache-2.0
#include "telemetry/ledger.h"

#include <algorithm>

#include "base/ensure.h"

namespace nav::telemetry {

std::string fault_of(Division const& division) {
  std::uint64_t memory = 0, compute = 0;
  for (auto const& part : division.parts) memory += part.memory_slices, compute += part.compute_slices;
  if (memory != division.memory_slices) return fmt::format("parts of {} memory slices in all, of a GPU with {}", memory, division.memory_slices);
  if (compute != division.compute_slices) return fmt::format("parts of {} compute slices in all, of a GPU with {}", compute, division.compute_slices);
  return {};
}

std::vector<Span> Ledger::divide(std::string const& gpu, Division division, Time at) {
  ensure(fault_of(division).empty(), "a GPU is divided without a rest");
  Gpu& known = gpus_[gpu];
  std::vector<Open> open;
  std::vector<Open> before = std::move(known.open);
  for (auto const& part : division.parts) {
    auto const same = std::find_if(before.begin(), before.end(), [&](Open const& o) { return o.part == part; });
    open.push_back({part, same == before.end() ? at : same->since});
    if (same != before.end()) before.erase(same);
  }
  std::vector<Span> closed;
  for (auto& old : before) closed.push_back({gpu, known.division.memory_slices, std::move(old.part), old.since, at});
  known.division = std::move(division);
  known.open = std::move(open);
  return closed;
}

std::vector<Span> Ledger::remove(std::string const& gpu, Time at) {
  auto closed = divide(gpu, {}, at);
  gpus_.erase(gpu);
  return closed;
}

Ledger::Open const* Ledger::holder(std::string const& gpu, std::string const& placement) const {
  auto const known = gpus_.find(gpu);
  if (known == gpus_.end()) return nullptr;
  for (auto const& open : known->second.open)
    if (open.part.attempt && open.part.placement == placement) return &open;
  return nullptr;
}

}  // namespace nav::telemetry
