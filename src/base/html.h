// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace nav {

/// The text as it stands between tags and in quoted attributes of HTML and SVG.
std::string html_escaped(std::string_view text);

}  // namespace nav
