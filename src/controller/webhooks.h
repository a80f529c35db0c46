// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "api/webhooks.h"
#include "core/webhook.h"

/// What brings notices of the pool's health to the webhooks, as the API sees it.
namespace nav {

/// How delivery to one webhook goes.
struct WebhookProgress {
  std::uint64_t waiting = 0;    ///< notices to be sent, as far as they are in memory
  std::uint64_t delivered = 0;  ///< taken by the receiver
  std::uint64_t given_up = 0;   ///< older than a day when they still were not taken
  Time last_success;
  Time failing_since;      ///< zero: the last try was a success, or there was none
  std::string last_error;  ///< of the last try
};

class Webhooks {
 public:
  virtual ~Webhooks() = default;
  /// Under which its notices are signed, "whsec_...". Derived from the installation's own secret: nothing is stored.
  virtual std::string secret(WebhookId id) const = 0;
  virtual WebhookProgress progress(WebhookId id) const = 0;
  /// A test for the installation's webhook, and what came of it once it was sent. Blocks for as long as the receiver takes, ten seconds at most.
  virtual api::TestedWebhook test(Webhook const& webhook) = 0;
};

}  // namespace nav
