// SPDX-License-Identifier: Apache-2.0
#include "experiments/run_files.h"

namespace nav::experiments {

Result<void> check_path(std::vector<std::string> const& path) {
  constexpr std::size_t deepest = 32, longest_name = 255;
  constexpr char right[] = "names with slashes between them, such as models/best.pt";
  if (path.size() > deepest) return fail_field("path", right, "the path has {} folders", path.size());
  for (auto const& name : path) {
    bool const leads_elsewhere = name.empty() || name == "." || name == ".." || name.find('/') != name.npos || name.find('\\') != name.npos;
    if (leads_elsewhere || name.size() > longest_name || name.find('\0') != name.npos) return fail_field("path", right, "the path cannot be kept");
  }
  return {};
}

}  // namespace nav::experiments
