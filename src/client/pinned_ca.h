// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"
#include "base/time.h"

namespace nav::client {

/// The CA certificate (PEM) whose DER form has this sha256 (lower-case hex), from the chain the server at `url` shows. The server
/// itself is not believed in anything: only a certificate with the right fingerprint is taken. Unauthenticated when it shows none.
Result<std::string> fetch_pinned_ca(std::string const& url, std::string const& sha256, Duration connect_timeout);

}  // namespace nav::client
