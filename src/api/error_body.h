// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "api/doc.h"
#include "base/json.h"

namespace nav {

BOOST_DESCRIBE_ENUM(ErrorKind, InvalidArgument, Unauthenticated, Forbidden, NotFound, Conflict, PreconditionFailed, TooLarge, TooMany, Unsupported, Unavailable,
                    StorageFull, Timeout, Internal)

namespace api {

/// One refusal, as every route answers it.
struct ErrorDetail {
  ErrorKind kind = ErrorKind::Internal;
  std::string message;
  std::string hint;   ///< what would be right, or what to do; may be empty
  std::string field;  ///< path of the offending input field; may be empty
  static constexpr std::array required{"kind", "message"};
  static constexpr Doc docs[] = {
      {"", "Why a request was refused."},
      {"kind", "What kind of thing went wrong; says the same as the status.", R"("invalid_argument")"},
      {"message", "What went wrong, in words.", R"("there is no template \"mig-1g.5bg\"")"},
      {"hint", "What would be right, or what to do; may be empty.", R"("did you mean mig-1g.5gb?")"},
      {"field", "Path of the field, parameter or header it is about; may be empty.", R"("on[0]")"},
  };
};
BOOST_DESCRIBE_STRUCT(ErrorDetail, (), (kind, message, hint, field))

/// The body of every answer that is not a success: {"error": {"kind": "not_found", "message": "...", "hint": "...", "field": "..."}}.
struct ErrorBody {
  ErrorDetail error;
  static constexpr std::array required{"error"};
  static constexpr Doc docs[] = {{"", "The body of every answer that is not a success."}, {"error", "Why."}};
};
BOOST_DESCRIBE_STRUCT(ErrorBody, (), (error))

}  // namespace api
}  // namespace nav
