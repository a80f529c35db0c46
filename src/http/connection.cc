// SPDX-License-Identifier: Apache-2.0
//
// With server.cc the only unit that sees Asio and Beast. To keep it quick to compile it uses little of them: sockets with plain callbacks,
// one coroutine shape, Beast's parser fed by hand. Answers are written as text.
#include "http/connection.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <fmt/format.h>

#include "http/head.h"
#include "http/target.h"
#include "http/tls.h"

namespace nav::http {
namespace {

namespace beast = boost::beast;
using Clock = std::chrono::steady_clock;

constexpr Clock::time_point never = Clock::time_point::max();
constexpr auto linger_for = std::chrono::milliseconds(2000);
constexpr auto linger_in_drain_for = std::chrono::milliseconds(100);

Clock::time_point after(Duration duration) { return Clock::now() + std::chrono::microseconds(duration.us); }

Response refusal_of(error_code error) {
  using beast::http::error::bad_version;
  using beast::http::error::body_limit;
  using beast::http::error::header_limit;
  if (error == header_limit)
    return error_response(431, {ErrorKind::TooLarge, "the header of this request is too large", "send fewer or shorter header fields", {}});
  if (error == body_limit) return error_response({ErrorKind::TooLarge, "the body of this request is too large", {}, {}});
  if (error == bad_version) return error_response(505, {ErrorKind::Unsupported, "HTTP/1.1 is spoken here", {}, {}});
  return error_response({ErrorKind::InvalidArgument, fmt::format("this is not a proper HTTP request: {}", error.message()), {}, {}});
}

}  // namespace

struct Connection::Parser : beast::http::request_parser<beast::http::string_body> {};

Connection::Connection(Shared& shared, Loop& loop, tcp::socket socket, std::shared_ptr<asio::ssl::context> tls, Welcome welcome)
    : shared_(shared), loop_(loop), socket_(std::move(socket)), signal_(loop.context), tls_context_(std::move(tls)), welcome_(welcome) {
  if (tls_context_) tls_.emplace(socket_, *tls_context_);
}

Connection::~Connection() {
  std::lock_guard lock(shared_.mutex);
  --shared_.live;
  shared_.one_left.notify_all();
}

void Connection::start() {
  loop_.connections.insert(this);
  asio::co_spawn(loop_.context, serve(shared_from_this()), asio::detached);
}

void Connection::abort() {
  broken_ = true;
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);  // also where a process that was just forked has it too
  socket_.close(ignored);
  wake();
}

/// Waits for wake() or the deadline; false when that has passed. Callers look at their condition before and after.
asio::awaitable<bool> Connection::woken(Deadline deadline) {
  if (deadline != never && Clock::now() >= deadline) co_return false;
  signal_.expires_at(deadline);
  error_code ignored;
  co_await signal_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  co_return true;
}

void Connection::start_read() {
  if (reading_ || client_left()) return;
  reading_ = true;
  auto done = [self = shared_from_this()](error_code error, std::size_t count) {
    self->reading_ = false;
    self->inbox_.append(self->chunk_.data(), count);
    if (error == asio::ssl::error::stream_truncated) self->cut_off_ = true;
    if (error == asio::error::eof || error == asio::ssl::error::stream_truncated) self->end_of_input_ = true;
    else if (error) self->broken_ = true;
    self->wake();
  };
  if (tls_) tls_->async_read_some(asio::buffer(chunk_), std::move(done));
  else socket_.async_read_some(asio::buffer(chunk_), std::move(done));
}

/// Writes what it can of `outgoing_`, and takes it away from there. For whoever reads meanwhile; the others flush.
void Connection::start_write() {
  if (writing_ || broken_ || outgoing_.empty()) return;
  writing_ = true;
  took_ = Clock::now();
  auto done = [self = shared_from_this()](error_code error, std::size_t) {
    self->writing_ = false;
    self->outgoing_.clear();
    if (error) self->broken_ = true;
    self->wake();
  };
  auto const progress = [self = shared_from_this()](error_code error, std::size_t) -> std::size_t {
    self->took_ = Clock::now();
    return error ? 0 : std::size_t{64} * 1024;
  };
  if (tls_) asio::async_write(*tls_, asio::buffer(outgoing_), progress, std::move(done));
  else asio::async_write(socket_, asio::buffer(outgoing_), progress, std::move(done));
}

std::function<void()> Connection::waker() {
  return [this, woken_already = std::make_shared<std::atomic<bool>>(false)] {
    if (woken_already->exchange(true)) return;
    asio::post(loop_.context, [self = shared_from_this(), woken_already] {
      *woken_already = false;
      self->wake();
    });
  };
}

/// Writes `outgoing_`; false when the connection is broken. (A text in a co_await expression would be simpler; g++ 12 frees such
/// temporaries twice.)
asio::awaitable<bool> Connection::flush() {
  std::size_t sent = 0;
  while (sent < outgoing_.size() && !broken_) {
    writing_ = true;
    auto done = [self = shared_from_this(), &sent](error_code error, std::size_t count) {
      sent += count;
      self->writing_ = false;
      if (error) self->broken_ = true;
      self->wake();
    };
    auto const rest = asio::buffer(outgoing_) + sent;
    if (tls_) tls_->async_write_some(rest, std::move(done));
    else socket_.async_write_some(rest, std::move(done));
    auto deadline = after(shared_.options.limits.write);
    while (writing_) {
      if (co_await woken(deadline)) continue;
      abort();
      deadline = never;  // the write still has our buffer: it ends at once, with an error
    }
  }
  co_return !broken_;
}

asio::awaitable<bool> Connection::shake_hands() {
  bool done = false;
  tls_->async_handshake(asio::ssl::stream_base::server, [self = shared_from_this(), &done](error_code error) {
    done = true;
    if (error) self->broken_ = true;
    self->wake();
  });
  auto deadline = after(shared_.options.limits.request);
  while (!done) {
    if (co_await woken(deadline)) continue;
    abort();
    deadline = never;
  }
  if (broken_) {
    // What remains to be said is the alert on its way; the client should get to read it.
    tls_.reset();
    broken_ = !socket_.is_open();
    co_return false;
  }
  certificate_ = peer_certificate(tls_->native_handle());
  co_return true;
}

/// `self` keeps the connection alive as long as its coroutine.
asio::awaitable<void> Connection::serve([[maybe_unused]] std::shared_ptr<Connection> self) {
  try {
    error_code ignored;
    peer_address_ = socket_.remote_endpoint(ignored).address().to_string();
    socket_.set_option(tcp::no_delay(true), ignored);
    socket_.set_option(tcp::socket::keep_alive(true), ignored);
    if (!tls_ || co_await shake_hands()) {
      if (welcome_ == Welcome::Refuse) {
        Error const busy{ErrorKind::Unavailable, "too many connections", "try again in a moment", {}};
        outgoing_ = response_text(error_response(busy), Framing::Close, Body::Sent);
        co_await flush();
      } else {
        bool go_on = true;
        while (go_on && shared_.options.door != nullptr) go_on = co_await visit();
        while (go_on) {
          Received received;
          co_await receive(received);
          if (received.outcome == Received::Whole) {
            go_on = co_await answer(received);
          } else {
            go_on = false;
            if (received.outcome == Received::Refused) {
              outgoing_ = response_text(std::move(received.refusal), Framing::Close, Body::Sent);
              co_await flush();
            }
          }
        }
      }
    }
    co_await part();
  } catch (std::exception const& error) { shared_.log(fmt::format("a connection from {} ended by a fault: {}", peer_address_, error.what())); }
  abort();
  loop_.connections.erase(this);
}

/// Waits for more input; false when the client is gone or the deadline has passed.
asio::awaitable<bool> Connection::more(Deadline deadline) {
  std::size_t const before = inbox_.size();
  while (inbox_.size() == before) {
    if (client_left()) co_return false;
    start_read();
    if (!co_await woken(deadline)) co_return false;
  }
  co_return true;
}

/// The head is complete: checks it and fills the request from it. A refusal when it will not do.
std::optional<Response> Connection::check_head(Parser& parser, Received& received) {
  auto const bad = [](std::string message) { return error_response({ErrorKind::InvalidArgument, std::move(message), {}, {}}); };
  auto const& head = parser.get();
  Request& request = received.request;
  if (head.version() != 11 && head.version() != 10) return refusal_of(beast::http::error::bad_version);
  received.chunked = head.version() == 11;
  received.keep_alive = received.chunked && parser.keep_alive();

  request.method = std::string(head.method_string());
  request.peer_address = peer_address_;
  request.certificate = certificate_;
  request.encrypted = tls_.has_value();
  for (auto const& field : head) {
    std::string name(field.name_string());
    for (char& c : name)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    std::string value(field.value());
    auto [it, fresh] = request.headers.try_emplace(std::move(name), value);
    if (fresh) continue;
    // Two of these would let two programs on the way read two different requests.
    if (it->first == "host" || it->first == "authorization") return bad(fmt::format("the header {} comes twice", it->first));
    it->second += ", " + value;
  }
  if (auto const* encoding = request.header("transfer-encoding"); encoding && !beast::iequals(*encoding, "chunked"))
    return error_response(
        {ErrorKind::Unsupported, fmt::format("the transfer encoding {} is not known here", *encoding), "send it chunked or with its length", {}});

  auto target = parse_target(std::string_view(head.target().data(), head.target().size()));
  if (!target) return error_response(target.error());
  request.path = std::move(target->path);
  request.segments = std::move(target->segments);
  request.query = std::move(target->query);

  std::string const* host = target->authority.empty() ? request.header("host") : &target->authority;
  if (!host && head.version() == 11) return bad("the header Host is missing");
  if (host && !is_own_host(host_of(*host), shared_.options.names))
    return error_response(
        421, {ErrorKind::Forbidden, fmt::format("this server does not answer for the host {}", *host), "use its address, or tell the server this name", {}});
  return std::nullopt;
}

asio::awaitable<void> Connection::receive(Received& received) {
  Limits const& limits = shared_.options.limits;
  auto const refuse = [&](Response refusal) {
    received.outcome = Received::Refused;
    received.refusal = std::move(refusal);
  };
  // Empty lines before a request are to be passed over (RFC 9112, 2.2); this also waits out the idle time.
  auto deadline = after(limits.idle);
  for (;;) {
    inbox_.erase(0, std::min(inbox_.find_first_not_of("\r\n"), inbox_.size()));
    if (!inbox_.empty()) break;
    if (shared_.draining || client_left()) co_return;
    start_read();
    if (!co_await woken(deadline)) co_return;
  }

  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  parser.body_limit(boost::none);
  deadline = after(limits.request);
  bool head_checked = false;
  while (!parser.is_done()) {
    error_code error;
    std::size_t const taken = parser.put(asio::buffer(inbox_), error);
    inbox_.erase(0, taken);
    if (error && error != beast::http::error::need_more) co_return refuse(refusal_of(error));
    if (parser.is_header_done() && !head_checked) {
      head_checked = true;
      if (auto refusal = check_head(parser, received)) co_return refuse(std::move(*refusal));
      auto const own_limit = shared_.options.body_limit ? shared_.options.body_limit(received.request.method, received.request.path) : std::nullopt;
      std::size_t const limit = own_limit.value_or(limits.body_bytes);
      if (auto const length = parser.content_length(); length && *length > limit)
        co_return refuse(error_response({ErrorKind::TooLarge, fmt::format("the body of this request has {} bytes, {} are taken", *length, limit), {}, {}}));
      parser.body_limit(limit);
      parser.eager(true);
      if (auto const* expect = received.request.header("expect")) {
        if (!beast::iequals(*expect, "100-continue"))
          co_return refuse(error_response(417, {ErrorKind::Unsupported, fmt::format("the expectation {} is not known here", *expect), {}, {}}));
        if (!parser.is_done() && inbox_.empty()) {
          outgoing_ = "HTTP/1.1 100 Continue\r\n\r\n";
          if (!co_await flush()) co_return;
        }
      }
      continue;
    }
    if (parser.is_done() || (taken > 0 && !inbox_.empty() && !error)) continue;
    // What the parser leaves is one unfinished line; it has a limit of its own only in the head.
    if (inbox_.size() > limits.header_bytes + chunk_.size()) co_return refuse(refusal_of(beast::http::error::bad_chunk));
    if (co_await more(deadline)) continue;
    if (client_left()) co_return;
    co_return refuse(error_response(408, {ErrorKind::Timeout, "this request did not arrive in time", {}, {}}));
  }
  received.request.body = std::move(parser.get().body());
  received.outcome = Received::Whole;
}

/// Hands the request over and sees its answer out; whether the connection may carry another.
asio::awaitable<bool> Connection::answer(Received& received) {
  auto const exchange = std::make_shared<Exchange>();
  exchange->buffer_limit = shared_.options.limits.stream_buffer_bytes;
  exchange->wake = waker();
  // Whatever way this is left, the exchange must forget the connection.
  struct Detach {
    Exchange& exchange;
    ~Detach() {
      exchange.client_left();
      std::lock_guard lock(exchange.mutex);
      exchange.wake = nullptr;
    }
  } const detach{*exchange};

  Body const body = received.request.method == "HEAD" ? Body::Omitted : Body::Sent;
  std::string const what = fmt::format("{} {}", received.request.method, received.request.path);
  try {
    shared_.handler(std::move(received.request), Reply(exchange));
  } catch (std::exception const& error) { shared_.log(fmt::format("{} failed by a fault: {}", what, error.what())); }

  std::optional<Response> response;
  bool streaming = false;
  while (!response) {
    {
      std::lock_guard lock(exchange->mutex);
      response.swap(exchange->answer);
      streaming = exchange->streaming;
      if (response && exchange->dropped && !exchange->gone) shared_.log(fmt::format("{} was dropped unanswered", what));
    }
    if (response) break;
    if (broken_) co_return false;
    if (end_of_input_) exchange->client_left();
    // Reading on notices the client's leaving; what pipelining brings waits in the inbox, which stays small.
    if (inbox_.empty()) start_read();
    co_await woken(never);
  }
  if (std::shared_ptr<Pipe> const pipe = exchange->pipe) {
    outgoing_ = upgrade_text(*response);
    if (co_await flush()) co_await pump(pipe);
    else pipe->cut();
    co_return false;
  }
  bool const keep_alive = received.keep_alive && !shared_.draining;
  if (streaming) {
    outgoing_ = response_head(*response, received.chunked ? Framing::Chunked : Framing::Close);
    if (!co_await flush() || body == Body::Omitted) co_return false;
    co_return co_await write_stream(*exchange, received);
  }
  outgoing_ = response_text(std::move(*response), keep_alive ? Framing::Length : Framing::Close, body);
  co_return co_await flush() && keep_alive;
}

/// Passes on what the stream's owner writes until it ends; whether the connection may carry another request.
asio::awaitable<bool> Connection::write_stream(Exchange& exchange, Received const& received) {
  for (;;) {
    bool ended = false;
    outgoing_.clear();
    {
      std::lock_guard lock(exchange.mutex);
      outgoing_.swap(exchange.outbox);
      exchange.in_flight = outgoing_.size();
      ended = exchange.ended;
    }
    if (!outgoing_.empty()) {
      if (received.chunked) outgoing_ = chunk_text(outgoing_);
      if (!co_await flush()) co_return false;
      std::lock_guard lock(exchange.mutex);
      exchange.in_flight = 0;
      continue;
    }
    if (ended) break;
    if (client_left()) co_return false;
    if (shared_.draining) {
      exchange.client_left();
      break;
    }
    if (inbox_.empty()) start_read();
    co_await woken(never);
  }
  if (!received.chunked) co_return false;
  outgoing_ = last_chunk;
  co_return co_await flush() && received.keep_alive && !shared_.draining;
}

/// Says goodbye and reads on for a moment: closing over unread input would reset the connection, and the client might lose our answer.
asio::awaitable<void> Connection::part() {
  if (client_left()) co_return;
  auto deadline = Clock::now() + (shared_.draining ? linger_in_drain_for : linger_for);
  if (tls_) {
    while (reading_) {  // TLS takes one reader at a time, and its goodbye reads too
      error_code ignored;
      socket_.cancel(ignored);
      co_await woken(never);
    }
    bool done = false;
    tls_->async_shutdown([self = shared_from_this(), &done](error_code) {
      done = true;
      self->wake();
    });
    while (!done) {
      if (co_await woken(deadline)) continue;
      abort();
      deadline = never;
    }
    tls_.reset();
    broken_ = !socket_.is_open();
  }
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  while (!client_left()) {
    inbox_.clear();
    start_read();
    if (!co_await woken(deadline)) break;
  }
}

}  // namespace nav::http
