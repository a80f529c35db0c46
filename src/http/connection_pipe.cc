// SPDX-License-Identifier: Apache-2.0
//
// The coroutines of connections that carry bytes of others: an agent's tunnel, and a visitor at the door.
#include "http/connection.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "http/door_visit.h"
#include "http/pipe.h"

namespace nav::http {
namespace {

using PipeClock = std::chrono::steady_clock;

/// A machine that vanished without a word is noticed within half a minute, so that no visitor is sent to it.
void notice_vanished_peers(int socket) {
  int const idle = 15, between = 5, probes = 3;
  unsigned int const unanswered_ms = 30'000;
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &between, sizeof between);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &unanswered_ms, sizeof unanswered_ms);
}

}  // namespace

/// The client's bytes into the pipe, the pipe's to the client, until one of the two has finished. Afterwards the connection ends.
asio::awaitable<void> Connection::pump(std::shared_ptr<Pipe> pipe) {
  constexpr auto here = Pipe::End::Tunnel;
  notice_vanished_peers(socket_.native_handle());
  outgoing_.clear();
  pipe->on_news(here, waker());
  struct Detach {
    Pipe& pipe;
    bool finished = false;  ///< in order: what is under way is the door's to take
    ~Detach() {
      pipe.on_news(here, nullptr);
      if (!finished) pipe.cut();
    }
  } detach{*pipe};
  for (;;) {
    if (shared_.draining) pipe->cut();
    pipe->cut_if_rested(PipeClock::now());
    if (pipe->is_cut() || broken_ || cut_off_) co_return abort();
    if (std::size_t const count = std::min(pipe->room(here), inbox_.size()); count > 0) {
      pipe->write(here, std::string_view(inbox_).substr(0, count));
      inbox_.erase(0, count);
    }
    if (inbox_.empty() && end_of_input_) {
      pipe->finish(here);
      detach.finished = true;
      co_return;
    } else if (inbox_.empty()) {
      start_read();
    }
    if (!writing_) pipe->take(here, outgoing_);
    start_write();
    if (!writing_ && pipe->is_finished(here)) co_return;
    auto deadline = Deadline::max();
    if (writing_) {
      deadline = took_ + std::chrono::microseconds(shared_.options.limits.write.us);
      if (PipeClock::now() >= deadline) co_return abort();
    } else if (auto const until = pipe->resting_until()) {
      deadline = *until;
    }
    co_await woken(deadline);
  }
}

/// One request of a visitor; whether the connection may carry another.
asio::awaitable<bool> Connection::visit() {
  DoorVisit visit(*this);
  for (;;) {
    auto const deadline = visit.step();
    if (visit.is_over()) break;
    co_await woken(deadline);
  }
  if (!writing_) co_return visit.may_go_on() && !broken_ && !shared_.draining;
  // The visit was broken off: the write still has our buffer, and ends at once with an error.
  abort();
  while (writing_) co_await woken(Deadline::max());
  co_return false;
}

}  // namespace nav::http
