// SPDX-License-Identifier: Apache-2.0
#include "core/digest.h"

#include <charconv>
#include <fmt/format.h>

namespace nav {

std::string to_text(Digest digest) { return fmt::format("{:016x}{:016x}", digest.high, digest.low); }

Digest digest_of(std::string_view text) {
  Digest digest;
  if (text.size() != 32) return {};
  auto const half = [&](std::string_view part, std::uint64_t& out) {
    auto const [end, error] = std::from_chars(part.data(), part.data() + part.size(), out, 16);
    return error == std::errc{} && end == part.data() + part.size();
  };
  if (!half(text.substr(0, 16), digest.high) || !half(text.substr(16), digest.low)) return {};
  return digest;
}

}  // namespace nav
