// SPDX-License-Identifier: Apache-2.0
#include "http/head.h"

#include <ctime>
#include <fmt/format.h>

#include "base/ensure.h"

namespace nav::http {
namespace {

/// A value from outside must not begin a header or an answer of its own.
std::string one_line(std::string_view value) {
  std::string line(value);
  for (char& c : line)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return line;
}

/// "Sun, 22 Nov 2026 10:15:06 GMT", whatever the locale.
std::string date_text() {
  static constexpr char const* weekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr char const* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::time_t const now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", weekdays[utc.tm_wday], utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour,
                     utc.tm_min, utc.tm_sec);
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::string status_and_headers(Response const& response) {
  std::string text = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, reason_phrase(response.status), date_text());
  if (!response.content_type.empty() && has_body(response.status)) text += fmt::format("Content-Type: {}\r\n", one_line(response.content_type));
  for (auto const& [name, value] : response.headers) text += fmt::format("{}: {}\r\n", one_line(name), one_line(value));
  return text;
}

}  // namespace

std::string response_head(Response const& response, Framing framing) {
  ensure(framing != Framing::Length, "a stream has no known length");
  return status_and_headers(response) + (framing == Framing::Chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Connection: close\r\n\r\n");
}

std::string response_text(Response response, Framing framing, Body body) {
  ensure(framing != Framing::Chunked, "a whole body needs no chunks");
  std::string text = status_and_headers(response);
  if (has_body(response.status)) text += fmt::format("Content-Length: {}\r\n", response.body.size());
  text += framing == Framing::Close ? "Connection: close\r\n\r\n" : "\r\n";
  if (body == Body::Sent && has_body(response.status)) text += response.body;
  return text;
}

std::string upgrade_text(Response const& response) { return status_and_headers(response) + "Connection: Upgrade\r\n\r\n"; }

std::string chunk_text(std::string_view bytes) {
  ensure(!bytes.empty(), "an empty chunk would end the body");
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

}  // namespace nav::http
