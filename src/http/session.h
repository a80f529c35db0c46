// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "http/message.h"

/// A browser signed in: a token in a cookie that no script can read.
namespace nav::http {

inline constexpr Duration session_length = days(30);

/// The cookie's name. Cookies do not tell ports apart, so that of another installation on this machine has another name.
std::string session_cookie(std::string_view installation);

/// The token in the request's cookie.
std::optional<std::string> session_of(Request const& request, std::string_view installation);

/// The value of Set-Cookie that keeps the token; an empty one forgets it.
std::string session_cookie_text(std::string_view installation, std::string_view token, bool encrypted);

/// Forbidden for a request that changes something and does not come from a page of this server: a browser adds the cookie whoever asks.
Result<void> check_origin(Request const& request);

}  // namespace nav::http
