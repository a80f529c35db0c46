// SPDX-License-Identifier: Apache-2.0
#include "http/door_head.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/text.h"

namespace nav::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_word_any_case(std::string_view one, std::string_view other) {
  return one.size() == other.size() && std::equal(one.begin(), one.end(), other.begin(), [](char a, char b) { return lower(a) == lower(b); });
}

bool starts_any_case(std::string_view text, std::string_view start) {
  return text.size() >= start.size() && same_word_any_case(text.substr(0, start.size()), start);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Of one connection, and never passed on (RFC 9110, 7.6.1); lengths and encodings are written anew.
constexpr std::array of_connection{
    "connection",     "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    "content-length", "expect"};

bool is_of_connection(Fields const& fields, std::string_view name) {
  return std::any_of(of_connection.begin(), of_connection.end(), [&](char const* one) { return same_word_any_case(name, one); }) ||
         has_token(fields, "connection", name);
}

/// Said by us and nobody else.
bool is_told_by_door(std::string_view name) {
  return starts_any_case(name, "x-forwarded-") || same_word_any_case(name, "forwarded") || same_word_any_case(name, "x-real-ip") ||
         starts_any_case(name, "nav-");
}

/// What an answer could do to the rest of the door's host, or to other ports of it.
bool reaches_beyond(std::string_view name) {
  constexpr std::array names{"strict-transport-security", "clear-site-data", "service-worker-allowed", "alt-svc", "public-key-pins"};
  return std::any_of(names.begin(), names.end(), [&](char const* one) { return same_word_any_case(name, one); });
}

/// Parsers have refused line ends in values; a head that is written here holds without them.
void add_line(std::string& head, std::string_view name, std::string_view value) {
  auto const bad = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  if (name.empty() || std::any_of(name.begin(), name.end(), bad) || std::any_of(value.begin(), value.end(), bad)) return;
  head += fmt::format("{}: {}\r\n", name, value);
}

std::string cookies_for_service(std::string_view cookies) {
  std::string kept;
  for (std::string_view one : split(cookies, ';')) {
    one = trimmed(one);
    if (one.empty() || starts_any_case(one, own_cookies)) continue;
    if (!kept.empty()) kept += "; ";
    kept += one;
  }
  return kept;
}

void add_framing(std::string& head, Fields const& fields, BodyFraming framing) {
  if (framing == BodyFraming::Chunked) add_line(head, "Transfer-Encoding", "chunked");
  if (framing != BodyFraming::Length) return;
  if (auto const* length = field_of(fields, "content-length")) add_line(head, "Content-Length", *length);
}

}  // namespace

std::string const* field_of(Fields const& fields, std::string_view name) {
  for (auto const& [key, value] : fields)
    if (same_word_any_case(key, name)) return &value;
  return nullptr;
}

bool has_token(Fields const& fields, std::string_view name, std::string_view token) {
  for (auto const& [key, value] : fields) {
    if (!same_word_any_case(key, name)) continue;
    for (std::string_view one : split(value, ','))
      if (same_word_any_case(trimmed(one), token)) return true;
  }
  return false;
}

Result<DoorTarget> read_door_target(std::string_view target) {
  constexpr std::string_view jobs = "/jobs/";
  auto const nothing = [] {
    return Unexpected(Error{ErrorKind::NotFound, "there is nothing at this address of the door", "a job's port is at /jobs/NUMBER/", {}});
  };
  if (!target.starts_with(jobs)) return nothing();
  auto const query_at = std::min(target.find('?'), target.size());
  std::string_view const path = target.substr(0, query_at);
  auto const end = std::min(path.find('/', jobs.size()), path.size());
  auto const id = parse_id<JobTag>(path.substr(jobs.size(), end - jobs.size()));
  if (!id) return nothing();
  DoorTarget read{.job = *id, .rest = std::string(path.substr(end)), .code = {}, .without_code = std::string(path)};
  if (query_at == target.size()) return read;
  std::string query;
  for (std::string_view one : split(target.substr(query_at + 1), '&')) {
    if (one.starts_with("door=")) {
      read.code = std::string(one.substr(5));
      continue;
    }
    if (!query.empty()) query += '&';
    query += one;
  }
  if (!query.empty()) read.without_code += "?" + query;
  return read;
}

std::optional<std::string> own_token_of(Fields const& fields) {
  auto const* header = field_of(fields, "authorization");
  if (header == nullptr || !starts_any_case(*header, "bearer ")) return std::nullopt;
  std::string_view const token = trimmed(std::string_view(*header).substr(7));
  if (!token.starts_with("nav")) return std::nullopt;
  return std::string(token);
}

std::optional<std::string> cookie_of(Fields const& fields, std::string_view name) {
  for (auto const& [key, value] : fields) {
    if (!same_word_any_case(key, "cookie")) continue;
    for (std::string_view one : split(value, ';')) {
      one = trimmed(one);
      if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=') return std::string(one.substr(name.size() + 1));
    }
  }
  return std::nullopt;
}

std::string head_for_service(DoorRequest const& request, Visitor const& visitor, BodyFraming framing, bool upgrade) {
  std::string head = fmt::format("{} {} HTTP/1.1\r\n", request.method, request.target);
  for (auto const& [name, value] : request.fields) {
    if (is_of_connection(request.fields, name) || is_told_by_door(name)) continue;
    if (same_word_any_case(name, "authorization") && own_token_of({{name, value}})) continue;
    if (same_word_any_case(name, "cookie")) {
      if (std::string const kept = cookies_for_service(value); !kept.empty()) add_line(head, name, kept);
      continue;
    }
    add_line(head, name, value);
  }
  add_framing(head, request.fields, framing);
  if (upgrade) {
    add_line(head, "Connection", "Upgrade");
    if (auto const* to = field_of(request.fields, "upgrade")) add_line(head, "Upgrade", *to);
  }
  add_line(head, "X-Forwarded-For", visitor.address);
  add_line(head, "X-Forwarded-Proto", visitor.encrypted ? "https" : "http");
  if (auto const* host = field_of(request.fields, "host")) add_line(head, "X-Forwarded-Host", *host);
  add_line(head, "Nav-User", visitor.user);
  return head + "\r\n";
}

std::optional<std::string> confined_cookie(std::string_view value, JobId job) {
  auto const parts = split(value, ';');
  if (parts.empty()) return std::nullopt;
  std::string_view const pair = trimmed(parts[0]);
  if (starts_any_case(pair, own_cookies) || pair.starts_with('=')) return std::nullopt;  // one without a name could spell ours in its value
  std::string const own = fmt::format("/jobs/{}/", to_text(job));
  std::string cookie(pair);
  std::string path = own;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    std::string_view const attribute = trimmed(parts[i]);
    std::string_view const name = trimmed(attribute.substr(0, attribute.find('=')));
    if (same_word_any_case(name, "domain")) continue;
    if (same_word_any_case(name, "path")) {
      auto const wanted = attribute.find('=') == attribute.npos ? std::string_view() : trimmed(attribute.substr(attribute.find('=') + 1));
      path = wanted.starts_with(own) ? std::string(wanted) : own;
      continue;
    }
    cookie += "; ";
    cookie += attribute;
  }
  return cookie + "; Path=" + path;
}

std::string head_for_visitor(int status, std::string_view reason, Fields const& fields, JobId job, BodyFraming framing, bool close, bool upgrade) {
  std::string head = fmt::format("HTTP/1.1 {} ", status);
  for (char c : reason)
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) head += c;
  head += "\r\n";
  for (auto const& [name, value] : fields) {
    if (is_of_connection(fields, name) || reaches_beyond(name)) continue;
    if (same_word_any_case(name, "set-cookie")) {
      if (auto const cookie = confined_cookie(value, job)) add_line(head, name, *cookie);
      continue;
    }
    add_line(head, name, value);
  }
  add_framing(head, fields, framing);
  if (upgrade) {
    add_line(head, "Connection", "Upgrade");
    if (auto const* to = field_of(fields, "upgrade")) add_line(head, "Upgrade", *to);
  } else if (close) {
    add_line(head, "Connection", "close");
  }
  return head + "\r\n";
}

}  // namespace nav::http
