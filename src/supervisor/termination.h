// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "supervisor/status.h"

/// What a program says of its own failure. Only it knows that a GPU's memory ran out: to the kernel that is an exit like any other. So a job finds
/// the path of a file in NAV_TERMINATION_FILE and may leave in it, before it fails, a word and a sentence:
///
///     gpu_out_of_memory
///     CUDA out of memory. Tried to allocate 2.00 GiB.
namespace nav::supervisor {

struct Termination {
  Cause cause = Cause::OutOfMemory;
  std::string message = {};  ///< plain text, a line

  bool operator==(Termination const&) const = default;
};

/// Where the job writes it: in the folder of its own, so that it can, whoever it runs as.
std::string termination_file(std::string const& folder);

/// Nothing where the first line is neither out_of_memory nor gpu_out_of_memory. The text is the job's, so it may hold anything.
std::optional<Termination> read_termination(std::string_view text);

}  // namespace nav::supervisor
