// SPDX-License-Identifier: Apache-2.0
#include "http/tunnels.h"

#include <algorithm>

namespace nav::http {
namespace {

constexpr auto between_sweeps = std::chrono::seconds(10);

bool is_dead(std::shared_ptr<Pipe> const& pipe) { return pipe->is_cut() || pipe->is_finished(Pipe::End::Door); }

}  // namespace

bool Tunnels::offer(NodeId node, std::shared_ptr<Pipe> pipe) {
  auto const now = Clock::now();
  std::lock_guard lock(mutex_);
  come_.insert(node);
  sweep(now);
  auto& waiting = wishes_[node];
  if (!waiting.empty()) {
    Wish* const first = waiting.front();
    waiting.pop_front();
    first->pipe_ = std::move(pipe);
    first->wake_();
    return true;
  }
  auto& spare = spare_[node];
  std::erase_if(spare, is_dead);
  if (spare.size() >= most_spare) return false;
  pipe->rest(now + spare_for_);
  spare.push_back(std::move(pipe));
  return true;
}

std::unique_ptr<Tunnels::Wish> Tunnels::wish(NodeId node, std::function<void()> wake) {
  auto wish = std::make_unique<Wish>();
  wish->tunnels_ = this;
  wish->node_ = node;
  wish->wake_ = std::move(wake);
  std::lock_guard lock(mutex_);
  auto& spare = spare_[node];
  while (!spare.empty()) {
    // The newest first: the others are the first to go when they are too many.
    auto pipe = std::move(spare.back());
    spare.pop_back();
    if (!pipe->wake_up()) continue;
    wish->pipe_ = std::move(pipe);
    return wish;
  }
  wishes_[node].push_back(wish.get());
  return wish;
}

Tunnels::Wish::~Wish() {
  std::lock_guard lock(tunnels_->mutex_);
  std::erase(tunnels_->wishes_[node_], this);
  if (pipe_) pipe_->cut();
}

std::shared_ptr<Pipe> Tunnels::Wish::fetch() {
  std::lock_guard lock(tunnels_->mutex_);
  return std::move(pipe_);
}

std::size_t Tunnels::waiting(NodeId node) const {
  std::lock_guard lock(mutex_);
  auto const found = wishes_.find(node);
  return found == wishes_.end() ? 0 : found->second.size();
}

std::shared_ptr<Pipe> Tunnels::resting(AttemptId attempt) {
  std::lock_guard lock(mutex_);
  auto const found = resting_.find(attempt);
  while (found != resting_.end() && !found->second.empty()) {
    auto pipe = std::move(found->second.back());
    found->second.pop_back();
    if (pipe->wake_up()) return pipe;
    pipe->cut();
  }
  return nullptr;
}

void Tunnels::rest(AttemptId attempt, std::shared_ptr<Pipe> pipe) {
  auto const now = Clock::now();
  std::lock_guard lock(mutex_);
  sweep(now);
  auto& resting = resting_[attempt];
  if (resting.size() >= most_resting) return pipe->cut();
  pipe->rest(now + rest_for_);
  resting.push_back(std::move(pipe));
}

bool Tunnels::has_come(NodeId node) const {
  std::lock_guard lock(mutex_);
  return come_.contains(node);
}

/// Forgets those that have ended by themselves: their sockets are closed already.
void Tunnels::sweep(Clock::time_point now) {
  if (now - swept_ < between_sweeps) return;
  swept_ = now;
  for (auto& [node, pipes] : spare_) std::erase_if(pipes, is_dead);
  for (auto& [attempt, pipes] : resting_) std::erase_if(pipes, is_dead);
  std::erase_if(resting_, [](auto const& of) { return of.second.empty(); });
}

}  // namespace nav::http
