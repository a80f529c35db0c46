// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace nav::http {

/// Bytes both ways between two threads, a bounded buffer each way: whoever writes looks for room first, so that a slow reader slows the writer
/// down and nothing is heaped up. One end is the door's, the other a tunnel's.
class Pipe {
 public:
  enum class End { Door, Tunnel };
  static constexpr std::size_t capacity = 256 * 1024;

  /// How much may be written from this end now; none once it has been cut.
  std::size_t room(End from) const;
  /// At most `room` bytes.
  void write(End from, std::string_view bytes);
  /// Nothing more is written from this end: the other gets what is under way, and then knows.
  void finish(End from);
  /// Appends all that came for this end.
  void take(End at, std::string& bytes);
  /// The other end has finished and everything has been taken.
  bool is_finished(End at) const;
  /// Both ways at once, whatever is under way: what came may be a part only.
  void cut();
  bool is_cut() const;

  /// Called with the pipe's lock held, from any thread, whenever the other end did something: be short. Empty: forget it; no call comes after.
  void on_news(End at, std::function<void()> wake);

  /// Nobody uses it now: it is cut when nobody has until `until`.
  void rest(std::chrono::steady_clock::time_point until);
  /// False: it has been cut, or has finished, meanwhile.
  bool wake_up();
  std::optional<std::chrono::steady_clock::time_point> resting_until() const;
  void cut_if_rested(std::chrono::steady_clock::time_point now);

 private:
  struct Way {
    std::string bytes;
    bool finished = false;
  };
  static std::size_t index(End end) { return end == End::Door ? 0 : 1; }
  Way& from(End end) { return ways_[index(end)]; }
  Way const& from(End end) const { return ways_[index(end)]; }
  Way& towards(End end) { return ways_[1 - index(end)]; }
  Way const& towards(End end) const { return ways_[1 - index(end)]; }
  void tell(std::size_t end);
  void cut_both_ways();

  mutable std::mutex mutex_;
  Way ways_[2];  ///< by who writes
  bool cut_ = false;
  std::optional<std::chrono::steady_clock::time_point> resting_until_;
  std::function<void()> wake_[2];
};

}  // namespace nav::http
