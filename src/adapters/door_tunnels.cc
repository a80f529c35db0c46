// SPDX-License-Identifier: Apache-2.0
#include "adapters/door_tunnels.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <map>
#include <mutex>
#include <netinet/tcp.h>
#include <set>
#include <thread>

#include "adapters/clock.h"
#include "adapters/service_addresses.h"
#include "api/error_body.h"
#include "base/text.h"
#include "client/address.h"

namespace nav {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using ServiceSocket = asio::generic::stream_protocol::socket;

constexpr std::size_t longest_head = 16 * 1024, longest_line = 256;
constexpr auto dial_within = std::chrono::seconds(15);
constexpr std::size_t piece = 64 * 1024;

class DoorTunnel;

/// What all tunnels share. Touched by the tunnels' thread alone, but for what the mutex holds.
struct TunnelsShared {
  DoorTunnels::Options options;
  asio::io_context context{1};
  asio::steady_timer again{context};
  std::set<std::shared_ptr<DoorTunnel>> all;
  std::size_t spare = 0;  ///< dialling or waiting
  bool wanted = false, paused = false, ending = false;
  Duration pause;
  std::string last_complaint;

  mutable std::mutex mutex;
  std::map<AttemptId, Time> traffic;
  std::size_t in_use = 0;

  void top_up(std::size_t at_least);
  void failed(std::string const& what);
  void saw_traffic(AttemptId attempt) {
    std::lock_guard lock(mutex);
    traffic[attempt] = clock_now();
  }
};

/// One connection to the controller, from dialling to the end of a visit.
class DoorTunnel : public std::enable_shared_from_this<DoorTunnel> {
 public:
  explicit DoorTunnel(TunnelsShared& shared)
      : shared_(shared), resolver_(shared.context), socket_(shared.context), service_(shared.context), timer_(shared.context) {}

  void dial();
  void close();
  void close_if_spare() {
    if (use_ == Use::Spare) close();
  }

 private:
  enum class Use { Spare, InUse, Gone };

  void set_up_tls(client::Options const& controller, std::string const& host);
  void ask(client::Options const& controller, std::string const& host);
  void read_head();
  void await_visit();
  void visit(std::string const& line);
  void refuse(Error error);
  void begin_relay();
  void to_service();
  void from_service();
  void say_goodbye();
  void drain();
  void give_up(std::string const& why);
  void keep_alive();
  template <class Then>
  void read(Then then);
  template <class Then>
  void write(std::string text, Then then);

  TunnelsShared& shared_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  std::unique_ptr<asio::ssl::context> context_;
  std::optional<asio::ssl::stream<tcp::socket&>> tls_;
  ServiceSocket service_;
  asio::steady_timer timer_;
  Use use_ = Use::Spare;
  std::string inbox_;
  std::array<char, piece> in_, out_;
  AttemptId attempt_;
  Time seen_;
};

void DoorTunnel::keep_alive() {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.set_option(tcp::socket::keep_alive(true), ignored);
  int const idle = 15, between = 5, probes = 3;
  setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_KEEPINTVL, &between, sizeof between);
  setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

template <class Then>
void DoorTunnel::read(Then then) {
  if (tls_) tls_->async_read_some(asio::buffer(in_), std::move(then));
  else socket_.async_read_some(asio::buffer(in_), std::move(then));
}

template <class Then>
void DoorTunnel::write(std::string text, Then then) {
  auto kept = std::make_shared<std::string>(std::move(text));
  auto done = [kept, then = std::move(then)](error_code error, std::size_t) { then(error); };
  if (tls_) asio::async_write(*tls_, asio::buffer(*kept), std::move(done));
  else asio::async_write(socket_, asio::buffer(*kept), std::move(done));
}

/// Ends everything at once. Whatever waits ends with an error, and the last to hold this lets it go.
void DoorTunnel::close() {
  if (use_ == Use::Gone) return;
  if (use_ == Use::Spare) --shared_.spare;
  if (use_ == Use::InUse) {
    std::lock_guard lock(shared_.mutex);
    --shared_.in_use;
  }
  use_ = Use::Gone;
  error_code ignored;
  timer_.cancel();
  resolver_.cancel();
  // A process that was just forked may have them too: what is shut down is over all the same.
  service_.shutdown(asio::socket_base::shutdown_both, ignored);
  service_.close(ignored);
  socket_.shutdown(asio::socket_base::shutdown_both, ignored);
  socket_.close(ignored);
  shared_.all.erase(shared_from_this());
}

void DoorTunnel::give_up(std::string const& why) {
  if (use_ == Use::Gone) return;
  auto& shared = shared_;
  close();
  shared.failed(why);
}

void DoorTunnel::dial() {
  auto const controller = shared_.options.controller;
  bool const secure = controller.url.starts_with("https://");
  auto endpoint = client::endpoint_of(controller.url);
  if (endpoint.port.empty()) endpoint.port = secure ? "443" : "80";
  timer_.expires_after(dial_within);
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->give_up("the controller did not answer in time");
  });
  resolver_.async_resolve(endpoint.host, endpoint.port,
                          [self = shared_from_this(), controller, secure, host = endpoint.host](error_code error, auto const& found) {
                            if (error) return self->give_up(fmt::format("{}: {}", host, error.message()));
                            asio::async_connect(self->socket_, found, [self, controller, secure, host](error_code failed, tcp::endpoint const&) {
                              if (failed) return self->give_up(failed.message());
                              self->keep_alive();
                              if (!secure) return self->ask(controller, host);
                              try {
                                self->set_up_tls(controller, host);
                              } catch (std::exception const& wrong) { return self->give_up(wrong.what()); }
                              self->tls_->async_handshake(asio::ssl::stream_base::client, [self, controller, host](error_code refused) {
                                if (refused) return self->give_up(refused.message());
                                self->ask(controller, host);
                              });
                            });
                          });
}

void DoorTunnel::set_up_tls(client::Options const& controller, std::string const& host) {
  context_ = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  if (controller.ca_pem.empty()) context_->set_default_verify_paths();
  else context_->add_certificate_authority(asio::buffer(controller.ca_pem));
  if (!controller.certificate_pem.empty()) {
    context_->use_certificate_chain(asio::buffer(controller.certificate_pem));
    context_->use_private_key(asio::buffer(controller.key_pem), asio::ssl::context::pem);
  }
  tls_.emplace(socket_, *context_);
  tls_->set_verify_mode(asio::ssl::verify_peer);
  tls_->set_verify_callback(asio::ssl::host_name_verification(host));
  error_code is_no_address;
  (void)asio::ip::make_address(host, is_no_address);
  if (is_no_address) SSL_set_tlsext_host_name(tls_->native_handle(), host.c_str());
}

void DoorTunnel::ask(client::Options const& controller, std::string const& host) {
  std::string head = fmt::format("GET /v1/agent/tunnel HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: nav-tunnel\r\n",
                                 host.find(':') == std::string::npos ? host : "[" + host + "]");
  if (!controller.token.empty()) head += fmt::format("Authorization: Bearer {}\r\n", controller.token);
  write(head + "\r\n", [self = shared_from_this()](error_code error) {
    if (error) return self->give_up(error.message());
    self->read_head();
  });
}

void DoorTunnel::read_head() {
  auto const end = inbox_.find("\r\n\r\n");
  if (end != std::string::npos) {
    if (!inbox_.starts_with("HTTP/1.1 101")) {
      // A controller that does not know tunnels yet, or has enough of them: it is asked again after the longest pause.
      shared_.pause = shared_.options.longest_pause;
      return give_up(fmt::format("the controller answered {}", shortened(inbox_.substr(0, inbox_.find('\r')), 80)));
    }
    inbox_.erase(0, end + 4);
    timer_.cancel();
    shared_.pause = shared_.options.first_pause;
    shared_.last_complaint.clear();
    return await_visit();
  }
  if (inbox_.size() > longest_head) return give_up("the controller's answer is no answer");
  read([self = shared_from_this()](error_code error, std::size_t count) {
    if (error) return self->give_up(error.message());
    self->inbox_.append(self->in_.data(), count);
    self->read_head();
  });
}

/// "open 42.1 3": a visitor of attempt 42.1, and three more wait for a tunnel.
void DoorTunnel::await_visit() {
  auto const end = inbox_.find('\n');
  if (end != std::string::npos) {
    std::string const line = inbox_.substr(0, end);
    inbox_.erase(0, end + 1);
    return visit(line);
  }
  if (inbox_.size() > longest_line) return give_up("the controller's words are not understood");
  read([self = shared_from_this()](error_code error, std::size_t count) {
    if (error) return self->give_up(error.message());
    self->inbox_.append(self->in_.data(), count);
    self->await_visit();
  });
}

void DoorTunnel::visit(std::string const& line) {
  use_ = Use::InUse;
  --shared_.spare;
  {
    std::lock_guard lock(shared_.mutex);
    ++shared_.in_use;
  }
  auto const words = split(line, ' ');
  std::uint64_t waiting = 0;
  if (words.size() >= 3) (void)read_number(words[2], waiting);
  shared_.top_up(waiting);
  auto const attempt = words.size() >= 2 && words[0] == "open"
                           ? parse_attempt_id(words[1])
                           : Result<AttemptId>(fail(ErrorKind::InvalidArgument, "the controller's words are not understood"));
  if (!attempt) return refuse(attempt.error());
  attempt_ = *attempt;
  auto const place = shared_.options.service_of(attempt_);
  if (!place) return refuse(place.error());
  asio::generic::stream_protocol::endpoint endpoint;
  try {
    if (place->unix_socket.empty()) endpoint = tcp::endpoint(asio::ip::address_v4::loopback(), place->port);
    else endpoint = asio::local::stream_protocol::endpoint(place->unix_socket);
  } catch (std::exception const&) {
    return refuse({ErrorKind::Internal, fmt::format("the service's socket {} has too long a path", place->unix_socket), {}, {}});
  }
  shared_.saw_traffic(attempt_);
  bool const is_tcp = place->unix_socket.empty();
  auto const user = is_tcp ? std::nullopt : place->user;
  service_.async_connect(endpoint, [self = shared_from_this(), is_tcp, user](error_code error) {
    if (!error && user && !is_listened_by(self->service_.native_handle(), *user))
      return self->refuse({ErrorKind::Unavailable, fmt::format("somebody else listens on the socket of job {}", to_text(self->attempt_.job)), {}, {}});
    // A head and its body are two pieces: the second is not to wait until the service has acknowledged the first.
    error_code ignored;
    if (!error && is_tcp) self->service_.set_option(tcp::no_delay(true), ignored);
    if (error)
      return self->refuse({ErrorKind::Unavailable,
                           fmt::format("job {} runs, but nothing listens on its port yet", to_text(self->attempt_.job)),
                           "its service may still be starting: nav logs says",
                           {}});
    self->begin_relay();
  });
}

void DoorTunnel::refuse(Error error) {
  if (use_ == Use::Gone) return;
  std::string const words = json_write(api::ErrorBody{{error.kind, std::move(error.message), std::move(error.hint), {}}});
  write(fmt::format("refused {}\n", words), [self = shared_from_this()](error_code) { self->say_goodbye(); });
}

void DoorTunnel::begin_relay() {
  write("ready\n", [self = shared_from_this()](error_code error) {
    if (error) return self->close();
    self->from_service();
    if (self->inbox_.empty()) return self->to_service();
    asio::async_write(self->service_, asio::buffer(self->inbox_), [self](error_code failed, std::size_t) {
      if (failed) return self->close();
      self->inbox_ = {};
      self->to_service();
    });
  });
}

void DoorTunnel::to_service() {
  read([self = shared_from_this()](error_code error, std::size_t count) {
    if (error) return self->close();  // the visit is over, or was cut off: the service sees its visitor leave either way
    self->shared_.saw_traffic(self->attempt_);
    asio::async_write(self->service_, asio::buffer(self->in_.data(), count), [self](error_code failed, std::size_t) {
      // What the service still says, such as why it wants no more, is passed on: its own end closes the tunnel.
      if (!failed) self->to_service();
    });
  });
}

void DoorTunnel::from_service() {
  service_.async_read_some(asio::buffer(out_), [self = shared_from_this()](error_code error, std::size_t count) {
    if (error == asio::error::eof) return self->say_goodbye();
    if (error) return self->close();
    self->shared_.saw_traffic(self->attempt_);
    auto next = [self](error_code failed, std::size_t) {
      if (failed) return self->close();
      self->from_service();
    };
    if (self->tls_) asio::async_write(*self->tls_, asio::buffer(self->out_.data(), count), std::move(next));
    else asio::async_write(self->socket_, asio::buffer(self->out_.data(), count), std::move(next));
  });
}

/// The service has said all it had to say, which is more than being cut off: the controller is told so.
void DoorTunnel::say_goodbye() {
  if (use_ == Use::Gone) return;
  timer_.expires_after(std::chrono::seconds(5));
  timer_.async_wait([self = shared_from_this()](error_code error) {
    if (!error) self->close();
  });
  if (!tls_) return drain();
  tls_->async_shutdown([self = shared_from_this()](error_code) { self->drain(); });
}

/// Closing over what has not been read would reset the connection, and the controller might lose our last words.
void DoorTunnel::drain() {
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  socket_.async_read_some(asio::buffer(out_), [self = shared_from_this()](error_code error, std::size_t) { error ? self->close() : self->drain(); });
}

void TunnelsShared::failed(std::string const& what) {
  if (ending) return;
  if (what != last_complaint && options.say) options.say(fmt::format("no tunnel for visitors of jobs could be kept: {}; it is tried again", what));
  last_complaint = what;
  if (paused) return;
  paused = true;
  again.expires_after(std::chrono::microseconds(pause.us));
  pause = std::min(pause * 2, options.longest_pause);
  again.async_wait([this](error_code error) {
    if (error) return;
    paused = false;
    top_up(0);
  });
}

void TunnelsShared::top_up(std::size_t at_least) {
  if (ending || paused || !wanted) return;
  // After a failure one tries whether it goes; the others follow it.
  std::size_t const goal = std::min(std::max(last_complaint.empty() ? options.spare : 1, at_least), options.most);
  while (spare < goal && all.size() < options.most) {
    ++spare;
    auto const tunnel = std::make_shared<DoorTunnel>(*this);
    all.insert(tunnel);
    tunnel->dial();
  }
}

}  // namespace

struct DoorTunnels::Body {
  TunnelsShared shared;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
  std::thread thread;
};

DoorTunnels::DoorTunnels(Options options) : body_(std::make_unique<Body>()) {
  body_->shared.pause = options.first_pause;
  body_->shared.options = std::move(options);
  body_->work.emplace(body_->shared.context.get_executor());
  body_->thread = std::thread([body = body_.get()] { body->shared.context.run(); });
}

DoorTunnels::~DoorTunnels() {
  asio::post(body_->shared.context, [body = body_.get()] {
    TunnelsShared& shared = body->shared;
    shared.ending = true;
    shared.again.cancel();
    auto const all = shared.all;
    for (auto const& tunnel : all) tunnel->close();
    body->work.reset();
  });
  body_->thread.join();
}

void DoorTunnels::keep(std::set<AttemptId> services) {
  asio::post(body_->shared.context, [body = body_.get(), services = std::move(services)] {
    TunnelsShared& shared = body->shared;
    shared.wanted = !services.empty();
    {
      std::lock_guard lock(shared.mutex);
      std::erase_if(shared.traffic, [&](auto const& one) { return !services.contains(one.first); });
    }
    if (shared.wanted) return shared.top_up(0);
    auto const all = shared.all;
    for (auto const& tunnel : all) tunnel->close_if_spare();
  });
}

void DoorTunnels::set_controller(client::Options controller) {
  asio::post(body_->shared.context, [body = body_.get(), controller = std::move(controller)] { body->shared.options.controller = controller; });
}

std::optional<Time> DoorTunnels::last_traffic(AttemptId attempt) const {
  std::lock_guard lock(body_->shared.mutex);
  auto const found = body_->shared.traffic.find(attempt);
  if (found == body_->shared.traffic.end()) return std::nullopt;
  return found->second;
}

std::size_t DoorTunnels::in_use() const {
  std::lock_guard lock(body_->shared.mutex);
  return body_->shared.in_use;
}

}  // namespace nav
