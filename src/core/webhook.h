// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/id.h"
#include "base/json.h"

/// Addresses that are told of the pool's health.
namespace nav {

struct WebhookTag {
  static constexpr std::string_view prefix = "webhook-", what = "webhook";
};
using WebhookId = Id<WebhookTag>;

/// What a webhook can be told of.
enum class NoticeKind {
  NodeSilent,      ///< a node does not answer
  NodeBack,        ///< it answers again
  NodeLost,        ///< an administrator gave it up
  SetAside,        ///< a slice or GPU is kept from use after an error
  TakenBack,       ///< it is in use again
  JobLost,         ///< a job is over, and nobody saw how it ended
  StorageFailing,  ///< the controller cannot write its journal or its samples
  StorageBack,     ///< it can again
  Test,            ///< somebody asked for it
};
BOOST_DESCRIBE_ENUM(NoticeKind, NodeSilent, NodeBack, NodeLost, SetAside, TakenBack, JobLost, StorageFailing, StorageBack, Test)

struct Webhook {
  WebhookId id;
  std::string url;                ///< may itself be a secret: shown to admins alone, never logged
  std::vector<NoticeKind> kinds;  ///< ascending; empty: all
  Time made;
  bool removed = false;  ///< kept, so that its number does not come back

  bool wants(NoticeKind kind) const;
  bool operator==(Webhook const&) const = default;
};
BOOST_DESCRIBE_STRUCT(Webhook, (), (id, url, kinds, made, removed))

inline constexpr std::size_t most_webhooks = 16;  ///< at once: each has a thread

/// An address in the two parts of which a request is made: "https://example.org:8443" and "/health?room=7".
struct WebhookAddress {
  std::string origin;
  std::string path;
};
/// Refuses (field "url") what is no http or https address, and one with a password or a fragment.
Result<WebhookAddress> parse_webhook_address(std::string_view url);

}  // namespace nav
