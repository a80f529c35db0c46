// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "supervisor/spec.h"

namespace nav::supervisor {

/// The control groups of one attempt: where memory and processor time are limited, by whichever hierarchy (v1 or v2) the machine has
/// and our rights allow. RLIMIT_AS is never used instead: CUDA reserves far more addresses than memory.
class Cgroups {
 public:
  /// Makes what `limits` need under a name nobody else has. What cannot be enforced becomes a note.
  static Cgroups make(std::string const& name, Limits const& limits, std::vector<std::string>& notes);

  Cgroups() = default;
  Cgroups(Cgroups&&) = default;
  Cgroups& operator=(Cgroups&&) = default;

  /// Everything the process starts from then on is within the limits as well.
  void add(std::int64_t pid, std::vector<std::string>& notes) const;
  /// Processes which the kernel killed because memory ran out.
  std::int64_t oom_kills() const;
  /// 0: not known.
  std::int64_t peak_memory_bytes() const;
  std::vector<std::string> const& folders() const { return folders_; }

 private:
  bool make_v1(std::string const& controller, std::string const& name, std::vector<std::pair<std::string, std::string>> const& settings, std::string& why);
  bool make_v2(std::string const& name, Limits const& limits, std::string& why);

  std::vector<std::string> folders_;
  std::string memory_folder_;
  bool memory_is_v2_ = false;
};

/// Removes groups whose processes are gone; waits a little for the kernel to let go of the last of them. False: some are left.
bool remove_cgroups(std::vector<std::string> const& folders);

}  // namespace nav::supervisor
