// SPDX-License-Identifier: Apache-2.0
#include "http/door_fixture.h"

#include <atomic>

#include "adapters/clock.h"
#include "api/door.h"

namespace nav::http::fixture {
namespace {

std::string hash_of_token(std::string_view token) { return "hash of " + std::string(token); }

}  // namespace

bool comes_true(std::function<bool()> const& is_so) {
  for (int tries = 0; tries < 6000; ++tries) {
    if (is_so()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

DoorSite::DoorSite(DoorOptions changed) : ca(*make_ca("nav test", clock_now())), now(site.now) {
  DoorOptions options = std::move(changed);
  options.clock = [this] {
    std::lock_guard lock(front.mutex);
    return now;
  };
  options.tokens = {.hash = hash_of_token, .node_of = {}};
  options.make_token = [next = std::make_shared<std::atomic<int>>(0)] { return fmt::format("nav_code{}", ++*next); };
  options.sign = [](std::string_view text) { return fmt::format("{:016x}", std::hash<std::string>{}("secret of the installation " + std::string(text))); };
  options.look_again = std::chrono::milliseconds(20);
  door = std::make_unique<Door>(front, site.views, tunnels, std::move(options));

  ApiOptions api_options;
  api_options.workers = 0;
  api_options.clock = [this] { return site.now; };
  api_options.secrets.tokens = {.hash = hash_of_token, .node_of = {}};
  api_options.door = door.get();
  api = std::make_unique<ApiServer>(front, site.views, site.logs, std::move(api_options));

  KeyPair const certificate = *issue_server_certificate(ca, {"localhost", "127.0.0.1"}, clock_now());
  Options agents_options{.tls = Tls{certificate.certificate_pem, certificate.key_pem, ca.certificate_pem, ClientCertificate::Requested}};
  agents_options.log = [](std::string_view) {};
  agents = std::make_unique<Server>(*Server::start(std::move(agents_options), [this](Request request, Reply reply) {
    std::lock_guard lock(front.mutex);
    api->handle(std::move(request), std::move(reply));
  }));
  Options door_options{.door = door.get()};
  door_options.log = [](std::string_view) {};
  server = std::make_unique<Server>(*Server::start(std::move(door_options), {}));
  door->opened("http", server->port(), "*.localhost", {});
}

DoorSite::~DoorSite() {
  server.reset();
  node.reset();
  agents.reset();
}

std::unique_ptr<DoorTunnels> DoorSite::agent_of(std::string const& name) {
  CertificateRequest const request = *make_certificate_request();
  DoorTunnels::Options options{.controller = {.url = agents->url(),
                                              .ca_pem = ca.certificate_pem,
                                              .certificate_pem = *sign_node_certificate(ca, request.request_pem, name, clock_now()),
                                              .key_pem = request.key_pem},
                               .service_of = [this](AttemptId attempt) -> Result<DoorTunnels::Place> {
                                 std::lock_guard lock(services_mutex);
                                 auto const found = services.find(attempt);
                                 if (found == services.end()) return fail(ErrorKind::NotFound, "job {} declares no service", to_text(attempt.job));
                                 return found->second;
                               }};
  options.first_pause = milliseconds(10);
  auto agent = std::make_unique<DoorTunnels>(std::move(options));
  agent->keep({AttemptId{JobId{1}, 1}, AttemptId{JobId{2}, 1}});
  return agent;
}

void DoorSite::start_agent() { node = agent_of("node-1"); }

void DoorSite::place(JobId job, std::uint16_t port) {
  change([&](Site& world) { world.start(job, "a/0:1g.5gb@0"); });
  std::lock_guard lock(services_mutex);
  services[AttemptId{job, 1}] = {.unix_socket = {}, .port = port};
}

JobId DoorSite::run(std::uint16_t port) {
  JobId job;
  change([&](Site& world) { job = world.submit("ada", "vision", "mig-1g.5gb"); });
  place(job, port);
  return job;
}

std::string DoorSite::get(JobId job, std::string const& rest, std::string const& user, std::string const& more) const {
  std::string const token = user.empty() ? "" : fmt::format("Authorization: Bearer nav_{}\r\n", user);
  return visit().send(fmt::format("GET /jobs/{}{} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{}{}\r\n", to_text(job), rest, token, more)).read_all();
}

std::string DoorSite::link(JobId job, std::string const& user) {
  std::lock_guard lock(front.mutex);
  auto const exchange = std::make_shared<Exchange>();
  Request request{.method = "POST",
                  .path = fmt::format("/v1/jobs/{}/door", to_text(job)),
                  .segments = {"v1", "jobs", to_text(job), "door"},
                  .query = {},
                  .headers = {},
                  .body = {},
                  .peer_address = "127.0.0.1",
                  .certificate = {}};
  request.headers["authorization"] = "Bearer nav_" + user;
  api->handle(std::move(request), Reply(exchange));
  std::lock_guard answered(exchange->mutex);
  if (!exchange->answer) return "unanswered";
  if (exchange->answer->status != 200) return fmt::format("{}: {}", exchange->answer->status, exchange->answer->body);
  auto const link = json_read<api::DoorLink>(exchange->answer->body);
  if (!link) return to_text(link.error());
  auto const at = link->url.find("/jobs/");
  EXPECT_EQ(link->url.substr(0, at), fmt::format("http://job-{}.localhost:{}", to_text(job), server->port()));
  return link->url.substr(at);
}

RawService::RawService(std::function<void(int socket)> serve) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), serve_(std::move(serve)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(listener_, 64), 0);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] {
    while (true) {
      int const socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket < 0 || stopping_) {
        if (socket >= 0) ::close(socket);
        return;
      }
      ++connections_;
      std::lock_guard lock(mutex_);
      open_.push_back(socket);
      served_.emplace_back([this, socket] {
        serve_(socket);
        ::shutdown(socket, SHUT_RDWR);
      });
    }
  });
}

RawService::~RawService() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  for (int const socket : open_) ::shutdown(socket, SHUT_RDWR);
  for (auto& thread : served_) thread.join();
  for (int const socket : open_) ::close(socket);
  ::close(listener_);
}

}  // namespace nav::http::fixture
