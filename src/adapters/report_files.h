// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "controller/reports.h"

namespace nav {

/// The folder of reports: FOLDER/usage-weekly/2026-11-23T06-00-00Z.csv. A file is there whole or not at all, and its name is all that has to be
/// known of it.
class ReportFiles {
 public:
  explicit ReportFiles(std::string folder) : folder_(std::move(folder)) {}

  /// New to old. A schedule without a folder has none. Whatever else lies there is left alone and not told of.
  Result<std::vector<api::ReportFile>> list(std::string const& schedule) const;
  /// NotFound for what is no name of a report, or of none that is there.
  Result<std::string> read(std::string const& schedule, std::string const& file) const;
  /// On the disk once it returns; one of this name is replaced. StorageFull where there is no room.
  Result<void> write(std::string const& schedule, Time until, api::ReportFormat format, std::string_view text);
  /// Deletes all but those of the newest `keep` moments, and what a writer that was killed left behind.
  Result<void> tidy(std::string const& schedule, std::size_t keep);

  /// "2026-11-23T06-00-00Z.csv"; a moment within a second is written as the second's.
  static std::string name_of(Time until, api::ReportFormat format);

 private:
  std::string path_of(std::string const& schedule) const { return folder_ + "/" + schedule; }
  std::string const folder_;
};

}  // namespace nav
