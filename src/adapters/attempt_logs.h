// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/id.h"
#include "base/result.h"

namespace nav {

/// A stretch of log for the controller.
struct LogNews {
  std::uint64_t offset = 0;  ///< in what the controller stores: the job's own bytes and the lines that mark gaps
  std::string bytes;
  bool last = false;         ///< nothing will follow
  std::int64_t read_to = 0;  ///< in the attempt's own log; for delivered()
};

/// What of the attempts' logs the controller has not got yet. How far it is stands in the attempt's folder (file `delivered`), so the next
/// agent goes on there; should that be behind the truth, bytes are sent twice and the controller skips them.
class AttemptLogs {
 public:
  explicit AttemptLogs(std::string data_folder) : jobs_folder_(std::move(data_folder) + "/jobs") {}

  /// At most about `max` bytes; none: nothing new, or all is delivered. The last of an attempt may be without bytes. NotFound: no such attempt.
  Result<std::optional<LogNews>> next(AttemptId attempt, std::size_t max) const;
  /// The controller has stored it.
  Result<void> delivered(AttemptId attempt, LogNews const& news) const;
  /// The controller has less than we thought (it was restored from a backup): begin anew.
  Result<void> deliver_again(AttemptId attempt) const;

  static bool all_delivered(std::string const& attempt_folder);

 private:
  std::string jobs_folder_;
};

}  // namespace nav
