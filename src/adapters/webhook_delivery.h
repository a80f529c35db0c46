// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "adapters/notices.h"
#include "client/http_client.h"
#include "controller/webhooks.h"

namespace nav {

/// What is kept of a delivery on disk. The journal is the queue: all that has to be known is how far it has been told.
struct DeliveryRecord {
  std::uint64_t told = 0;      ///< every notice up to this event of the journal was taken or given up
  std::vector<NodeId> silent;  ///< nodes that did not answer then
  std::uint64_t delivered = 0;
  std::uint64_t given_up = 0;
  Time last_success;
  Time failing_since;
  std::string last_error;
};
BOOST_DESCRIBE_STRUCT(DeliveryRecord, (), (told, silent, delivered, given_up, last_success, failing_since, last_error))

/// Brings notices to one webhook, in order, from a thread of its own: the next goes when the one before was taken. What fails is tried again,
/// ever more seldom, until the notice is a day old. What the journal has is never held in memory beyond `most_waiting`.
class WebhookDelivery {
 public:
  struct Options {
    std::string folder;  ///< of the records
    std::string secret;  ///< the webhook's
    std::string installation;
    std::function<Time()> clock;
    std::function<void(std::string const&)> say = {};
    Duration first_pause = seconds(1), longest_pause = minutes(5);  ///< between tries
    Duration timeout = seconds(10);                                 ///< of one try
    Duration give_up_after = days(1);
    std::size_t most_waiting = 1'000;
  };

  /// `begin`: an event of the journal that was before the webhook was made, for one that has no record yet.
  WebhookDelivery(Front& front, Webhook webhook, std::uint64_t begin, Options options);
  /// Ends the try under way. What was not taken is sent by the next one.
  ~WebhookDelivery();

  /// Takes its turn after what waits. For what is in no journal: it is lost with this process.
  void add(api::Notice notice);
  /// Tries at once, whatever pause is being made.
  void hurry();
  WebhookProgress progress() const;
  /// The webhook is gone: no record stays when this ends.
  void forget();

 private:
  struct Waiting {
    api::Notice notice;
    std::uint64_t sequence = 0;  ///< zero: in no journal
    std::vector<NodeId> silent;  ///< after it
  };

  bool take(std::vector<Frame> const& frames);
  void listen(std::unique_lock<std::mutex>& lock);
  void run();
  bool try_first(std::unique_lock<std::mutex>& lock);
  void keep(std::unique_lock<std::mutex>& lock);

  Front& front_;
  Webhook const webhook_;
  Options const options_;
  WebhookAddress address_;
  client::HttpClient http_;

  mutable std::mutex mutex_;
  std::condition_variable bell_;
  std::deque<Waiting> waiting_;
  std::size_t from_journal_ = 0;  ///< of those that wait
  NoticeReader reader_;
  std::uint64_t read_ = 0;  ///< the journal has been read up to here
  bool is_listening_ = false, is_stopping_ = false, is_hurried_ = false, is_forgotten_ = false;
  DeliveryRecord record_;
  std::uint64_t kept_ = 0;  ///< `told` on disk

  std::unique_ptr<Front::Subscription> subscription_;  // the thread's own, after the constructor
  std::thread thread_;
};

}  // namespace nav
