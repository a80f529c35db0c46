// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nav {

/// Bytes from the system's generator, for keys.
std::string random_bytes(std::size_t count);

/// A fresh token for a person or a machine: "nav_" and 32 random bytes as base64url. It is shown once; only its hash is stored.
std::string make_token();

/// What is stored of a token, and looked up by: sha256, lower-case hex. (A token has 256 random bits: there is nothing a slow hash or
/// a salt would protect it from.)
std::string token_hash(std::string_view token);

/// Whether two secrets are the same, in a time that tells nothing about where they differ.
bool same_secret(std::string_view one, std::string_view other);

/// Lower-case hex.
std::string sha256_hex(std::string_view bytes);

}  // namespace nav
