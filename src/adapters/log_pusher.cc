// SPDX-License-Identifier: Apache-2.0
#include "adapters/log_pusher.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "adapters/attempt_logs.h"
#include "agent/patience.h"
#include "api/agent_api.h"
#include "supervisor/machine.h"

namespace nav {

namespace {

constexpr Duration first_wait = milliseconds(200), longest_wait = seconds(15);

Time steady_now() { return {supervisor::boot_clock_us()}; }

}  // namespace

struct LogPusher::State {
  explicit State(Options o) : options(std::move(o)), logs(options.data_folder), client(std::make_shared<client::HttpClient>(options.controller)) {}

  void run();
  bool push(AttemptId attempt, client::HttpClient& http);
  void rest_after(std::size_t bytes);

  Options options;
  AttemptLogs logs;
  std::mutex mutex;
  std::condition_variable bell;
  bool is_stopping = false, is_woken = false;
  std::vector<AttemptId> attempts;
  std::map<AttemptId, Patience> troubles;  // the thread's own
  std::string last_warning;                // the thread's own
  std::shared_ptr<client::HttpClient> client;
  std::thread thread;
};

LogPusher::LogPusher(Options options) : state_(std::make_unique<State>(std::move(options))) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

LogPusher::~LogPusher() {
  {
    std::lock_guard lock(state_->mutex);
    state_->is_stopping = true;
    state_->client->cancel();
    state_->bell.notify_all();
  }
  state_->thread.join();
}

void LogPusher::follow(std::vector<AttemptId> attempts) {
  std::lock_guard lock(state_->mutex);
  state_->attempts = std::move(attempts);
}

void LogPusher::wake() {
  std::lock_guard lock(state_->mutex);
  state_->is_woken = true;
  state_->bell.notify_all();
}

void LogPusher::set_controller(client::Options controller) {
  std::lock_guard lock(state_->mutex);
  state_->client = std::make_shared<client::HttpClient>(std::move(controller));
}

void LogPusher::State::run() {
  std::unique_lock lock(mutex);
  bool more = false;
  while (!is_stopping) {
    // One piece of each in turn, so that a job that writes without end does not keep the others' lines back.
    if (!more) bell.wait_for(lock, std::chrono::microseconds(options.look_again.us), [&] { return is_stopping || is_woken; });
    is_woken = more = false;
    auto const round = attempts;
    for (auto attempt : round) {
      if (is_stopping) return;
      auto const http = client;
      lock.unlock();
      more = push(attempt, *http) || more;
      lock.lock();
    }
    std::erase_if(troubles, [&](auto const& t) { return std::find(round.begin(), round.end(), t.first) == round.end(); });
  }
}

/// One piece; true when there may be another right away.
bool LogPusher::State::push(AttemptId attempt, client::HttpClient& http) {
  auto& trouble = troubles[attempt];
  if (!trouble.may_try(steady_now())) return false;
  auto failed = [&](Error const& error) {
    if (error.message != last_warning && options.warn && !http.is_cancelled()) options.warn(fmt::format("log of {}: {}", to_text(attempt), to_text(error)));
    last_warning = error.message;
    trouble.failed(steady_now(), error.message, first_wait, longest_wait);
    return false;
  };
  auto news = logs.next(attempt, options.piece);
  if (!news) return news.error().kind == ErrorKind::NotFound ? false : failed(news.error());
  if (!*news) return false;
  LogNews const& piece = **news;
  auto answer = http.call({.method = "PUT",
                           .path = fmt::format("/v1/agent/attempts/{}/log?offset={}&last={}", to_text(attempt), piece.offset, piece.last),
                           .body = piece.bytes,
                           .headers = {{"Content-Type", "application/octet-stream"}}});
  // An attempt the controller does not know has nobody to read its log.
  bool const is_unknown = !answer && answer.error().kind == ErrorKind::NotFound;
  if (!answer && answer.error().kind == ErrorKind::Conflict && !http.is_cancelled()) {
    // It has less than we were told: it lost some, and gets all of it again; what it has it skips.
    if (auto reset = logs.deliver_again(attempt); !reset) return failed(reset.error());
    return failed(answer.error());
  }
  if (!answer && !is_unknown) return failed(answer.error());
  auto done = piece;
  if (is_unknown) done.last = true;
  if (auto kept = logs.delivered(attempt, done); !kept) return failed(kept.error());
  trouble = {};
  last_warning.clear();
  if (done.last && options.delivered) options.delivered();
  rest_after(piece.bytes.size());
  return !done.last;
}

/// A piece is paid for with the time it may take.
void LogPusher::State::rest_after(std::size_t bytes) {
  auto const pause = microseconds(static_cast<std::int64_t>(bytes * 1'000'000 / options.bytes_a_second));
  if (pause < milliseconds(1)) return;
  std::unique_lock lock(mutex);
  bell.wait_for(lock, std::chrono::microseconds(pause.us), [&] { return is_stopping; });
}

}  // namespace nav
