// SPDX-License-Identifier: Apache-2.0
#include "adapters/worker_pool.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace nav {

namespace {

constexpr std::chrono::seconds patience_with_threads{3};

}  // namespace

struct WorkerPool::State {
  std::mutex mutex;
  std::condition_variable wake, ended;
  std::deque<std::function<void()>> waiting;
  unsigned most = 1, threads = 0, idle = 0;
  bool is_stopping = false;
};

WorkerPool::WorkerPool(unsigned most) : state_(std::make_shared<State>()) { state_->most = most; }

WorkerPool::~WorkerPool() {
  std::unique_lock lock(state_->mutex);
  state_->is_stopping = true;
  state_->waiting.clear();
  state_->wake.notify_all();
  state_->ended.wait_for(lock, patience_with_threads, [&] { return state_->threads == 0; });
}

void WorkerPool::add(std::function<void()> work) {
  std::lock_guard lock(state_->mutex);
  if (state_->is_stopping) return;
  state_->waiting.push_back(std::move(work));
  if (state_->idle >= state_->waiting.size() || state_->threads == state_->most) {
    state_->wake.notify_one();
    return;
  }
  ++state_->threads;
  std::thread(run, state_).detach();
}

void WorkerPool::run(std::shared_ptr<State> state) {
  std::unique_lock lock(state->mutex);
  while (true) {
    ++state->idle;
    state->wake.wait(lock, [&] { return state->is_stopping || !state->waiting.empty(); });
    --state->idle;
    if (state->waiting.empty()) break;
    auto work = std::move(state->waiting.front());
    state->waiting.pop_front();
    lock.unlock();
    work();
    work = nullptr;  // what it owns goes before anybody waits for our end
    lock.lock();
  }
  --state->threads;
  state->ended.notify_all();
}

}  // namespace nav
