// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "base/time.h"

namespace nav {

/// Threads that do what they are given, in order, at most `most` things at once. A thing may hang for ever: then its thread is left behind
/// at the end, so whatever it touches must be owned by the thing itself.
class WorkerPool {
 public:
  explicit WorkerPool(unsigned most);
  /// What has not begun is dropped; what has is waited for a little.
  ~WorkerPool();
  WorkerPool(WorkerPool const&) = delete;
  WorkerPool& operator=(WorkerPool const&) = delete;

  void add(std::function<void()> work);

 private:
  struct State;
  static void run(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace nav
