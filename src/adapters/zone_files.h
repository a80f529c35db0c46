// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>

#include "controller/time_zones.h"

namespace nav {

/// The IANA database as the system has it installed: a file a zone. Each is read once; what changes in them counts after a restart.
class ZoneFiles final : public TimeZones {
 public:
  explicit ZoneFiles(std::string folder = "/usr/share/zoneinfo") : folder_(std::move(folder)) {}
  Result<std::shared_ptr<TimeZone const>> find(std::string const& name) const override;

 private:
  std::string folder_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, std::shared_ptr<TimeZone const>> known_;
};

}  // namespace nav
