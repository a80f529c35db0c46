// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace nav::client {

/// Where a controller is, as people pass it on: "https://host:8443#sha256:<64 hex digits>". The fingerprint is that of the CA
/// certificate (its DER form); who has the address needs nothing else to know that it speaks with the right one.
struct Address {
  std::string url;        ///< "https://host:8443", without a slash at its end
  std::string ca_sha256;  ///< lower-case hex; empty when the address carries none
};

/// InvalidArgument says what would be right.
Result<Address> parse_address(std::string_view text);

/// The parts of "https://host:8443/v1", with or without its scheme; of an IPv6 address without its brackets. An empty port: none is named.
struct Endpoint {
  std::string host, port;
};
Endpoint endpoint_of(std::string_view url);

/// Whether the address is this machine's own loopback, by its spelling: localhost, 127.x.y.z or [::1].
bool is_loopback(std::string_view url);

/// One path segment or query value as it travels: "a b/c" -> "a%20b%2Fc".
std::string percent_encoded(std::string_view text);

}  // namespace nav::client
