// SPDX-License-Identifier: Apache-2.0
#include "http/target.h"

#include <algorithm>
#include <arpa/inet.h>

#include "base/text.h"

namespace nav::http {
namespace {

enum class Plus { Literal, Space };

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> percent_decoded(std::string_view raw, Plus plus) {
  std::string text;
  text.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    char c = raw[i];
    if (c == '+' && plus == Plus::Space) {
      c = ' ';
    } else if (c == '%') {
      int const high = i + 1 < raw.size() ? hex_digit(raw[i + 1]) : -1;
      int const low = i + 2 < raw.size() ? hex_digit(raw[i + 2]) : -1;
      if (high < 0 || low < 0) return fail(ErrorKind::InvalidArgument, "the address has a '%' that two hexadecimal digits do not follow");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return fail(ErrorKind::InvalidArgument, "the address holds a NUL byte");
    text += c;
  }
  if (!is_utf8(text)) return fail(ErrorKind::InvalidArgument, "the address is not UTF-8");
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

bool is_address(std::string const& host) {
  in_addr v4;
  in6_addr v6;
  return inet_pton(AF_INET, host.c_str(), &v4) == 1 || inet_pton(AF_INET6, host.c_str(), &v6) == 1;
}

}  // namespace

Result<Target> parse_target(std::string_view raw) {
  Target target;
  if (auto const scheme = raw.find("://"); scheme != raw.npos && !raw.empty() && raw[0] != '/') {
    raw.remove_prefix(scheme + 3);
    auto const end = std::min(raw.find_first_of("/?"), raw.size());
    target.authority = raw.substr(0, end);
    raw.remove_prefix(end);
    if (target.authority.empty()) return fail(ErrorKind::InvalidArgument, "the address names no host");
  } else if (raw.empty() || (raw[0] != '/' && raw != "*")) {
    return fail(ErrorKind::InvalidArgument, "the address does not begin with '/'");
  }
  raw = raw.substr(0, raw.find('#'));
  auto const question = raw.find('?');
  std::string_view const raw_path = raw.substr(0, question);
  TRY(target.path, percent_decoded(raw_path.empty() ? "/" : raw_path, Plus::Literal));
  if (raw_path.size() > 1)
    for (std::string_view part : split(raw_path.substr(1), '/')) {
      TRY(auto segment, percent_decoded(part, Plus::Literal));
      target.segments.push_back(std::move(segment));
    }
  if (question == raw.npos) return target;
  for (std::string_view part : split(raw.substr(question + 1), '&')) {
    if (part.empty()) continue;
    auto const equals = part.find('=');
    TRY(auto name, percent_decoded(part.substr(0, equals), Plus::Space));
    TRY(auto value, percent_decoded(equals == part.npos ? "" : part.substr(equals + 1), Plus::Space));
    target.query[std::move(name)].push_back(std::move(value));
  }
  return target;
}

std::string_view host_of(std::string_view authority) {
  auto const is_port = [](std::string_view text) {
    return text.size() <= 5 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (authority.starts_with('[')) {
    auto const close = authority.find(']');
    if (close == authority.npos) return {};
    std::string_view const rest = authority.substr(close + 1);
    if (!rest.empty() && (rest[0] != ':' || !is_port(rest.substr(1)))) return {};
    return authority.substr(1, close - 1);
  }
  auto const colon = authority.find(':');
  if (colon != authority.npos && !is_port(authority.substr(colon + 1))) return {};
  return authority.substr(0, colon);
}

bool is_own_host(std::string_view host, std::vector<std::string> const& own_names) {
  std::string name = lower(host);
  if (name.ends_with('.')) name.pop_back();
  if (name.empty()) return false;
  if (name == "localhost" || name.ends_with(".localhost") || is_address(name)) return true;
  return std::any_of(own_names.begin(), own_names.end(), [&](std::string const& own) { return lower(own) == name; });
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    auto const lead = static_cast<unsigned char>(text[i]);
    std::size_t const length = lead < 0x80 ? 1 : lead >> 5 == 0x6 ? 2 : lead >> 4 == 0xE ? 3 : lead >> 3 == 0x1E ? 4 : 0;
    if (length == 0 || i + length > text.size()) return false;
    std::uint32_t point = length == 1 ? lead : lead & (0x7Fu >> length);
    for (std::size_t k = 1; k < length; ++k) {
      auto const next = static_cast<unsigned char>(text[i + k]);
      if (next >> 6 != 0x2) return false;
      point = point << 6 | (next & 0x3F);
    }
    // Over-long forms, surrogates and what lies beyond Unicode are other spellings of something, and so a way past a check.
    constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < smallest[length] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    i += length;
  }
  return true;
}

}  // namespace nav::http
