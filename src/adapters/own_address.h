// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace nav {

/// The address this machine has on the way to `url` ("https://host:port"), by which what is there can reach it too. Empty if there is no way. Nothing is
/// sent.
std::string address_towards(std::string const& url);

/// The network interface of this machine that has this address (or name), "eth0"; empty if none has it.
std::string interface_with(std::string const& address);

}  // namespace nav
