// SPDX-License-Identifier: Apache-2.0
#include "http/server.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <cstdio>
#include <fmt/format.h>

#include "http/connection.h"
#include "http/tls.h"

namespace nav::http {
namespace {

/// Connections beyond the limit that are told so; those beyond these are closed without a word.
constexpr std::size_t refused_at_once = 256;

bool is_loopback_or_secure(tcp::endpoint const& endpoint, Options const& options) { return options.tls || endpoint.address().is_loopback(); }

}  // namespace

void Shared::log(std::string_view line) const {
  if (options.log) return options.log(line);
  std::fprintf(stderr, "nav: http: %.*s\n", static_cast<int>(line.size()), line.data());
}

class Server::Core {
 public:
  explicit Core(Options options, Handler handler) : acceptor_(loops_.emplace_back(std::make_unique<Loop>())->context), pause_(loops_[0]->context) {
    shared_.options = std::move(options);
    shared_.handler = std::move(handler);
    while (static_cast<int>(loops_.size()) < shared_.options.threads) loops_.push_back(std::make_unique<Loop>());
  }

  ~Core() {
    if (running_) {
      stop_accepting();
      for (auto& loop : loops_)
        asio::post(loop->context, [&loop = *loop] {
          for (Connection* connection : loop.connections) connection->abort();
        });
    }
    work_.clear();  // the loops end once the last connection has
    for (auto& loop : loops_)
      if (loop->thread.joinable()) loop->thread.join();
  }

  Result<void> listen() {
    Options const& options = shared_.options;
    std::string const where = fmt::format("{}:{}", options.host, options.port);
    error_code error;
    auto const found = tcp::resolver(loops_[0]->context).resolve(options.host, std::to_string(options.port), tcp::resolver::passive, error);
    if (error || found.empty()) return fail_field("listen", "an address of this machine, such as 127.0.0.1", "cannot listen on {}: {}", where, error.message());
    tcp::endpoint endpoint = found.begin()->endpoint();
    for (auto const& one : found)  // "localhost" is both; people and programs write 127.0.0.1
      if (one.endpoint().address().is_v4()) endpoint = one.endpoint();
    if (!is_loopback_or_secure(endpoint, options))
      return fail_field("listen", "give it a certificate, or listen on 127.0.0.1",
                        "cannot listen on {} without TLS: passwords and jobs would cross the network in the open", where);
    if (options.tls) TRY_VOID(replace_tls(*options.tls));

    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(4096, error);
    if (error == asio::error::address_in_use)
      return Unexpected(Error{ErrorKind::Conflict, fmt::format("cannot listen on {}: the port is in use", where),
                              "another nav may be running there (`nav down` stops it); or choose another port with --listen HOST:PORT", "listen"});
    if (error == asio::error::access_denied)
      return Unexpected(Error{ErrorKind::Forbidden, fmt::format("cannot listen on {}: not allowed to this user", where), "take a port above 1023", "listen"});
    if (error) return fail_field("listen", "an address of this machine, such as 127.0.0.1", "cannot listen on {}: {}", where, error.message());
    port_ = acceptor_.local_endpoint(error).port();

    running_ = true;
    for (auto& loop : loops_) {
      work_.emplace_back(loop->context.get_executor());
      loop->thread = std::thread([&context = loop->context] { context.run(); });
    }
    asio::post(loops_[0]->context, [this] { accept(); });
    return {};
  }

  Result<void> replace_tls(Tls const& tls) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    TRY_VOID(configure(context->native_handle(), tls));
    std::lock_guard lock(shared_.mutex);
    tls_context_ = std::move(context);
    return {};
  }

  std::size_t drain(Duration patience) {
    stop_accepting();
    shared_.draining = true;
    for (auto& loop : loops_)
      asio::post(loop->context, [&loop = *loop] {
        for (Connection* connection : loop.connections) connection->wake();
      });
    std::unique_lock lock(shared_.mutex);
    shared_.one_left.wait_for(lock, std::chrono::microseconds(patience.us), [&] { return shared_.live == 0; });
    return shared_.live;
  }

  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return shared_.live; }
  Options const& options() const { return shared_.options; }

 private:
  void stop_accepting() {
    asio::post(loops_[0]->context, [this] {
      error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
    });
  }

  void accept() {
    if (!acceptor_.is_open()) return;
    Loop& loop = *loops_[next_loop_++ % loops_.size()];
    acceptor_.async_accept(loop.context, [this, &loop](error_code error, tcp::socket socket) {
      if (!acceptor_.is_open()) return;
      if (!error) {
        welcome(loop, std::move(socket));
      } else if (error == asio::error::no_descriptors || error == asio::error::no_buffer_space) {
        shared_.log(fmt::format("cannot take a connection: {}; trying again (raise the limit of open files)", error.message()));
        pause_.expires_after(std::chrono::milliseconds(200));
        return pause_.async_wait([this](error_code) { accept(); });
      }
      accept();
    });
  }

  void welcome(Loop& loop, tcp::socket socket) {
    std::shared_ptr<asio::ssl::context> tls;
    std::size_t live = 0;
    {
      std::lock_guard lock(shared_.mutex);
      live = shared_.live;
      if (live >= shared_.options.limits.connections + refused_at_once) return;
      ++shared_.live;
      tls = tls_context_;
    }
    auto const welcome = live < shared_.options.limits.connections ? Welcome::Serve : Welcome::Refuse;
    auto connection = std::make_shared<Connection>(shared_, loop, std::move(socket), std::move(tls), welcome);
    asio::post(loop.context, [connection] { connection->start(); });
  }

  Shared shared_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> work_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::shared_ptr<asio::ssl::context> tls_context_;
  std::size_t next_loop_ = 0;
  std::uint16_t port_ = 0;
  bool running_ = false;
};

Server::Server(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::start(Options options, Handler handler) {
  auto core = std::make_unique<Core>(std::move(options), std::move(handler));
  TRY_VOID(core->listen());
  return Server(std::move(core));
}

std::uint16_t Server::port() const { return core_->port(); }
std::size_t Server::connections() const { return core_->connections(); }
std::size_t Server::drain(Duration patience) { return core_->drain(patience); }
Result<void> Server::replace_tls(Tls tls) { return core_->replace_tls(tls); }

std::string Server::url() const {
  Options const& options = core_->options();
  bool const bare_v6 = options.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}", options.tls ? "https" : "http", bare_v6 ? "[" : "", options.host, bare_v6 ? "]" : "", port());
}

}  // namespace nav::http
