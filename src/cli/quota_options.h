// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "api/quota.h"
#include "cli/syntax.h"

/// The options of `nav team quota`, `nav project quota` and `nav user limits`: each changes one amount of what is there and leaves the others.
namespace nav::cli {

/// "14", or "none" to take a limit away.
template <class T>
struct Changed {
  bool given = false;
  std::optional<T> value;

  void put_in(std::optional<T>& there) const {
    if (given) there = value;
  }
};

Take into_amount(Changed<std::uint64_t>& amount);
Take into_memory(Changed<std::uint64_t>& mib);  ///< 512M, 80G, none

struct QuotaOptions {
  Changed<std::uint64_t> slices, memory_mib, borrow_slices, borrow_memory_mib, lend_slices;
  std::optional<std::uint32_t> weight;
  Changed<std::int32_t> priority_ceiling;

  void declare(Command& command);
  bool any() const;
  api::SetQuota over(std::optional<api::Quota> const& there) const;
};

struct LimitOptions {
  Changed<std::uint64_t> slices, running, queued;

  void declare(Command& command);
  bool any() const;
  api::SetUserLimits over(std::optional<api::UserLimits> const& there) const;
};

/// "14 slices of its own, may borrow 7, lends all; 80 GiB"
std::string quota_text(std::optional<api::Quota> const& quota);
std::string limits_text(std::optional<api::UserLimits> const& limits);

}  // namespace nav::cli
