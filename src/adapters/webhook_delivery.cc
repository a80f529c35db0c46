// SPDX-License-Identifier: Apache-2.0
#include "adapters/webhook_delivery.h"

#include <algorithm>
#include <unistd.h>

#include "adapters/webhook_post.h"
#include "base/ensure.h"
#include "supervisor/files.h"

namespace nav {

namespace {

/// Of events without news: so many are read again after a crash, at most.
constexpr std::uint64_t events_between_records = 10'000;

WebhookAddress address_of(Webhook const& webhook) {
  auto address = parse_webhook_address(webhook.url);
  ensure(address, "a webhook that was made has an address");
  return *address;
}

bool wants(Webhook const& webhook, api::NoticeKind kind) { return webhook.wants(*enum_of<NoticeKind>(enum_text(kind))); }

std::string record_path(WebhookDelivery::Options const& options, WebhookId id) { return options.folder + "/" + to_text(id); }

DeliveryRecord record_of(WebhookDelivery::Options const& options, WebhookId id, std::uint64_t begin) {
  auto const text = supervisor::read_whole(record_path(options, id));
  auto record = text ? json_read<DeliveryRecord>(*text, Unknown::Ignore) : Result<DeliveryRecord>(DeliveryRecord{.told = begin});
  return record ? *record : DeliveryRecord{.told = begin};
}

}  // namespace

WebhookDelivery::WebhookDelivery(Front& front, Webhook webhook, std::uint64_t begin, Options options)
    : front_(front),
      webhook_(std::move(webhook)),
      options_(std::move(options)),
      address_(address_of(webhook_)),
      http_({.url = address_.origin, .token = {}, .connect_timeout = options_.timeout, .timeout = options_.timeout}),
      reader_(options_.installation),
      record_(record_of(options_, webhook_.id, begin)) {
  // A journal that was put back from a backup may end before what was told: its numbers are given anew.
  record_.told = std::min(record_.told, front_.snapshot()->sequence());
  reader_ = NoticeReader(options_.installation, record_.silent);
  read_ = kept_ = record_.told;
  thread_ = std::thread([this] { run(); });
}

WebhookDelivery::~WebhookDelivery() {
  {
    std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  http_.cancel();
  bell_.notify_all();
  thread_.join();
}

void WebhookDelivery::add(api::Notice notice) {
  std::lock_guard lock(mutex_);
  if (!wants(webhook_, notice.kind)) return;
  if (waiting_.size() >= options_.most_waiting) {
    ++record_.given_up;
    return;
  }
  waiting_.push_back({std::move(notice), 0, {}});
  bell_.notify_all();
}

void WebhookDelivery::hurry() {
  std::lock_guard lock(mutex_);
  is_hurried_ = true;
  bell_.notify_all();
}

WebhookProgress WebhookDelivery::progress() const {
  std::lock_guard lock(mutex_);
  return {.waiting = waiting_.size(),
          .delivered = record_.delivered,
          .given_up = record_.given_up,
          .last_success = record_.last_success,
          .failing_since = record_.failing_since,
          .last_error = record_.last_error};
}

void WebhookDelivery::forget() {
  std::lock_guard lock(mutex_);
  is_forgotten_ = true;
}

/// On the controller's thread for followers. Ends the subscription when enough waits: the rest is read from the journal when there is room.
bool WebhookDelivery::take(std::vector<Frame> const& frames) {
  auto const snapshot = front_.snapshot();
  Time const oldest = options_.clock() - options_.give_up_after;
  std::lock_guard lock(mutex_);
  for (auto const& frame : frames) {
    if (from_journal_ >= options_.most_waiting) {
      is_listening_ = false;
      bell_.notify_all();
      return false;
    }
    auto notice = reader_.read(frame, snapshot->pool);
    read_ = frame.stamp.sequence;
    if (!notice || frame.stamp.at < webhook_.made || !wants(webhook_, notice->kind)) continue;
    if (notice->at <= oldest) {
      ++record_.given_up;
      continue;
    }
    waiting_.push_back({std::move(*notice), frame.stamp.sequence, reader_.silent()});
    ++from_journal_;
    bell_.notify_all();
  }
  if (waiting_.empty() && read_ - kept_ >= events_between_records) bell_.notify_all();
  return true;
}

void WebhookDelivery::listen(std::unique_lock<std::mutex>& lock) {
  std::uint64_t const from = read_;
  is_listening_ = true;
  lock.unlock();
  subscription_.reset();  // outside of the lock: it waits for a call of `take` to end
  subscription_ = front_.subscribe(from, [this](std::vector<Frame> const& frames) { return take(frames); });
  lock.lock();
}

/// A record that cannot be written now is written after the next notice: until then some may be sent again.
void WebhookDelivery::keep(std::unique_lock<std::mutex>& lock) {
  kept_ = record_.told;
  std::string const text = json_write(record_);
  lock.unlock();  // who tells us of events does not wait for the disk
  (void)supervisor::replace_file(options_.folder, to_text(webhook_.id), text, 0600, supervisor::Durability::Power);
  lock.lock();
}

/// Sends the first that waits; false if it stays there to be tried again.
bool WebhookDelivery::try_first(std::unique_lock<std::mutex>& lock) {
  Waiting const first = waiting_.front();
  lock.unlock();
  Time const now = options_.clock();
  auto const posted = post_notice(http_, address_.path, options_.secret, first.notice, now);
  lock.lock();
  if (is_stopping_ && !posted) return false;
  if (posted) {
    if (record_.failing_since && options_.say) options_.say(fmt::format("{} takes notices again", to_text(webhook_.id)));
    ++record_.delivered;
    record_.last_success = now;
    record_.failing_since = {};
    record_.last_error.clear();
  } else {
    if (!record_.failing_since && options_.say) options_.say(fmt::format("{} takes no notice: {}", to_text(webhook_.id), posted.error().message));
    if (!record_.failing_since) record_.failing_since = now;
    record_.last_error = posted.error().message;
    if (first.notice.at + options_.give_up_after > now) return false;
    ++record_.given_up;
  }
  waiting_.pop_front();
  if (first.sequence > 0) {
    --from_journal_;
    record_.told = first.sequence;
    record_.silent = first.silent;
  }
  keep(lock);
  return true;
}

void WebhookDelivery::run() {
  std::unique_lock lock(mutex_);
  Duration pause = options_.first_pause;
  while (!is_stopping_) {
    if (!is_listening_ && from_journal_ == 0) listen(lock);
    if (waiting_.empty()) {
      // Nothing is owed up to here.
      record_.told = read_;
      record_.silent = reader_.silent();
      if (record_.told - kept_ >= events_between_records) keep(lock);
      bell_.wait(lock, [&] { return is_stopping_ || !waiting_.empty() || !is_listening_ || read_ - kept_ >= events_between_records; });
      continue;
    }
    is_hurried_ = false;
    if (try_first(lock)) {
      pause = options_.first_pause;
      continue;
    }
    bell_.wait_for(lock, std::chrono::microseconds(pause.us), [&] { return is_stopping_ || is_hurried_; });
    pause = is_hurried_ ? options_.first_pause : std::min(pause * 2, options_.longest_pause);
  }
  lock.unlock();
  subscription_.reset();
  lock.lock();
  if (waiting_.empty()) record_.told = read_, record_.silent = reader_.silent();
  keep(lock);
  if (is_forgotten_) unlink(record_path(options_, webhook_.id).c_str());
}

}  // namespace nav
