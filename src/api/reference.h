// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace nav::api {

/// GET /docs: the whole API for reading, one HTML page that needs nothing else.
std::string reference_page(std::string_view version);

/// GET /: where to go from here.
std::string landing_page(std::string_view version);

}  // namespace nav::api
