// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "http/web_assets.h"

namespace nav {

/// Where the pages for browsers lie: the folder `web` beside this program.
std::string web_folder();

/// Reads the pages. A folder that is not there, or without an index.html, has none.
http::WebAssets read_web(std::string const& folder);

}  // namespace nav
