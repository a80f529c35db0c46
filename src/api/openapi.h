// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace nav::api {

/// The API document (OpenAPI 3.1), emitted from the table of routes and the described types, indented for reading. api/openapi.json in the
/// repository is this with the version of the source; a test holds them together.
std::string openapi_document(std::string_view version);

/// JSON with each field on a line of its own.
std::string indented(std::string_view json);

}  // namespace nav::api
