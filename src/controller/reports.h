// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "api/report_schedules.h"
#include "core/report_schedule.h"

/// What makes reports by their schedules, as the API sees it.
namespace nav {

/// How a schedule of reports goes.
struct ReportProgress {
  Time last;            ///< the time of the newest report that is there; zero: there is none
  Time failing_since;   ///< zero: all is well
  std::string problem;  ///< why what is due cannot be made
};

class Reports {
 public:
  virtual ~Reports() = default;
  virtual ReportProgress progress(std::string const& schedule) const = 0;
  /// What lies in a schedule's folder, new to old. Blocks.
  virtual Result<std::vector<api::ReportFile>> files(std::string const& schedule) const = 0;
  /// NotFound for what is no name of a report, or of none that is there. Blocks.
  virtual Result<std::string> read(std::string const& schedule, std::string const& file) const = 0;
  /// Makes one that ends with the last whole minute that is counted. Blocks.
  virtual Result<std::vector<api::ReportFile>> make_now(ReportSchedule const& schedule) = 0;
};

}  // namespace nav
