// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "api/webhooks.h"
#include "client/http_client.h"
#include "core/webhook.h"

/// One notice on its way, as Standard Webhooks says it.
namespace nav {

/// The secret of a webhook, derived from the installation's own 32 bytes: "whsec_" and the base64 of 32 bytes.
std::string webhook_secret(std::string const& installation_secret, WebhookId id);

/// "v1," and the base64 of HMAC-SHA256 of "ID.SECONDS.BODY".
std::string webhook_signature(std::string const& secret, std::string const& id, std::int64_t seconds, std::string const& body);

/// Posts it once. Any answer from 200 to 299 is a success; an error is a sentence without the address's path, which may be a secret.
Result<void> post_notice(client::HttpClient& http, std::string const& path, std::string const& secret, api::Notice const& notice, Time now);

}  // namespace nav
