// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace nav::client {

/// Whom to speak with, and as whom.
struct Options {
  std::string url;              ///< "https://host:8443"
  std::string token;            ///< sent as a bearer token; may be empty
  std::string ca_pem;           ///< the CA the server must show a certificate of; empty: those the system trusts
  std::string ca_sha256;        ///< instead of ca_pem: its fingerprint; the CA itself is then asked of the server, and held against it
  std::string certificate_pem;  ///< the client's own certificate and key (mutual TLS); may be empty
  std::string key_pem;
  Duration connect_timeout = seconds(10);
  Duration timeout = seconds(60);  ///< for one whole request, where it names no other
  int retries = 2;                 ///< of requests that may be repeated, when the server is busy or restarting (429, 503)
};

struct Request {
  std::string method = "GET";
  std::string path;  ///< "/v1/jobs?state=queued", encoded
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::optional<Duration> timeout = {};  ///< a long poll takes longer; zero: no end (streams)
};

struct Answer {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;

  bool is_success() const { return status >= 200 && status < 300; }
};

/// What an answer that is no success means: its JSON error, or what its status alone says.
Error error_of(Answer const& answer);

/// Blocking HTTP over one kept-alive connection. For one thread; `cancel` alone may come from any other.
class HttpClient {
 public:
  explicit HttpClient(Options options);
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;
  ~HttpClient();

  /// The answer, whatever its status. Errors are those of the way: Unavailable (nobody there), Timeout, Unauthenticated (the server
  /// is not who it should be, or refuses our certificate), Conflict ("cancelled").
  Result<Answer> exchange(Request const& request);

  /// A success; anything else is an error. Busy servers are asked again where repeating is safe: GET, HEAD, PUT, DELETE, and POST with an
  /// Idempotency-Key.
  Result<Answer> call(Request const& request);

  /// Like `call`, once, with the body of a success given piece by piece as it arrives (Answer::body stays empty). `take` returns
  /// false to stop, which is a success too.
  Result<Answer> stream(Request const& request, std::function<bool(std::string_view)> take);

  /// Ends the running request, and every later one, with Conflict ("cancelled").
  void cancel();
  bool is_cancelled() const;

  /// Sleeps, but not through a cancel; false when cancelled.
  bool pause(Duration duration);

  /// The CA the connection is held against, once a pinned one has been fetched: to be kept, so that the next start needs no pin.
  std::string const& ca_pem() const;

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace nav::client
