// SPDX-License-Identifier: Apache-2.0
#include "adapters/node_page.h"

#include <algorithm>

#include "telemetry/dcgm_rows.h"

namespace nav {

using namespace telemetry;

namespace {

/// Some ticks: a driver may be slow for one.
constexpr Duration stale_after = seconds(20);

}  // namespace

void NodePage::know(Inventory inventory, std::vector<AttemptSpec> attempts) {
  std::lock_guard lock(mutex_);
  inventory_ = std::move(inventory);
  attempts_ = std::move(attempts);
}

void NodePage::measured(std::vector<Readings> const& readings) {
  std::lock_guard lock(mutex_);
  Time newest;
  for (auto const& one : readings) {
    if (one.subject.kind != SubjectKind::Gpu && one.subject.kind != SubjectKind::Instance) continue;
    // Another instance in the same place goes by the same labels: only the newest is there.
    std::erase_if(values_, [&](auto const& other) {
      return other.first.gpu == one.subject.gpu && other.first.placement == one.subject.placement && other.first != one.subject;
    });
    auto& known = values_[one.subject];
    for (auto const& [word, column] : one.values) {
      auto const metric = enum_of<Metric>(word);
      if (!metric || column.empty() || !column.back()) continue;
      // As the controller keeps it, so that both pages say the same; what nothing can have measured is on neither.
      auto const value = kept(*metric, *column.back());
      if (value) known[*metric] = {one.at.back(), shown(*metric, *value)};
      newest = std::max(newest, one.at.back());
    }
  }
  for (auto& [subject, known] : values_) std::erase_if(known, [&](auto const& value) { return value.second.at + stale_after < newest; });
  std::erase_if(values_, [](auto const& subject) { return subject.second.empty(); });
}

std::string NodePage::holder_of(std::string const& gpu, std::string const& placement) const {
  for (auto const& attempt : attempts_)
    if (attempt.placement == placement && std::find(attempt.gpus.begin(), attempt.gpus.end(), gpu) != attempt.gpus.end()) return to_text(attempt.id.job);
  return "";
}

std::string NodePage::text(Time now) const {
  std::lock_guard lock(mutex_);
  Exposition page;
  page.add("opennav_agent_gpus", Exposition::Type::Gauge, "GPUs the agent knows of.", {{"node", node_}}, static_cast<double>(inventory_.gpus.size()));
  page.add("opennav_agent_attempts", Exposition::Type::Gauge, "Attempts that should be on the node.", {{"node", node_}}, static_cast<double>(attempts_.size()));
  for (auto const& [subject, known] : values_) {
    auto const gpu = std::find_if(inventory_.gpus.begin(), inventory_.gpus.end(), [&](GpuInventory const& g) { return g.uuid == subject.gpu; });
    if (gpu == inventory_.gpus.end()) continue;
    std::map<Metric, double> values;
    for (auto const& [metric, value] : known)
      if (value.at + stale_after >= now) values[metric] = value.value;
    add_dcgm_rows(page,
                  {.gpu = gpu->index,
                   .uuid = gpu->uuid,
                   .pci_bus_id = gpu->pci_bus_id,
                   .minor = gpu->minor,
                   .model = gpu->model,
                   .placement = subject.placement,
                   .instance = subject.id,
                   .host = node_,
                   .driver_version = inventory_.driver_version,
                   .job = holder_of(subject.gpu, subject.placement)},
                  values);
  }
  return page.text();
}

}  // namespace nav
