// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"

namespace nav {

/// The HTTP status an error is answered with. The only table of its kind.
constexpr int http_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidArgument: return 400;
    case ErrorKind::Unauthenticated: return 401;
    case ErrorKind::Forbidden: return 403;
    case ErrorKind::NotFound: return 404;
    case ErrorKind::Conflict: return 409;
    case ErrorKind::PreconditionFailed: return 412;
    case ErrorKind::TooLarge: return 413;
    case ErrorKind::TooMany: return 429;
    case ErrorKind::Unsupported: return 501;
    case ErrorKind::Unavailable: return 503;
    case ErrorKind::StorageFull: return 507;
    case ErrorKind::Timeout: return 504;
    case ErrorKind::Internal: return 500;
  }
  return 500;
}

/// What a status means when the answer says no more than that (a proxy spoke, not nav). Successes have no kind.
constexpr ErrorKind error_kind_of_status(int status) {
  switch (status) {
    case 401: return ErrorKind::Unauthenticated;
    case 403: return ErrorKind::Forbidden;
    case 404: return ErrorKind::NotFound;
    case 408: return ErrorKind::Timeout;
    case 409: return ErrorKind::Conflict;
    case 412: return ErrorKind::PreconditionFailed;
    case 413: return ErrorKind::TooLarge;
    case 429: return ErrorKind::TooMany;
    case 501: return ErrorKind::Unsupported;
    case 502:
    case 503: return ErrorKind::Unavailable;
    case 504: return ErrorKind::Timeout;
    case 507: return ErrorKind::StorageFull;
    default: return status >= 400 && status < 500 ? ErrorKind::InvalidArgument : ErrorKind::Internal;
  }
}

}  // namespace nav
