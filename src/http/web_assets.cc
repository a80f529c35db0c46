// SPDX-License-Identifier: Apache-2.0
#include "http/web_assets.h"

#include <fmt/format.h>

namespace nav::http {
namespace {

/// What the page's own elements carry until it is sent.
constexpr std::string_view nonce_mark = "NAV_NONCE";

bool accepts(Request const& request, std::string_view name, std::string_view what) {
  std::string const* header = request.header(name);
  return header != nullptr && header->find(what) != header->npos;
}

std::string content_policy(std::string_view nonce) {
  return fmt::format(
      "default-src 'none'; script-src 'self' 'nonce-{0}'; style-src 'self' 'nonce-{0}'; font-src 'self'; img-src 'self' data:; connect-src 'self'; "
      "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      nonce);
}

Response page(WebAsset const& index, std::string const& nonce) {
  std::string html = index.plain;
  for (auto at = html.find(nonce_mark); at != html.npos; at = html.find(nonce_mark, at + nonce.size())) html.replace(at, nonce_mark.size(), nonce);
  return {.status = 200,
          .body = std::move(html),
          .content_type = index.content_type,
          .headers = {{"Content-Security-Policy", content_policy(nonce)},
                      {"Cache-Control", "no-store"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"Referrer-Policy", "same-origin"},
                      {"Cross-Origin-Opener-Policy", "same-origin"}}};
}

Response file(std::string const& path, WebAsset const& asset, Request const& request) {
  Response out{.status = 200,
               .body = {},
               .content_type = asset.content_type,
               // Names under assets/ carry a digest of what is in them.
               .headers = {{"Cache-Control", path.starts_with("assets/") ? "public, max-age=31536000, immutable" : "no-cache"},
                           {"X-Content-Type-Options", "nosniff"},
                           {"Vary", "Accept-Encoding"}}};
  if (!asset.brotli.empty() && accepts(request, "Accept-Encoding", "br")) {
    out.body = asset.brotli;
    out.headers.emplace_back("Content-Encoding", "br");
  } else if (!asset.gzip.empty() && accepts(request, "Accept-Encoding", "gzip")) {
    out.body = asset.gzip;
    out.headers.emplace_back("Content-Encoding", "gzip");
  } else {
    out.body = asset.plain;
  }
  return out;
}

}  // namespace

std::optional<Response> web_response(WebAssets const& web, Request const& request, std::function<std::string()> const& make_nonce) {
  auto const index = web.find("index.html");
  if (index == web.end() || (request.method != "GET" && request.method != "HEAD")) return std::nullopt;
  std::string const path = request.path.substr(request.path.starts_with('/') ? 1 : 0);
  if (auto const found = web.find(path); found != web.end() && found != index) return file(path, found->second, request);
  bool const is_api = !request.segments.empty() && request.segments.front() == "v1";
  bool const is_file = path.starts_with("assets/");
  if (path.empty() || (!is_api && !is_file && accepts(request, "Accept", "text/html"))) return page(index->second, make_nonce());
  return std::nullopt;
}

}  // namespace nav::http
