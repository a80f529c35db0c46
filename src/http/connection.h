// SPDX-License-Identifier: Apache-2.0
#pragma once

#ifndef __clang__
// g++ 12 takes Asio's allocation of coroutine frames (aligned_alloc, freed by free) for a mismatched pair.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "http/server.h"

/// The inside of the server: to be included by server.cc and connection.cc alone, since Asio and Beast come with it.
namespace nav::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class Connection;
class DoorVisit;

/// One thread and the connections that live on it. What belongs to a connection is touched by this thread alone.
struct Loop {
  asio::io_context context{1};
  std::set<Connection*> connections;
  std::thread thread;
};

/// What connections share.
struct Shared {
  Options options;
  Handler handler;
  std::atomic<bool> draining = false;
  std::atomic<std::size_t> live = 0;
  std::mutex mutex;
  std::condition_variable one_left;

  void log(std::string_view line) const;
};

enum class Welcome {
  Serve,
  Refuse,  ///< only told that there are too many
};

/// One client's connection: requests in their order, each answered before the next is taken up.
///
/// Reading, writing and answering each raise wake() when something came of them; one coroutine sleeps until then, or until the deadline
/// of what it waits for, and looks what has changed.
class Connection : public std::enable_shared_from_this<Connection> {
  friend class DoorVisit;

 public:
  Connection(Shared& shared, Loop& loop, tcp::socket socket, std::shared_ptr<asio::ssl::context> tls, Welcome welcome);
  ~Connection();

  /// On the loop's thread, as all that follows.
  void start();

  /// Lets the coroutine look at the world again.
  void wake() { signal_.cancel(); }

  /// Cuts the connection; whatever waits on it ends soon.
  void abort();

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  struct Parser;  // Beast's, seen in connection.cc alone

  struct Received {
    enum { Whole, Closed, Refused } outcome = Closed;
    Request request;
    Response refusal;
    bool keep_alive = false;
    bool chunked = true;  ///< the client knows chunked framing (HTTP/1.1)
  };

  asio::awaitable<void> serve(std::shared_ptr<Connection> self);
  asio::awaitable<bool> shake_hands();
  asio::awaitable<void> receive(Received& received);
  asio::awaitable<bool> more(Deadline deadline);
  std::optional<Response> check_head(Parser& parser, Received& received);
  asio::awaitable<bool> answer(Received& received);
  asio::awaitable<bool> write_stream(Exchange& exchange, Received const& received);
  asio::awaitable<void> pump(std::shared_ptr<Pipe> pipe);
  asio::awaitable<bool> visit();
  asio::awaitable<bool> flush();
  asio::awaitable<void> part();
  asio::awaitable<bool> woken(Deadline deadline);
  void start_read();
  void start_write();
  /// For others to wake the connection from any thread, as often as they like.
  std::function<void()> waker();
  bool client_left() const { return broken_ || end_of_input_; }

  Shared& shared_;
  Loop& loop_;
  tcp::socket socket_;
  asio::steady_timer signal_;  ///< expires at the deadline of what is awaited; cancelled to wake
  std::shared_ptr<asio::ssl::context> tls_context_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
  std::optional<Request::Certificate> certificate_;
  std::string peer_address_;
  Welcome welcome_;

  std::array<char, 16 * 1024> chunk_;
  std::string inbox_;  ///< read and not yet parsed
  bool reading_ = false;
  bool end_of_input_ = false;
  bool cut_off_ = false;  ///< the input ended without a goodbye, where TLS has one
  std::string outgoing_;
  bool writing_ = false;
  std::chrono::steady_clock::time_point took_;  ///< when the client last took something of what start_write writes
  bool broken_ = false;
};

}  // namespace nav::http
