// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"
#include "http/pipe.h"

namespace nav::http {

struct Exchange;

/// The writing end of an answer without a known end: server-sent events, a followed log. Any thread may use it, one at a time.
/// Dropping it ends the answer properly.
class Stream {
 public:
  enum class Written {
    Taken,
    Overflow,  ///< nothing was taken: the reader is too slow and its buffer is full
    Gone,      ///< the reader left
  };

  Stream() = default;
  explicit Stream(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  Stream(Stream&&) noexcept = default;
  Stream& operator=(Stream&& other) noexcept;
  ~Stream() { close(); }

  /// All of `bytes` or none of them.
  Written write(std::string_view bytes);
  /// Ends the answer after what was taken and `farewell`, which always fits ("event: resync").
  void close(std::string_view farewell = {});
  /// See Reply::on_gone.
  void on_gone(std::function<void()> act);

 private:
  std::shared_ptr<Exchange> exchange_;
};

/// The right to answer one request, once, now or later, from any thread. Dropped unanswered it answers 500, and that is logged.
class Reply {
 public:
  explicit Reply(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  Reply(Reply&&) noexcept = default;
  Reply& operator=(Reply&& other) noexcept;
  ~Reply() { drop(); }

  void send(Response response);
  void send(Error const& error) { send(error_response(error)); }
  /// Sends the head now (and its body as the first bytes); the rest follows through the stream.
  Stream stream(Response head);
  /// Answers that the connection is a pipe from now on: its tunnel's end is the client's.
  void upgrade(Response head, std::shared_ptr<Pipe> pipe);
  /// `act` runs at most once, on a thread of the server, when the client leaves or the server drains before the answer is complete;
  /// at once, here, if that has happened already. It must not block.
  void on_gone(std::function<void()> act);

 private:
  void drop();
  std::shared_ptr<Exchange> exchange_;
};

/// One request being answered: what Reply and Stream share with the connection. Public so that routes can be tested without one:
/// `auto exchange = std::make_shared<Exchange>(); handle(request, Reply(exchange)); EXPECT_EQ(exchange->answer->status, 200);`
struct Exchange {
  std::mutex mutex;
  // From the one who answers:
  std::optional<Response> answer;
  bool streaming = false;  ///< answer is a head; its bytes come through `outbox` until `ended`
  std::string outbox;      ///< bytes the connection has not yet taken
  bool ended = false;
  bool dropped = false;        ///< nobody answered
  std::shared_ptr<Pipe> pipe;  ///< what the connection becomes after its answer; none: it stays as it is
  // From the connection:
  std::size_t in_flight = 0;          ///< bytes taken and not yet on the wire
  std::size_t buffer_limit = 262144;  ///< for outbox and in_flight together
  bool gone = false;
  std::function<void()> on_gone;
  std::function<void()> wake;  ///< tells the connection to look; called with the mutex held; empty once the connection is through

  /// For the connection: the client left. Runs `on_gone`.
  void client_left();
};

}  // namespace nav::http
