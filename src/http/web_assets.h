// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "http/message.h"

/// The pages for browsers, as they were built: a few files, held in memory, compressed beforehand.
namespace nav::http {

struct WebAsset {
  std::string content_type;
  std::string plain;
  std::string gzip;    ///< the same, compressed; empty: it is not worth it
  std::string brotli;  ///< the same
};

/// By path: "index.html", "assets/main-1f2e3d.js". Empty where the pages were not built.
using WebAssets = std::map<std::string, WebAsset>;

/// The answer to a GET or HEAD, if it is for a page or for something a page needs. A browser that asks for an address that no file
/// has gets the page, which knows its own addresses. `make_nonce` gives something nobody can guess.
std::optional<Response> web_response(WebAssets const& web, Request const& request, std::function<std::string()> const& make_nonce);

}  // namespace nav::http
