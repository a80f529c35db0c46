// SPDX-License-Identifier: Apache-2.0
#include "http/pipe.h"

#include "base/ensure.h"

namespace nav::http {

void Pipe::tell(std::size_t end) {
  if (wake_[end]) wake_[end]();
}

std::size_t Pipe::room(End end) const {
  std::lock_guard lock(mutex_);
  if (cut_ || from(end).finished) return 0;
  return capacity - from(end).bytes.size();
}

void Pipe::write(End end, std::string_view bytes) {
  if (bytes.empty()) return;
  std::lock_guard lock(mutex_);
  if (cut_) return;
  Way& way = from(end);
  ensure(!way.finished && bytes.size() <= capacity - way.bytes.size(), "who writes looks for room first");
  way.bytes += bytes;
  tell(1 - index(end));
}

void Pipe::finish(End end) {
  std::lock_guard lock(mutex_);
  if (cut_ || from(end).finished) return;
  from(end).finished = true;
  tell(1 - index(end));
}

void Pipe::take(End at, std::string& bytes) {
  std::lock_guard lock(mutex_);
  Way& way = towards(at);
  if (way.bytes.empty()) return;
  bool const was_tight = way.bytes.size() >= capacity / 2;
  if (bytes.empty()) bytes.swap(way.bytes);
  else bytes += way.bytes;
  way.bytes.clear();
  if (was_tight) tell(1 - index(at));
}

bool Pipe::is_finished(End at) const {
  std::lock_guard lock(mutex_);
  return towards(at).finished && towards(at).bytes.empty();
}

void Pipe::cut() {
  std::lock_guard lock(mutex_);
  cut_both_ways();
}

void Pipe::cut_both_ways() {
  if (cut_) return;
  cut_ = true;
  for (auto& way : ways_) way.bytes = {};
  tell(0);
  tell(1);
}

bool Pipe::is_cut() const {
  std::lock_guard lock(mutex_);
  return cut_;
}

void Pipe::on_news(End at, std::function<void()> wake) {
  std::function<void()> before;  // destroyed after the lock: what it holds may be anything
  std::lock_guard lock(mutex_);
  before.swap(wake_[index(at)]);
  wake_[index(at)] = std::move(wake);
}

void Pipe::rest(std::chrono::steady_clock::time_point until) {
  std::lock_guard lock(mutex_);
  resting_until_ = until;
  tell(1);
}

bool Pipe::wake_up() {
  std::lock_guard lock(mutex_);
  resting_until_.reset();
  return !cut_ && !ways_[1].finished && ways_[1].bytes.empty();
}

std::optional<std::chrono::steady_clock::time_point> Pipe::resting_until() const {
  std::lock_guard lock(mutex_);
  return resting_until_;
}

void Pipe::cut_if_rested(std::chrono::steady_clock::time_point now) {
  std::lock_guard lock(mutex_);
  if (resting_until_ && now >= *resting_until_) cut_both_ways();
}

}  // namespace nav::http
