// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "adapters/webhook_delivery.h"

namespace nav {

/// Keeps a delivery for every webhook there is, and tells them all when the controller cannot write.
class WebhookSender final : public Webhooks {
 public:
  struct Options {
    std::string folder;               ///< for records of what was delivered; made if it is not there
    std::string installation_secret;  ///< 32 bytes, of which each webhook's secret is derived
    std::function<Time()> clock;
    std::function<std::string()> storage_problem;  ///< why the controller cannot write at present; empty: it can. Any thread.
    std::function<void(std::string const&)> say = {};
    Duration first_pause = seconds(1), longest_pause = minutes(5);
    Duration timeout = seconds(10);
    Duration look_every = milliseconds(500);  ///< at what webhooks there are
  };

  /// Begins where the one before ended. `front` is lent; it serves until stop().
  static Result<std::unique_ptr<WebhookSender>> start(Front& front, Options options);
  ~WebhookSender() override;
  /// Ends all tries under way. What was not taken is sent by the next sender.
  void stop();

  std::string secret(WebhookId id) const override;
  WebhookProgress progress(WebhookId id) const override;
  api::TestedWebhook test(Webhook const& webhook) override;

 private:
  WebhookSender(Front& front, Options options);
  void watch();
  void look();
  void look_at_storage(Time now);
  WebhookDelivery::Options options_for(WebhookId id) const;

  Front& front_;
  Options const options_;
  std::string const installation_;

  mutable std::mutex mutex_;
  std::condition_variable bell_;
  std::map<WebhookId, std::unique_ptr<WebhookDelivery>> deliveries_;
  bool is_stopping_ = false;

  // The thread's own:
  std::uint64_t looked_ = 0;  ///< the sequence of the last look
  std::string problem_;       ///< of the storage, as it was told
  std::thread thread_;
};

}  // namespace nav
