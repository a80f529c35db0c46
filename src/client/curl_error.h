// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <curl/curl.h>
#include <string>

#include "base/result.h"

namespace nav::client {

/// What went wrong on the way, in words for the person who waits. `detail` is curl's own (may be empty).
Error error_of_curl(CURLcode code, std::string const& url, std::string const& detail);

/// Prepares libcurl once for the whole process; harmless to repeat, from any thread.
void prepare_curl();

}  // namespace nav::client
