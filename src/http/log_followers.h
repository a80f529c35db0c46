// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>

#include "http/caller.h"
#include "http/reply.h"

namespace nav::http {

class Api;
struct LogFollower;

/// Those who follow a log. New bytes come through this same API (agents push them), so they are passed on at once; everything else
/// (an attempt that begins, one that ends without its last bytes, a slow reader) is looked at now and then.
class LogFollowers {
 public:
  explicit LogFollowers(Api& api);
  ~LogFollowers();

  /// Answers with the log from `offset` on. Attempt number 0: the first one, which is to come. Or with TooMany.
  void follow(Request request, Caller caller, Reply reply, AttemptId attempt, std::uint64_t offset);
  /// There is more to read of this attempt.
  void wake(AttemptId attempt);
  /// See ApiServer::tick.
  void tick();
  std::size_t size() const;

 private:
  void schedule(std::shared_ptr<LogFollower> const& follower);
  void pump(LogFollower& follower);

  Api& api_;
  mutable std::mutex mutex_;
  std::list<std::shared_ptr<LogFollower>> followers_;
};

}  // namespace nav::http
