// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/doc.h"
#include "base/json.h"

/// Addresses that are told of the pool's health.
namespace nav::api {

/// What a webhook can be told of.
enum class NoticeKind { NodeSilent, NodeBack, NodeLost, SetAside, TakenBack, JobLost, StorageFailing, StorageBack, Test };
BOOST_DESCRIBE_ENUM(NoticeKind, NodeSilent, NodeBack, NodeLost, SetAside, TakenBack, JobLost, StorageFailing, StorageBack, Test)

struct Notice {
  std::string id;
  NoticeKind kind = NoticeKind::Test;
  Time at;
  std::string installation;
  std::string text;
  std::optional<std::string> node;
  std::optional<std::uint32_t> gpu;
  std::optional<std::string> placement;
  std::optional<std::string> reason;
  std::optional<JobId> job;

  static constexpr Doc docs[] = {
      {"",
       "What a webhook is sent, as the body of a POST. The headers are those of Standard Webhooks: `webhook-id`, `webhook-timestamp` (seconds) and "
       "`webhook-signature`, which is `v1,` and the base64 of HMAC-SHA256 of `ID.TIMESTAMP.BODY` under the webhook's secret."},
      {"id", "Of what happened: the same when it is sent again, and for every webhook.", R"("0123456789abcdef0123456789abcdef-1207")"},
      {"kind", "What it is.", R"("set_aside")"},
      {"at", "When it happened."},
      {"installation", "Whose pool it is.", R"("0123456789abcdef0123456789abcdef")"},
      {"text", "The same in a sentence.", R"("1g.5gb@4 on GPU 2 of rack-7 is set aside: XID 94 at 2026-11-22T10:04:00.000000Z")"},
      {"node", "The node it is about, by name.", R"("rack-7")"},
      {"gpu", "The GPU it is about, by its number on the node.", "2"},
      {"placement", "The slice it is about; absent: the whole GPU.", R"("1g.5gb@4")"},
      {"reason", "Why, as far as it is known.", R"("XID 94 at 2026-11-22T10:04:00.000000Z")"},
      {"job", "The job it is about.", "42"},
  };
};
BOOST_DESCRIBE_STRUCT(Notice, (), (id, kind, at, installation, text, node, gpu, placement, reason, job))

struct Webhook {
  std::string id;
  std::string url;
  std::vector<NoticeKind> kinds;
  Time made;
  std::uint64_t waiting = 0;
  std::uint64_t delivered = 0;
  std::uint64_t given_up = 0;
  std::optional<Time> last_success;
  std::optional<Time> failing_since;
  std::optional<std::string> last_error;

  static constexpr Doc docs[] = {
      {"", "An address that is told of the pool's health, and how that goes. Without its secret."},
      {"id", "Its number.", R"("webhook-1")"},
      {"url", "Where to.", R"("https://example.org/gpu-health")"},
      {"kinds", "What it is told of; empty: everything.", R"(["node_silent","set_aside"])"},
      {"made", "When. Of what was before it is told nothing."},
      {"waiting", "Notices that are to be sent; at most 1,000 are counted, and the journal has the rest.", "0"},
      {"delivered", "Notices that were taken, which the receiver said with a status from 200 to 299.", "12"},
      {"given_up", "Notices that were not taken within a day.", "0"},
      {"last_success", "When one was taken the last time."},
      {"failing_since", "Since when none has been taken although one was to be sent; absent: all is well."},
      {"last_error", "Why the last try failed; absent: it did not.", R"("the receiver answered 503")"},
  };
};
BOOST_DESCRIBE_STRUCT(Webhook, (), (id, url, kinds, made, waiting, delivered, given_up, last_success, failing_since, last_error))

/// POST /v1/webhooks
struct MakeWebhook {
  std::string url;
  std::vector<NoticeKind> kinds;

  static constexpr std::array required{"url"};
  static constexpr Doc docs[] = {
      {"", "A new webhook."},
      {"url", "An http or https address without a user or password. With https its certificate must be one that this machine trusts.",
       R"("https://example.org/gpu-health")", R"("minLength":1,"maxLength":2000)"},
      {"kinds", "What it is to be told of; empty: everything.", R"(["node_silent","set_aside"])", R"("maxItems":100)"},
  };
};
BOOST_DESCRIBE_STRUCT(MakeWebhook, (), (url, kinds))

struct MadeWebhook {
  Webhook webhook;
  std::string secret;

  static constexpr Doc docs[] = {
      {"", "A new webhook with its secret."},
      {"webhook", "What can be read of it from now on."},
      {"secret", "Under which its notices are signed: `whsec_` and base64. Shown in this answer alone.", R"("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")"},
  };
};
BOOST_DESCRIBE_STRUCT(MadeWebhook, (), (webhook, secret))

struct TestedWebhook {
  bool delivered = false;
  std::optional<std::string> error;
  Notice notice;

  static constexpr Doc docs[] = {
      {"", "What came of a test."},
      {"delivered", "Whether the receiver took it.", "true"},
      {"error", "Why it did not; absent: it did.", R"("nobody answers at https://example.org")"},
      {"notice", "What was sent."},
  };
};
BOOST_DESCRIBE_STRUCT(TestedWebhook, (), (delivered, error, notice))

}  // namespace nav::api
