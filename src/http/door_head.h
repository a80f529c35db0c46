// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/id.h"
#include "base/result.h"

/// What a request or an answer becomes at the door: what concerns the connection alone is taken off, and so is what is between the visitor and us.
namespace nav::http {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// The value of the first field of this name, in any case; nullptr: there is none.
std::string const* field_of(Fields const& fields, std::string_view name);
bool has_token(Fields const& fields, std::string_view name, std::string_view token);

struct DoorRequest {
  std::string method;
  std::string target;  ///< as it came: "/jobs/42/lab?x=y"
  Fields fields;
};

/// What a visitor asks for.
struct DoorTarget {
  JobId job;
  std::string rest;                 ///< of the path, with its slash: "/lab"
  std::optional<std::string> code;  ///< the parameter "door"
  std::string without_code;         ///< the target without it
};
/// NotFound unless it is "/jobs/42" or below it. Nothing is decoded or made tidy: the service reads what the visitor wrote.
Result<DoorTarget> read_door_target(std::string_view target);

/// "Bearer nav_..." -> the token. Any other kind of Authorization is the service's own business.
std::optional<std::string> own_token_of(Fields const& fields);

/// The value of our own cookie of this name.
std::optional<std::string> cookie_of(Fields const& fields, std::string_view name);

/// Cookies of nav's own, at the door and at the API, begin so, and go no further than the door: hosts have their cookies for all their ports.
inline constexpr std::string_view own_cookies = "nav_";

struct Visitor {
  std::string address;
  std::string user;
  bool encrypted = false;
};
/// How the body is told apart from what comes after it.
enum class BodyFraming { None, Length, Chunked };

/// The head for the service, with the empty line at its end.
std::string head_for_service(DoorRequest const& request, Visitor const& visitor, BodyFraming framing, bool upgrade);

/// The head for the visitor: `job`'s cookies stay in its part of the door, and none has a name of ours. What would reach beyond that part is left out.
/// `framing` and `close` are of the visitor's connection.
std::string head_for_visitor(int status, std::string_view reason, Fields const& fields, JobId job, BodyFraming framing, bool close, bool upgrade);

/// A Set-Cookie for the visitor; none: it would be one of ours.
std::optional<std::string> confined_cookie(std::string_view value, JobId job);

}  // namespace nav::http
