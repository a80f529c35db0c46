// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>

#include "api/events.h"
#include "http/caller.h"
#include "http/reply.h"

namespace nav::http {

class Api;
struct EventStream;

/// Those who follow GET /v1/events. What they may see is asked anew as they go, so a revoked token or a lost membership ends it within a
/// second. Frames come from the controller's thread and are only queued there; a worker looks through them and writes.
class EventStreams {
 public:
  explicit EventStreams(Api& api);
  ~EventStreams();

  /// Answers with what happens after `after`; or with TooMany.
  void follow(Request request, Caller caller, Reply reply, std::uint64_t after, api::EventsQuery query);
  /// See ApiServer::tick.
  void tick();
  std::size_t size() const;

 private:
  void schedule(std::shared_ptr<EventStream> const& stream);
  void pump(EventStream& stream);

  Api& api_;
  mutable std::mutex mutex_;
  std::list<std::shared_ptr<EventStream>> streams_;
};

}  // namespace nav::http
