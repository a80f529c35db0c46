// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace nav::experiments {

struct RunFile {
  std::string name;
  bool is_folder = false;
  std::uint64_t size = 0;
};

/// Files that runs leave behind. A path is a list of names, none of which is empty, ".", ".." or holds a slash (check_path); anything
/// else is refused. Any thread may call.
class RunFiles {
 public:
  virtual ~RunFiles() = default;

  /// On disk when it returns; one that is there already is replaced as a whole.
  virtual Result<void> write(std::string const& run, std::vector<std::string> const& path, std::string_view bytes) = 0;
  virtual Result<std::string> read(std::string const& run, std::vector<std::string> const& path) const = 0;
  /// What is in a folder, by name; nothing if there is no such folder.
  virtual Result<std::vector<RunFile>> list(std::string const& run, std::vector<std::string> const& path) const = 0;
};

/// InvalidArgument for a path that could lead out of the run's folder.
Result<void> check_path(std::vector<std::string> const& path);

}  // namespace nav::experiments
