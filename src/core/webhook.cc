// SPDX-License-Identifier: Apache-2.0
#include "core/webhook.h"

#include <algorithm>

#include "base/text.h"

namespace nav {

namespace {

constexpr std::size_t longest_url = 2'000;

bool is_written_out(char c) { return c > ' ' && c < '\x7f' && c != '"' && c != '<' && c != '>' && c != '\\'; }

/// "example.org", "example.org:8443", "[::1]:8443".
bool is_host(std::string_view text) {
  auto const bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == text.npos) return false;
  auto const colon = text.find(':', bracket);
  std::string_view const host = text.substr(0, colon);
  if (host.empty() || host == "[]") return false;
  if (!text.starts_with('[') && !std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
      }))
    return false;
  if (text.starts_with('[') && host.size() != bracket + 1) return false;
  if (colon == text.npos) return true;
  std::uint64_t port = 0;
  return read_number(text.substr(colon + 1), port) && port > 0 && port < 65536;
}

}  // namespace

bool Webhook::wants(NoticeKind kind) const { return kinds.empty() || std::find(kinds.begin(), kinds.end(), kind) != kinds.end(); }

Result<WebhookAddress> parse_webhook_address(std::string_view url) {
  constexpr char const* right = "such as https://example.org/gpu-health";
  if (url.size() > longest_url) return fail_field("url", fmt::format("at most {} characters", longest_url), "the address is {} characters long", url.size());
  auto const slashes = url.find("://");
  std::string_view const scheme = url.substr(0, slashes);
  if (slashes == url.npos || (scheme != "http" && scheme != "https")) return fail_field("url", right, "\"{}\" is no http or https address", shortened(url, 70));
  if (!std::all_of(url.begin(), url.end(), is_written_out))
    return fail_field("url", "characters of other kinds are written as %XX", "the address has characters that none has");
  if (url.find('#') != url.npos) return fail_field("url", "leave out what begins with #", "an address that is sent to has no fragment");
  auto const end = std::min(url.find_first_of("/?", slashes + 3), url.size());
  std::string_view const host = url.substr(slashes + 3, end - slashes - 3);
  if (host.find('@') != host.npos)
    return fail_field("url", "the signature says who sends", "an address with a user or a password in it would show them in lists");
  if (!is_host(host)) return fail_field("url", right, "\"{}\" is no host", shortened(host, 70));
  std::string path(url.substr(end));
  if (!path.starts_with('/')) path = "/" + path;
  return WebhookAddress{std::string(url.substr(0, end)), std::move(path)};
}

}  // namespace nav
