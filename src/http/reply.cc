// SPDX-License-Identifier: Apache-2.0
#include "http/reply.h"

#include "base/ensure.h"

namespace nav::http {
namespace {

void watch(Exchange& exchange, std::function<void()> act) {
  {
    std::lock_guard lock(exchange.mutex);
    if (!exchange.gone) {
      exchange.on_gone = std::move(act);
      return;
    }
  }
  act();
}

}  // namespace

void Exchange::client_left() {
  std::function<void()> act;
  {
    std::lock_guard lock(mutex);
    if (gone) return;
    gone = true;
    outbox.clear();
    // A complete answer on its way concerns nobody any more.
    if (!ended) act = std::move(on_gone);
    on_gone = nullptr;
  }
  if (act) act();
}

Reply& Reply::operator=(Reply&& other) noexcept {
  if (this != &other) {
    drop();
    exchange_ = std::move(other.exchange_);
  }
  return *this;
}

void Reply::send(Response response) {
  ensure(exchange_, "a request is answered once");
  auto const exchange = std::move(exchange_);
  std::function<void()> forgotten;  // destroyed after the lock: what it holds may be anything
  std::lock_guard lock(exchange->mutex);
  exchange->answer = std::move(response);
  exchange->ended = true;
  forgotten.swap(exchange->on_gone);
  if (exchange->wake) exchange->wake();
}

void Reply::upgrade(Response head, std::shared_ptr<Pipe> pipe) {
  ensure(exchange_, "a request is answered once");
  {
    std::lock_guard lock(exchange_->mutex);
    exchange_->pipe = std::move(pipe);
  }
  send(std::move(head));
}

Stream Reply::stream(Response head) {
  ensure(exchange_, "a request is answered once");
  auto exchange = std::move(exchange_);
  {
    std::lock_guard lock(exchange->mutex);
    exchange->outbox = std::move(head.body);
    head.body.clear();
    exchange->answer = std::move(head);
    exchange->streaming = true;
    if (exchange->wake) exchange->wake();
  }
  return Stream(std::move(exchange));
}

void Reply::on_gone(std::function<void()> act) {
  ensure(exchange_, "the request has not been answered yet");
  watch(*exchange_, std::move(act));
}

void Reply::drop() {
  if (!exchange_) return;
  {
    std::lock_guard lock(exchange_->mutex);
    exchange_->dropped = true;
  }
  send(Error{ErrorKind::Internal, "nobody answered this request", "this is a fault in nav: please report it with the server's log", {}});
}

Stream& Stream::operator=(Stream&& other) noexcept {
  if (this != &other) {
    close();
    exchange_ = std::move(other.exchange_);
  }
  return *this;
}

Stream::Written Stream::write(std::string_view bytes) {
  if (!exchange_) return Written::Gone;
  std::lock_guard lock(exchange_->mutex);
  if (exchange_->gone) return Written::Gone;
  if (bytes.size() > exchange_->buffer_limit - std::min(exchange_->buffer_limit, exchange_->outbox.size() + exchange_->in_flight)) return Written::Overflow;
  exchange_->outbox += bytes;
  if (exchange_->wake) exchange_->wake();
  return Written::Taken;
}

void Stream::close(std::string_view farewell) {
  if (!exchange_) return;
  auto const exchange = std::move(exchange_);
  std::function<void()> forgotten;
  std::lock_guard lock(exchange->mutex);
  if (!exchange->gone) exchange->outbox += farewell;
  exchange->ended = true;
  forgotten.swap(exchange->on_gone);
  if (exchange->wake) exchange->wake();
}

void Stream::on_gone(std::function<void()> act) {
  ensure(exchange_, "the stream has not been closed yet");
  watch(*exchange_, std::move(act));
}

}  // namespace nav::http
