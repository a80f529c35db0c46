// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "http/handlers.h"
#include "http/shown.h"

namespace nav::http {
namespace {

Result<Webhooks*> webhooks_of(Api const& api) {
  if (api.options.webhooks == nullptr) return fail(ErrorKind::NotFound, "nobody is told of anything here");
  return api.options.webhooks;
}

Result<Webhook const*> webhook_parameter(Call const& call) {
  auto const& all = call.snapshot->access->webhooks;
  auto const id = parse_id<WebhookTag>(call.parameter(0));
  auto const found = id ? all.find(*id) : all.end();
  if (found == all.end() || found->second.removed)
    return Unexpected(
        Error{ErrorKind::NotFound, fmt::format("there is no webhook \"{}\"", shortened(call.parameter(0), 70)), "nav webhook list shows them", ""});
  return &found->second;
}

api::Webhook shown_webhook(Webhook const& webhook, WebhookProgress const& progress) {
  api::Webhook out{.id = to_text(webhook.id),
                   .url = webhook.url,
                   .kinds = {},
                   .made = webhook.made,
                   .waiting = progress.waiting,
                   .delivered = progress.delivered,
                   .given_up = progress.given_up};
  for (NoticeKind const kind : webhook.kinds) out.kinds.push_back(same_word<api::NoticeKind>(kind));
  if (progress.last_success) out.last_success = progress.last_success;
  if (progress.failing_since) out.failing_since = progress.failing_since;
  if (!progress.last_error.empty()) out.last_error = progress.last_error;
  return out;
}

}  // namespace

Result<void> list_webhooks(Api& api, CallPtr const& call) {
  TRY(Webhooks const* const webhooks, webhooks_of(api));
  TRY(auto query, query_of<api::PageQuery>(*call));
  std::vector<Webhook const*> all;
  for (auto const& [id, webhook] : call->snapshot->access->webhooks)
    if (!webhook.removed) all.push_back(&webhook);
  TRY(auto page, page_of<api::Webhook>(
                     all, query.limit, query.cursor, [](Webhook const* one) { return one->id.value; },
                     [&](Webhook const* one) { return shown_webhook(*one, webhooks->progress(one->id)); }));
  answer(*call, page);
  return {};
}

/// What is kept with an Idempotency-Key is the number alone: the secret follows from it, and never enters the journal.
Result<void> make_webhook(Api& api, CallPtr const& call) {
  TRY(Webhooks const* const webhooks, webhooks_of(api));
  TRY(auto wanted, body_of<api::MakeWebhook>(*call));
  MakeWebhook command{.url = wanted.url, .kinds = {}};
  for (auto const kind : wanted.kinds) command.kinds.push_back(same_word<NoticeKind>(kind));
  Wish wish{.command = AccessCommand{std::move(command)}, .blob = {}, .answer = [](std::vector<Frame> const& frames) {
              auto const made = event_in<WebhookMade>(frames);
              ensure(made, "a webhook that was asked for is made");
              return to_text(made->webhook.id);
            }};
  return ask(api, call, std::move(wish), [webhooks](Call& asked, Accepted accepted) {
    auto const id = parse_id<WebhookTag>(accepted.answer);
    ensure(id, "what was kept is its number");
    answer(asked, api::MadeWebhook{shown_webhook(accepted.snapshot->access->webhooks.at(*id), {}), webhooks->secret(*id)});
  });
}

Result<void> remove_webhook(Api& api, CallPtr const& call) {
  TRY(Webhook const* const webhook, webhook_parameter(*call));
  return ask(api, call, {.command = AccessCommand{RemoveWebhook{webhook->id}}}, [](Call& asked, Accepted) { answer(asked, api::Nothing{}); });
}

Result<void> test_webhook(Api& api, CallPtr const& call) {
  TRY(Webhooks* const webhooks, webhooks_of(api));
  TRY(Webhook const* const webhook, webhook_parameter(*call));
  on_worker(api, call, [webhooks, webhook = *webhook](Call& asked) -> Result<void> {
    answer(asked, webhooks->test(webhook));
    return {};
  });
  return {};
}

}  // namespace nav::http
