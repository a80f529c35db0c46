// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

namespace nav::cli {

/// While it lives, Ctrl-C does not end the process but calls `then`, once, from a thread of its own. Made before other threads are.
class Interrupt {
 public:
  explicit Interrupt(std::function<void()> then);
  ~Interrupt();
  Interrupt(Interrupt const&) = delete;
  Interrupt& operator=(Interrupt const&) = delete;

  bool has_happened() const { return happened_; }

 private:
  int signals_ = -1;
  int leave_ = -1;
  sigset_t before_{};
  std::atomic<bool> happened_ = false;
  std::thread thread_;
};

}  // namespace nav::cli
