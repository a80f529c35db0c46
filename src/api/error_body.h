// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/json.h"

namespace nav {

BOOST_DESCRIBE_ENUM(ErrorKind, InvalidArgument, Unauthenticated, Forbidden, NotFound, Conflict, PreconditionFailed, TooLarge, TooMany,
                    Unsupported, Unavailable, StorageFull, Timeout, Internal)

namespace api {

/// One refusal, as every route answers it.
struct ErrorDetail {
  ErrorKind kind = ErrorKind::Internal;
  std::string message;
  std::string hint;   ///< what would be right, or what to do; may be empty
  std::string field;  ///< path of the offending input field; may be empty
  static constexpr std::array required{"kind", "message"};
};
BOOST_DESCRIBE_STRUCT(ErrorDetail, (), (kind, message, hint, field))

/// The body of every answer that is not a success: {"error": {"kind": "not_found", "message": "...", "hint": "...", "field": "..."}}.
struct ErrorBody {
  ErrorDetail error;
  static constexpr std::array required{"error"};
};
BOOST_DESCRIBE_STRUCT(ErrorBody, (), (error))

}  // namespace api
}  // namespace nav
