// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace nav::http {

/// One request, whole. The text of path, segments and query is decoded once and is valid UTF-8 without NUL; nothing is ever
/// normalised: ".." arrives as "..", and what it means is for the route to say.
struct Request {
  std::string method;                                     ///< "GET"
  std::string path;                                       ///< "/v1/jobs/42"
  std::vector<std::string> segments;                      ///< {"v1", "jobs", "42"}: split before decoding, so that "a%2Fb" stays one segment
  std::map<std::string, std::vector<std::string>> query;  ///< a name may come several times: ?state=queued&state=running
  std::map<std::string, std::string> headers;             ///< names in lower case; repeated ones joined by ", "
  std::string body;
  std::string peer_address;  ///< "127.0.0.1"
  bool encrypted = false;    ///< it came over TLS

  /// Who the client proved to be by its certificate (mutual TLS); the certificate has been verified against the client CA.
  struct Certificate {
    std::string sha256;       ///< of its DER form, lower-case hex
    std::string common_name;  ///< CN of its subject
  };
  std::optional<Certificate> certificate;

  /// The header's value, or nullptr. `name` in any case.
  std::string const* header(std::string_view name) const;
  /// The query parameter's last value, or nullptr.
  std::string const* parameter(std::string const& name) const;
};

/// One answer. Content-Length, Date, Connection and chunked framing are the server's business.
struct Response {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";  ///< not sent when empty
  std::vector<std::pair<std::string, std::string>> headers = {};
};

/// The JSON answer for an error, with the status its kind has.
Response error_response(Error const& error);
/// The same with a status the table does not give (408, 421, ...).
Response error_response(int status, Error const& error);

std::string_view reason_phrase(int status);

}  // namespace nav::http
