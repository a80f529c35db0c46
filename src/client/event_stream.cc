// SPDX-License-Identifier: Apache-2.0
#include "client/event_stream.h"

#include <algorithm>

#include "base/id.h"

namespace nav::client {

Result<bool> EventParser::feed(std::string_view bytes, Take const& take) {
  while (!bytes.empty()) {
    if (after_return_ && bytes[0] == '\n') bytes.remove_prefix(1);  // the second half of "\r\n"
    after_return_ = false;
    auto const end = bytes.find_first_of("\r\n");
    line_ += bytes.substr(0, end);
    if (line_.size() + data_.size() > limit_) return fail(ErrorKind::TooLarge, "the server sent an event of more than {} bytes", limit_);
    if (end == bytes.npos) return true;
    after_return_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    std::string const line = std::move(line_);
    line_.clear();
    if (!take_line(line, take)) return false;
  }
  return true;
}

bool EventParser::take_line(std::string_view line, Take const& take) {
  if (at_start_ && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);  // a byte order mark
  at_start_ = false;
  if (line.empty()) {
    bool go_on = true;
    if (has_data_) go_on = take({id_, type_.empty() ? "message" : type_, data_});
    type_.clear();
    data_.clear();
    has_data_ = false;
    return go_on;
  }
  auto const colon = line.find(':');
  std::string_view const name = line.substr(0, colon);
  std::string_view value = colon == line.npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
  } else if (name == "event") {
    type_ = value;
  } else if (name == "id") {
    if (value.find('\0') == value.npos) id_ = value;
  } else if (std::uint64_t wait = 0; name == "retry" && read_number(value, wait)) {
    retry_ = milliseconds(static_cast<std::int64_t>(std::min<std::uint64_t>(wait, 3'600'000)));
  }
  return true;  // a comment (":" first, so an empty name) or a field nobody knows
}

Result<void> follow_events(HttpClient& client, Follow follow, EventParser::Take take) {
  constexpr Duration longest_wait = seconds(10);
  Duration wait = follow.shortest_wait;
  for (;;) {
    EventParser parser;
    bool wanted = true;
    Result<bool> fed = true;
    EventParser::Take const note = [&](ServerEvent const& event) {
      wait = follow.shortest_wait;
      if (!event.id.empty()) follow.last_id = event.id;
      ServerEvent named = event;
      named.id = follow.last_id;
      return take(named);
    };
    Request request{.path = follow.path, .headers = {{"Accept", "text/event-stream"}}, .timeout = Duration{}};
    if (!follow.last_id.empty()) request.headers.emplace_back("Last-Event-ID", follow.last_id);
    auto const answer = client.stream(request, [&](std::string_view bytes) {
      fed = parser.feed(bytes, note);
      wanted = fed && *fed;
      return wanted;
    });
    if (!fed) return Unexpected(fed.error());
    if (!wanted) return {};
    if (client.is_cancelled()) return fail(ErrorKind::Conflict, "cancelled");
    if (!answer) {
      ErrorKind const kind = answer.error().kind;
      if (kind != ErrorKind::Unavailable && kind != ErrorKind::Timeout && kind != ErrorKind::TooMany) return Unexpected(answer.error());
    } else if (answer->status == 204) {
      return {};  // the server's way to say that nothing more will come
    }
    if (!client.pause(std::max(wait, parser.retry().value_or(Duration{})))) return fail(ErrorKind::Conflict, "cancelled");
    wait = std::min(wait * 2, longest_wait);
  }
}

}  // namespace nav::client
