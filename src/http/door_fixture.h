// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "adapters/certificates.h"
#include "adapters/door_tunnels.h"
#include "http/api_fixture.h"
#include "http/door.h"
#include "http/raw_client.h"
#include "http/server.h"

/// An installation whose door, agents' server and one node's tunnels speak over real sockets, with the rest in memory.
namespace nav::http::fixture {

/// The front for several threads: the test changes the world under the same lock.
class LockedFront final : public Front {
 public:
  explicit LockedFront(FakeFront& front) : front_(front) {}
  std::recursive_mutex mutex;

  void ask(Ask ask, std::function<void(Result<Accepted>)> done) override {
    std::lock_guard lock(mutex);
    front_.ask(std::move(ask), std::move(done));
  }
  std::shared_ptr<Snapshot const> snapshot() const override {
    std::lock_guard lock(const_cast<std::recursive_mutex&>(mutex));
    return front_.snapshot();
  }
  void sync(SyncRequest request, std::function<void(Result<SyncAnswer>)> done) override { front_.sync(std::move(request), std::move(done)); }
  void why(JobId job, std::function<void(Result<Reason>)> done) override {
    std::lock_guard lock(mutex);
    front_.why(job, std::move(done));
  }
  Result<std::string> blob(Digest digest) const override { return front_.blob(digest); }
  std::string attempt_token(AttemptId attempt) const override { return front_.attempt_token(attempt); }
  std::optional<AttemptId> attempt_of_token(std::string const& token) const override { return front_.attempt_of_token(token); }
  std::unique_ptr<Subscription> subscribe(std::uint64_t sequence, std::function<bool(std::vector<Frame> const&)> more) override {
    return front_.subscribe(sequence, std::move(more));
  }

 private:
  FakeFront& front_;
};

class DoorSite {
 public:
  explicit DoorSite(DoorOptions changed = {});
  ~DoorSite();

  Site site;
  LockedFront front{site.front};
  Tunnels tunnels;
  std::unique_ptr<Door> door;
  std::unique_ptr<ApiServer> api;
  KeyPair ca;
  std::unique_ptr<Server> agents, server;
  std::unique_ptr<DoorTunnels> node;
  Time now;                                          ///< for what expires
  std::map<AttemptId, DoorTunnels::Place> services;  ///< where they listen on the node
  std::mutex services_mutex;

  /// The agent of the node "a" begins to keep tunnels; or another node's.
  void start_agent();
  std::unique_ptr<DoorTunnels> agent_of(std::string const& name);
  /// A job of ada's in "vision" that runs on "a", with this port on its node.
  JobId run(std::uint16_t port);
  void place(JobId job, std::uint16_t port);
  /// Changes the world while others look on.
  template <class Act>
  void change(Act act) {
    std::lock_guard lock(front.mutex);
    act(site);
  }
  RawClient visit() const { return RawClient(server->port()); }
  /// One request as this user, and its whole answer.
  std::string get(JobId job, std::string const& rest, std::string const& user, std::string const& more = {}) const;
  /// What POST /v1/jobs/ID/door gives this user, without scheme and host.
  std::string link(JobId job, std::string const& user);
};

/// Waits until it is so, for as long as a slow machine may need; false: it never was.
bool comes_true(std::function<bool()> const& is_so);

/// A server of a job: listens on loopback and lets `serve` have each connection, on a thread of its own.
class RawService {
 public:
  explicit RawService(std::function<void(int socket)> serve);
  ~RawService();
  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stopping_ = false;
  std::function<void(int)> serve_;
  std::mutex mutex_;
  std::vector<std::thread> served_;
  std::vector<int> open_;
  std::thread thread_;
};

}  // namespace nav::http::fixture
