// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace nav {

/// 128 bits that stand for a blob's content. Computed outside (BLAKE2b); the core only compares. Text: 32 hexadecimal digits.
struct Digest {
  std::uint64_t high = 0, low = 0;

  auto operator<=>(Digest const&) const = default;
};

std::string to_text(Digest digest);
/// The zero digest if the text is none.
Digest digest_of(std::string_view text);

}  // namespace nav
