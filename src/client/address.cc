// SPDX-License-Identifier: Apache-2.0
#include "client/address.h"

#include <algorithm>

namespace nav::client {
namespace {

bool is_alphanumeric(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

Result<Address> parse_address(std::string_view text) {
  auto const wrong = [&](std::string_view why) {
    return fail_field("url", "such as https://host:8443 or https://host:8443#sha256:...", "\"{}\" is not an address: {}", text, why);
  };
  Address address;
  std::string_view rest = text;
  if (auto const hash = rest.find('#'); hash != rest.npos) {
    std::string_view fingerprint = rest.substr(hash + 1);
    rest = rest.substr(0, hash);
    if (!fingerprint.starts_with("sha256:")) return wrong("what follows '#' must begin with sha256:");
    fingerprint.remove_prefix(7);
    for (char c : fingerprint) {
      if (c == ':') continue;  // as openssl writes fingerprints
      address.ca_sha256 += c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c;
    }
    if (address.ca_sha256.size() != 64 || address.ca_sha256.find_first_not_of("0123456789abcdef") != std::string::npos)
      return wrong("a sha256 fingerprint has 64 hexadecimal digits");
  }
  bool const secure = rest.starts_with("https://");
  if (!secure && !rest.starts_with("http://")) return wrong("it must begin with https:// or http://");
  if (!secure && !address.ca_sha256.empty()) return wrong("a fingerprint needs https");
  while (rest.ends_with('/')) rest.remove_suffix(1);
  std::string_view const host = rest.substr(std::min(rest.size(), secure ? std::size_t{8} : std::size_t{7}));
  if (host.empty() || host[0] == ':' || host[0] == '/') return wrong("the host is missing");
  // curl would read a name and a password before '@', and send them somewhere else than it seems.
  if (host.find_first_of("@ \t\r\n\\") != host.npos) return wrong("it holds a character that has no place there");
  address.url = rest;
  return address;
}

Endpoint endpoint_of(std::string_view url) {
  auto const scheme = url.find("://");
  std::string_view rest = scheme == url.npos ? url : url.substr(scheme + 3);
  rest = rest.substr(0, rest.find('/'));
  std::string_view host;
  if (!rest.starts_with('[')) {
    host = rest.substr(0, rest.find(':'));
    rest.remove_prefix(host.size());
  } else if (auto const close = rest.find(']'); close != rest.npos) {
    host = rest.substr(1, close - 1);
    rest.remove_prefix(close + 1);
  }
  return {std::string(host), std::string(rest.starts_with(':') ? rest.substr(1) : "")};
}

bool is_loopback(std::string_view url) {
  std::string const host = endpoint_of(url).host;
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && host.find_first_not_of("0123456789.") == host.npos);
}

std::string percent_encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

}  // namespace nav::client
