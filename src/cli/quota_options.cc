// SPDX-License-Identifier: Apache-2.0
#include "cli/quota_options.h"

#include <charconv>
#include <fmt/ranges.h>
#include <vector>

#include "base/text.h"

namespace nav::cli {

namespace {

template <class T>
Take into_number(Changed<T>& changed) {
  return [&changed](std::string_view text) -> Result<void> {
    changed.given = true;
    changed.value.reset();
    if (text == "none") return {};
    T value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
      return Unexpected(Error{ErrorKind::InvalidArgument, fmt::format("\"{}\" is not a whole number", shortened(text, 40)), "write a number, or none", {}});
    changed.value = value;
    return {};
  };
}

}  // namespace

Take into_amount(Changed<std::uint64_t>& amount) { return into_number(amount); }

Take into_memory(Changed<std::uint64_t>& mib) {
  return [&mib](std::string_view text) -> Result<void> {
    mib.given = true;
    mib.value.reset();
    if (text == "none") return {};
    TRY(mib.value, parse_mib(text));
    return {};
  };
}

void QuotaOptions::declare(Command& command) {
  command.option("--slices N", "compute slices of its own (a whole A100 is 7), or none", into_amount(slices));
  command.option("--memory SIZE", "GPU memory of its own, as 80G, or none", into_memory(memory_mib));
  command.option("--borrow N", "at most so many slices beyond its own; 0: it never borrows; none: whatever is idle", into_amount(borrow_slices));
  command.option("--borrow-memory SIZE", "the same in GPU memory", into_memory(borrow_memory_mib));
  command.option("--lend N", "at most so many of its idle slices are lent; none: all of them", into_amount(lend_slices));
  command.option("--weight N", "its part of the fair share among its neighbours (1)", into(weight));
  command.option("--priority-ceiling N", "the highest priority its jobs may ask for, or none", into_number(priority_ceiling));
}

bool QuotaOptions::any() const {
  return slices.given || memory_mib.given || borrow_slices.given || borrow_memory_mib.given || lend_slices.given || weight || priority_ceiling.given;
}

api::SetQuota QuotaOptions::over(std::optional<api::Quota> const& there) const {
  api::SetQuota quota;
  if (there)
    quota = {.slices = there->slices,
             .memory_mib = there->memory_mib,
             .borrow_slices = there->borrow_slices,
             .borrow_memory_mib = there->borrow_memory_mib,
             .lend_slices = there->lend_slices,
             .weight = there->weight,
             .priority_ceiling = there->priority_ceiling};
  slices.put_in(quota.slices);
  memory_mib.put_in(quota.memory_mib);
  borrow_slices.put_in(quota.borrow_slices);
  borrow_memory_mib.put_in(quota.borrow_memory_mib);
  lend_slices.put_in(quota.lend_slices);
  priority_ceiling.put_in(quota.priority_ceiling);
  if (weight) quota.weight = *weight;
  return quota;
}

void LimitOptions::declare(Command& command) {
  command.option("--slices N", "compute slices in use at once (a whole A100 is 7), or none", into_amount(slices));
  command.option("--running N", "jobs that have a place at once, or none", into_amount(running));
  command.option("--queued N", "jobs that wait at once, or none", into_amount(queued));
}

bool LimitOptions::any() const { return slices.given || running.given || queued.given; }

api::SetUserLimits LimitOptions::over(std::optional<api::UserLimits> const& there) const {
  api::SetUserLimits limits;
  if (there) limits = {.slices = there->slices, .running = there->running, .queued = there->queued};
  slices.put_in(limits.slices);
  running.put_in(limits.running);
  queued.put_in(limits.queued);
  return limits;
}

std::string quota_text(std::optional<api::Quota> const& quota) {
  if (!quota) return "no quota: all it uses is borrowed";
  std::vector<std::string> parts;
  parts.push_back(quota->slices ? fmt::format("{} slices of its own", *quota->slices) : "no slices of its own");
  if (quota->borrow_slices) parts.push_back(*quota->borrow_slices == 0 ? "never borrows" : fmt::format("borrows at most {}", *quota->borrow_slices));
  else parts.emplace_back("borrows what is idle");
  if (quota->lend_slices) parts.push_back(*quota->lend_slices == 0 ? "lends none" : fmt::format("lends at most {}", *quota->lend_slices));
  if (quota->memory_mib || quota->borrow_memory_mib) {
    std::string memory = fmt::format("{} of GPU memory", mib_text(quota->memory_mib.value_or(0)));
    if (quota->borrow_memory_mib) memory += fmt::format(" and at most {} more", mib_text(*quota->borrow_memory_mib));
    parts.push_back(std::move(memory));
  }
  if (quota->weight != 1) parts.push_back(fmt::format("weight {}", quota->weight));
  if (quota->priority_ceiling) parts.push_back(fmt::format("priority up to {}", *quota->priority_ceiling));
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string limits_text(std::optional<api::UserLimits> const& limits) {
  if (!limits) return "no limits";
  std::vector<std::string> parts;
  if (limits->slices) parts.push_back(fmt::format("{} slices", *limits->slices));
  if (limits->running) parts.push_back(fmt::format("{} running", *limits->running));
  if (limits->queued) parts.push_back(fmt::format("{} waiting", *limits->queued));
  return fmt::format("at most {}", fmt::join(parts, ", "));
}

}  // namespace nav::cli
