// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "api/routes.h"
#include "base/json.h"
#include "cli/settings.h"
#include "client/http_client.h"

namespace nav::cli {

/// A request of the API, by its operation.
struct Call {
  api::Operation operation;
  std::initializer_list<std::string_view> segments = {};  ///< what stands in braces in its path
  std::string query = {};
  std::string body = {};
  std::string if_match = {};  ///< the ETag of what is to be changed
};

/// The server as commands see it. It is looked for at the first call (settings.h says where), so that commands which need none do not
/// miss it.
class Server {
 public:
  explicit Server(Variables const& variables) : variables_(variables) {}

  /// The body of a success. A POST carries a fresh Idempotency-Key, so it is repeated safely when the server restarts meanwhile.
  Result<std::string> call(Call const& call);
  /// The same with its headers.
  Result<client::Answer> answer(Call const& call);

  /// A body as what it is, whatever fields a newer server adds.
  template <class T>
  static Result<T> read(std::string const& body) {
    auto value = json_read<T>(body, Unknown::Ignore);
    if (!value) return misread(value.error());
    return value;
  }
  template <class T>
  Result<T> read(Call const& what) {
    TRY(auto const body, call(what));
    return read<T>(body);
  }

  /// A client of one's own: for streams, and for whoever wants to interrupt it (a client that was cancelled is of no more use).
  Result<std::unique_ptr<client::HttpClient>> new_client(Duration timeout = seconds(60));
  /// Says what a person can do about an error of the way.
  Error with_advice(Error error) const;

 private:
  static Unexpected misread(Error const& why);

  Variables const& variables_;
  std::unique_ptr<client::HttpClient> client_;
  std::string url_;
};

}  // namespace nav::cli
