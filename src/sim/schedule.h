// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "base/time.h"

namespace nav::sim {

/// Virtual time: what is to happen when. Things due at the same moment happen in the order they were asked for.
class Schedule {
 public:
  Time now() const { return now_; }

  void at(Time when, std::function<void()> what) { queue_.push({std::max(when, now_), next_++, std::move(what)}); }
  void after(Duration wait, std::function<void()> what) { at(now_ + wait, std::move(what)); }

  /// Does the next thing; false if there is none before `end`.
  bool step(Time end) {
    if (queue_.empty() || queue_.top().when > end) return false;
    // The queue gives its top only for reading; what is taken out is moved and popped at once.
    auto what = std::move(const_cast<Entry&>(queue_.top()).what);
    now_ = queue_.top().when;
    queue_.pop();
    what();
    return true;
  }

 private:
  struct Entry {
    Time when;
    std::uint64_t order;
    std::function<void()> what;
    bool operator<(Entry const& other) const { return when != other.when ? when > other.when : order > other.order; }
  };
  std::priority_queue<Entry> queue_;
  std::uint64_t next_ = 0;
  Time now_{1'000'000'000'000'000};
};

}  // namespace nav::sim
