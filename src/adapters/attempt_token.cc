// SPDX-License-Identifier: Apache-2.0
#include "adapters/attempt_token.h"

#include <sodium.h>

#include "base/ensure.h"

namespace nav {

namespace {
constexpr std::string_view token_prefix = "navj_";
}

AttemptTokens::AttemptTokens(std::string secret) : secret_(std::move(secret)) {
  ensure(secret_.size() == crypto_auth_KEYBYTES, "the installation's secret has 32 bytes");
}

std::string AttemptTokens::make(AttemptId attempt) const {
  std::string const head = fmt::format("{}{}_", token_prefix, to_text(attempt));
  unsigned char mac[crypto_auth_BYTES];
  crypto_auth(mac, reinterpret_cast<unsigned char const*>(head.data()), head.size(), reinterpret_cast<unsigned char const*>(secret_.data()));
  std::string text(sodium_base64_ENCODED_LEN(sizeof mac, sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), mac, sizeof mac, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  text.pop_back();  // its terminating zero
  return head + text;
}

std::optional<AttemptId> AttemptTokens::attempt_of(std::string_view token) const {
  if (!token.starts_with(token_prefix)) return {};
  auto const rest = token.substr(token_prefix.size());
  auto const end = rest.find('_');
  if (end == std::string_view::npos) return {};
  auto const attempt = parse_attempt_id(rest.substr(0, end));
  if (!attempt) return {};
  std::string const genuine = make(*attempt);
  if (genuine.size() != token.size() || sodium_memcmp(genuine.data(), token.data(), token.size()) != 0) return {};
  return *attempt;
}

}  // namespace nav
