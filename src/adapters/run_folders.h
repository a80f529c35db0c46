// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>

#include "experiments/run_files.h"

namespace nav {

/// RunFiles as files under one folder: RUN/path. Nobody but the server writes there, so there are no links to follow.
class RunFolders final : public experiments::RunFiles {
 public:
  explicit RunFolders(std::string folder) : folder_(std::move(folder)) {}

  Result<void> write(std::string const& run, std::vector<std::string> const& path, std::string_view bytes) override;
  Result<std::string> read(std::string const& run, std::vector<std::string> const& path) const override;
  Result<std::vector<experiments::RunFile>> list(std::string const& run, std::vector<std::string> const& path) const override;

 private:
  Result<std::string> place(std::string const& run, std::vector<std::string> const& path) const;

  std::string folder_;
  std::atomic<std::uint64_t> unfinished_ = 0;  ///< numbers files that are being written
};

}  // namespace nav
