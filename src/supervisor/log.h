// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace nav::supervisor {

/// A stretch of what a job wrote. Offsets count all it ever wrote, kept or not, so they mean the same while the job runs and afterwards.
struct LogPiece {
  std::int64_t offset = 0;    ///< of the first of `bytes`
  std::int64_t left_out = 0;  ///< bytes between the offset asked for and `offset` which are kept no longer
  std::string bytes;
  std::int64_t next = 0;  ///< ask for this next
};

/// What is kept from `offset` on, at most `max` bytes; empty at the end of what was written so far. Reads while the job writes. NotFound
/// before the job has a log; Internal when the files are not what a supervisor wrote.
Result<LogPiece> read_log(std::string const& folder, std::int64_t offset, std::size_t max);

/// The line to show where bytes were left out: "[nav: 1234 bytes of the log were left out here]", with line ends around it.
std::string gap_line(std::int64_t left_out);

}  // namespace nav::supervisor
