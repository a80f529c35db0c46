// SPDX-License-Identifier: Apache-2.0
#include "adapters/webhook_sender.h"

#include "adapters/webhook_post.h"
#include "supervisor/files.h"

namespace nav {

WebhookSender::WebhookSender(Front& front, Options options) : front_(front), options_(std::move(options)), installation_(front.snapshot()->installation) {}

Result<std::unique_ptr<WebhookSender>> WebhookSender::start(Front& front, Options options) {
  if (auto const made = supervisor::make_folder(options.folder, 0700); !made) return fail(ErrorKind::Unavailable, "{}", made.error());
  std::unique_ptr<WebhookSender> sender(new WebhookSender(front, std::move(options)));
  sender->look();
  sender->thread_ = std::thread([s = sender.get()] { s->watch(); });
  return sender;
}

WebhookSender::~WebhookSender() { stop(); }

void WebhookSender::stop() {
  {
    std::lock_guard lock(mutex_);
    is_stopping_ = true;
    bell_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  std::map<WebhookId, std::unique_ptr<WebhookDelivery>> ended;
  {
    std::lock_guard lock(mutex_);
    ended.swap(deliveries_);
  }
}

WebhookDelivery::Options WebhookSender::options_for(WebhookId id) const {
  WebhookDelivery::Options options{
      .folder = options_.folder, .secret = secret(id), .installation = installation_, .clock = options_.clock, .say = options_.say};
  options.first_pause = options_.first_pause;
  options.longest_pause = options_.longest_pause;
  options.timeout = options_.timeout;
  return options;
}

void WebhookSender::watch() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    bell_.wait_for(lock, std::chrono::microseconds(options_.look_every.us), [&] { return is_stopping_; });
    if (is_stopping_) return;
    lock.unlock();
    look();
    look_at_storage(options_.clock());
    lock.lock();
  }
}

/// One that is new was made since the look before, so the journal is read from there. After a start that look was never: a webhook without
/// a record was made just before a crash, or the records are gone, and the journal is read from its beginning.
void WebhookSender::look() {
  auto const snapshot = front_.snapshot();
  std::vector<std::unique_ptr<WebhookDelivery>> ended;  // which wait for their threads, outside of the lock
  {
    std::lock_guard lock(mutex_);
    for (auto const& [id, webhook] : snapshot->access->webhooks) {
      auto const known = deliveries_.find(id);
      if (!webhook.removed && known == deliveries_.end()) {
        deliveries_[id] = std::make_unique<WebhookDelivery>(front_, webhook, looked_, options_for(id));
      } else if (webhook.removed && known != deliveries_.end()) {
        known->second->forget();
        ended.push_back(std::move(known->second));
        deliveries_.erase(known);
      }
    }
  }
  looked_ = snapshot->sequence();
}

void WebhookSender::look_at_storage(Time now) {
  std::string const problem = options_.storage_problem ? options_.storage_problem() : std::string();
  if (problem.empty() == problem_.empty()) return;
  problem_ = problem;
  auto notice = problem.empty() ? unwritten_notice(installation_, api::NoticeKind::StorageBack, now, "the controller can write again")
                                : unwritten_notice(installation_, api::NoticeKind::StorageFailing, now, "the controller cannot write: " + problem);
  if (!problem.empty()) notice.reason = problem;
  std::lock_guard lock(mutex_);
  for (auto const& [id, delivery] : deliveries_) delivery->add(notice);
}

std::string WebhookSender::secret(WebhookId id) const { return webhook_secret(options_.installation_secret, id); }

WebhookProgress WebhookSender::progress(WebhookId id) const {
  std::lock_guard lock(mutex_);
  auto const found = deliveries_.find(id);
  return found == deliveries_.end() ? WebhookProgress{} : found->second->progress();
}

api::TestedWebhook WebhookSender::test(Webhook const& webhook) {
  Time const now = options_.clock();
  api::TestedWebhook tested{.delivered = false, .error = {}, .notice = unwritten_notice(installation_, api::NoticeKind::Test, now, "a test: all is well")};
  auto const address = parse_webhook_address(webhook.url);
  if (!address) {
    tested.error = address.error().message;
    return tested;
  }
  client::HttpClient http({.url = address->origin, .token = {}, .connect_timeout = options_.timeout, .timeout = options_.timeout});
  auto const posted = post_notice(http, address->path, secret(webhook.id), tested.notice, now);
  tested.delivered = posted.has_value();
  if (!posted) {
    tested.error = posted.error().message;
    return tested;
  }
  std::lock_guard lock(mutex_);
  if (auto const found = deliveries_.find(webhook.id); found != deliveries_.end()) found->second->hurry();
  return tested;
}

}  // namespace nav
