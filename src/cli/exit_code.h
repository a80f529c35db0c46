// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"

namespace nav::cli {

/// What nav's exit code says. `nav run --wait` exits with the job's own code instead, once the job has one.
enum ExitCode : int {
  exit_ok = 0,
  exit_error = 1,    ///< something failed that is not listed below
  exit_usage = 2,    ///< the command line is wrong: nothing was asked of the server
  exit_refused = 3,  ///< the server refused: the input, or the state things are in, does not allow it
  exit_not_found = 4,
  exit_not_allowed = 5,  ///< no token, a wrong one, or one that may not do this
  exit_unreachable = 6,  ///< nobody answered, or answers now
  exit_timeout = 7,
  exit_job_time_limit = 124,    ///< run --wait: the job reached its time limit (as timeout(1) says it)
  exit_job_without_code = 125,  ///< run --wait: the job ended without a code of its own: cancelled, lost, never started
  exit_interrupted = 130,       ///< Ctrl-C
};

/// The only table of its kind.
constexpr ExitCode exit_code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidArgument:
    case ErrorKind::Conflict:
    case ErrorKind::PreconditionFailed:
    case ErrorKind::TooLarge:
    case ErrorKind::Unsupported: return exit_refused;
    case ErrorKind::NotFound: return exit_not_found;
    case ErrorKind::Unauthenticated:
    case ErrorKind::Forbidden: return exit_not_allowed;
    case ErrorKind::TooMany:
    case ErrorKind::Unavailable: return exit_unreachable;
    case ErrorKind::Timeout: return exit_timeout;
    case ErrorKind::StorageFull:
    case ErrorKind::Internal: return exit_error;
  }
  return exit_error;
}

/// The table for people: `nav help exit-codes`.
std::string exit_codes_text();

/// An error as people read it: "nav: message", and under it the field and what would be right.
std::string error_text(Error const& error);

}  // namespace nav::cli
