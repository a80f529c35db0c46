// SPDX-License-Identifier: Apache-2.0
#include "adapters/webhook_post.h"

#include <sodium.h>

#include "base/ensure.h"

namespace nav {

namespace {

constexpr std::string_view secret_mark = "whsec_";

std::string base64(unsigned char const* bytes, std::size_t count) {
  std::string text(sodium_base64_ENCODED_LEN(count, sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes, count, sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();  // its terminating zero
  return text;
}

unsigned char const* bytes_of(std::string_view text) { return reinterpret_cast<unsigned char const*>(text.data()); }

}  // namespace

std::string webhook_secret(std::string const& installation_secret, WebhookId id) {
  ensure(installation_secret.size() == crypto_auth_hmacsha256_KEYBYTES, "the installation's secret has 32 bytes");
  // What it is for is part of it, so that no other secret derived from the same bytes can ever be this one.
  std::string const purpose = "nav webhook " + to_text(id);
  unsigned char derived[crypto_auth_hmacsha256_BYTES];
  crypto_auth_hmacsha256(derived, bytes_of(purpose), purpose.size(), bytes_of(installation_secret));
  return std::string(secret_mark) + base64(derived, sizeof derived);
}

std::string webhook_signature(std::string const& secret, std::string const& id, std::int64_t seconds, std::string const& body) {
  ensure(secret.starts_with(secret_mark), "the secret of a webhook");
  unsigned char key[crypto_auth_hmacsha256_KEYBYTES];
  std::size_t size = 0;
  bool const read = sodium_base642bin(key, sizeof key, secret.data() + secret_mark.size(), secret.size() - secret_mark.size(), nullptr, &size, nullptr,
                                      sodium_base64_VARIANT_ORIGINAL) == 0;
  ensure(read, "the secret of a webhook");
  std::string const text = fmt::format("{}.{}.{}", id, seconds, body);
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key, size);
  crypto_auth_hmacsha256_update(&state, bytes_of(text), text.size());
  unsigned char mac[crypto_auth_hmacsha256_BYTES];
  crypto_auth_hmacsha256_final(&state, mac);
  return "v1," + base64(mac, sizeof mac);
}

Result<void> post_notice(client::HttpClient& http, std::string const& path, std::string const& secret, api::Notice const& notice, Time now) {
  std::string const body = json_write(notice);
  std::int64_t const seconds = now.us / 1'000'000;
  auto const answer = http.exchange({.method = "POST",
                                     .path = path,
                                     .body = body,
                                     .headers = {{"Content-Type", "application/json"},
                                                 {"User-Agent", "opennav"},
                                                 {"webhook-id", notice.id},
                                                 {"webhook-timestamp", std::to_string(seconds)},
                                                 {"webhook-signature", webhook_signature(secret, notice.id, seconds, body)}}});
  // Hints of the client's are for people at a command line.
  if (!answer) return fail(answer.error().kind, "{}", answer.error().message);
  if (answer->is_success()) return {};
  if (answer->status >= 300 && answer->status < 400)
    return fail(ErrorKind::Unavailable, "the receiver answered {}: it sends elsewhere, which is not followed", answer->status);
  return fail(ErrorKind::Unavailable, "the receiver answered {}", answer->status);
}

}  // namespace nav
