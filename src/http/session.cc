// SPDX-License-Identifier: Apache-2.0
#include "http/session.h"

#include <fmt/format.h>

#include "base/text.h"

namespace nav::http {

std::string session_cookie(std::string_view installation) { return fmt::format("nav_session_{}", installation.substr(0, 8)); }

std::optional<std::string> session_of(Request const& request, std::string_view installation) {
  std::string const* cookies = request.header("Cookie");
  if (cookies == nullptr) return std::nullopt;
  std::string const wanted = session_cookie(installation) + "=";
  for (std::string_view one : split(*cookies, ';')) {
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with(wanted) && one.size() > wanted.size()) return std::string(one.substr(wanted.size()));
  }
  return std::nullopt;
}

std::string session_cookie_text(std::string_view installation, std::string_view token, bool encrypted) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", session_cookie(installation), token,
                     token.empty() ? 0 : session_length.us / 1'000'000, encrypted ? "; Secure" : "");
}

Result<void> check_origin(Request const& request) {
  if (request.method == "GET" || request.method == "HEAD") return {};
  std::string const* origin = request.header("Origin");
  std::string const* host = request.header("Host");
  if (origin != nullptr && host != nullptr && *origin == fmt::format("{}://{}", request.encrypted ? "https" : "http", *host)) return {};
  return Unexpected(
      Error{ErrorKind::Forbidden, "this did not come from a page of this server", "a program gives its token: `Authorization: Bearer nav_...`", "Origin"});
}

}  // namespace nav::http
