// SPDX-License-Identifier: Apache-2.0
//
// Clients that do everything clients do to a server, at once, while answers come from several threads: what must hold is that nothing
// breaks (the sanitizers watch), that each proper request is answered, and that the server ends.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <gtest/gtest.h>
#include <mutex>
#include <thread>
#include <utility>

#include "base/random.h"
#include "http/raw_client.h"
#include "http/server.h"

namespace nav::http {
namespace {

/// Answers what it was given, from threads of its own, in no particular order.
class Answerers {
 public:
  explicit Answerers(Random const& random) {
    for (int i = 0; i < 3; ++i) threads_.emplace_back([this, own = random.child(std::string(1, static_cast<char>('a' + i)))]() mutable { work(own); });
  }
  ~Answerers() {
    {
      std::lock_guard lock(mutex_);
      ending_ = true;
    }
    more_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  void take(Request request, Reply reply) {
    if (request.path == "/now") return reply.send({.body = request.body});
    if (request.path == "/drop") return;
    reply.on_gone([this] { ++gone; });
    std::lock_guard lock(mutex_);
    waiting_.emplace_back(std::move(request), std::move(reply));
    more_.notify_one();
  }

  std::atomic<int> gone = 0;

 private:
  void work(Random& random) {
    std::unique_lock lock(mutex_);
    for (;;) {
      more_.wait(lock, [&] { return ending_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      auto at = waiting_.begin() + static_cast<std::ptrdiff_t>(random.below(waiting_.size()));
      auto [request, reply] = std::move(*at);
      waiting_.erase(at);
      lock.unlock();
      if (request.path == "/stream") {
        Stream stream = reply.stream({.body = "first"});
        for (std::uint64_t i = random.below(20); i > 0; --i) stream.write(std::string(random.below(3000), 'x'));
        if (random.chance(0.5)) stream.close("last");
      } else {
        reply.send({.body = request.body});
      }
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<std::pair<Request, Reply>> waiting_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

void behave_as_clients_do(std::uint16_t port, Random random) {
  for (int i = 0; i < 150; ++i) {
    RawClient client(port);
    std::string const body(random.below(5000), 'b');
    std::string const request = "POST " + std::string(random.chance(0.5) ? "/now" : "/later") +
                                " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    switch (random.below(7)) {
      case 0:
      case 1: {  // a proper client, several requests
        for (int k = 0; k < 3; ++k) {
          std::string const answer = client.send(request).read_answer();
          EXPECT_EQ(body_of(answer), body);
        }
        break;
      }
      case 2: client.send(std::string_view(request).substr(0, random.below(request.size()))); break;  // leaves in the middle
      case 3: client.send(request); break;                                                            // leaves before the answer
      case 4: client.send(get("/stream")).read_to("first"); break;                                    // leaves a stream
      case 5: client.send(get("/stream") + get("/drop") + request).read_to("\r\n0\r\n\r\n"); break;   // pipelines
      default: {
        std::string noise(random.below(300), '\0');
        for (char& c : noise) c = static_cast<char>(random.below(256));
        client.send(noise + "\r\n\r\n");
        client.end_of_writing();
        client.read_all();
      }
    }
  }
}

TEST(Storm, LeavesTheServerAsItWas) {
  Random const random(42);
  Answerers answerers(random);
  Options options;
  options.threads = 2;
  options.log = [](std::string_view) {};
  auto server = Server::start(options, [&](Request request, Reply reply) { answerers.take(std::move(request), std::move(reply)); });
  ASSERT_TRUE(server);
  std::vector<std::thread> people;
  for (int i = 0; i < 6; ++i) people.emplace_back(behave_as_clients_do, server->port(), random.child(std::to_string(i)));
  for (auto& one : people) one.join();
  EXPECT_EQ(body_of(RawClient(server->port()).send("POST /later HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\ncalm").read_answer()), "calm");
  EXPECT_EQ(server->drain(seconds(20)), 0u);
}

TEST(Storm, AServerMayEndInTheMiddleOfOne) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Random random(seed);
    Answerers answerers(random.child("answers"));
    Options options;
    options.threads = 2;
    options.log = [](std::string_view) {};
    std::optional<Server> server = std::move(
        *Server::start(options, [&](Request request, Reply reply) { answerers.take(std::move(request), std::move(reply)); }));
    std::uint16_t const port = server->port();
    std::atomic<bool> ending = false;
    std::vector<std::thread> people;
    for (int i = 0; i < 4; ++i)
      people.emplace_back([port, &ending, own = random.child(std::to_string(i))]() mutable {
        for (int k = 0; k < 200 && !ending; ++k) {
          RawClient client(port, 0, RawClient::Refusal::Allowed);
          client.send(get(own.chance(0.5) ? "/stream" : "/later"));
          if (own.chance(0.5)) client.read_to("\r\n\r\n");
        }
      });
    while (server->connections() == 0) std::this_thread::yield();
    if (random.chance(0.5)) server->drain(milliseconds(1));
    server.reset();
    ending = true;
    for (auto& one : people) one.join();
  }
}

}  // namespace
}  // namespace nav::http
