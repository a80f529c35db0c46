// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "client/http_client.h"

namespace nav::client {

/// One server-sent event.
struct ServerEvent {
  std::string id;    ///< where to go on after it; the last one seen, when it carried none of its own
  std::string type;  ///< "message" when it was not named
  std::string data;  ///< lines joined by '\n'

  bool operator==(ServerEvent const&) const = default;
};

/// Takes a stream of server-sent events apart, however its bytes are cut (WHATWG HTML, 9.2.6).
class EventParser {
 public:
  using Take = std::function<bool(ServerEvent const&)>;

  /// An event of more than `limit` bytes is a fault of the server's.
  explicit EventParser(std::size_t limit = 16 * 1024 * 1024) : limit_(limit) {}

  /// Gives each event completed by these bytes to `take`; false when it wants no more. TooLarge.
  Result<bool> feed(std::string_view bytes, Take const& take);

  std::string const& last_id() const { return id_; }
  /// How long the server wants us to wait before coming back, if it said so.
  std::optional<Duration> retry() const { return retry_; }

 private:
  bool take_line(std::string_view line, Take const& take);

  std::size_t limit_;
  std::string line_;  // unfinished
  bool after_return_ = false;
  bool at_start_ = true;
  std::string id_;
  std::string type_;
  std::string data_;
  bool has_data_ = false;
  std::optional<Duration> retry_;
};

struct Follow {
  std::string path;                            ///< "/v1/events?project=vision"
  std::string last_id;                         ///< go on after this one; empty: from now
  Duration shortest_wait = milliseconds(500);  ///< before coming back; doubled up to ten seconds while it fails
};

/// Follows events across broken connections and restarts of the server, going on after the last one seen. Returns when `take`
/// wants no more; with the error when the server refuses (anything but Unavailable, Timeout, TooMany), or "cancelled".
Result<void> follow_events(HttpClient& client, Follow follow, EventParser::Take take);

}  // namespace nav::client
