// SPDX-License-Identifier: Apache-2.0
#include "adapters/secrets.h"

#include <sodium.h>

#include "base/ensure.h"

namespace nav {
namespace {

void prepare() {
  static bool const ready = sodium_init() >= 0;
  ensure(ready, "the system gives random numbers");
}

}  // namespace

std::string random_bytes(std::size_t count) {
  prepare();
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

std::string make_token() {
  std::string const bytes = random_bytes(32);
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();  // its terminating zero
  return "nav_" + text;
}

std::string token_hash(std::string_view token) { return sha256_hex(token); }

bool same_secret(std::string_view one, std::string_view other) {
  prepare();
  return one.size() == other.size() && sodium_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::string sha256_hex(std::string_view bytes) {
  prepare();
  unsigned char digest[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(digest, reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size());
  std::string hex(2 * sizeof digest + 1, '\0');
  sodium_bin2hex(hex.data(), hex.size(), digest, sizeof digest);
  hex.pop_back();  // its terminating zero
  return hex;
}

}  // namespace nav
