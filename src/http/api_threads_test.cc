// SPDX-License-Identifier: Apache-2.0
// The API with all its threads, over sockets, journal and tables as they are in an installation: what the thread sanitizer looks at.
#include <atomic>
#include <future>
#include <gtest/gtest.h>
#include <thread>

#include "adapters/clock.h"
#include "adapters/controller_thread.h"
#include "adapters/log_store.h"
#include "adapters/secrets.h"
#include "adapters/sqlite_journal.h"
#include "adapters/sqlite_views.h"
#include "adapters/test_folder.h"
#include "api/jobs.h"
#include "api/page.h"
#include "client/event_stream.h"
#include "client/http_client.h"
#include "core/world_fixture.h"
#include "http/api_server.h"
#include "http/server.h"

namespace nav::http {
namespace {

/// Everything, in the order in which it may go away again.
struct Whole {
  TestFolder folder;
  std::unique_ptr<SqliteJournal> journal = *SqliteJournal::open(folder.path());
  std::unique_ptr<SqliteViews> views = *SqliteViews::open(folder.path(), *journal);
  FileLogStore logs{folder / "logs"};
  ControllerThread controller{*journal, *views, ControllerOptions{}, AttemptTokens(std::string(32, 's'))};
  std::unique_ptr<ApiServer> api;
  std::optional<Server> server;
  std::string const token = make_token();

  Whole() {
    EXPECT_TRUE(controller.start());
    ask(AccessCommand{Found{"root", token_hash(token)}});
    ApiOptions options{.clock = clock_now};
    options.secrets.tokens.hash = token_hash;
    options.secrets.make_token = make_token;
    options.secrets.digest = [](std::string_view bytes) { return digest_of(sha256_hex(bytes).substr(0, 32)); };
    api = std::make_unique<ApiServer>(controller, *views, logs, std::move(options));
    auto started = Server::start({.threads = 2}, [this](Request request, Reply reply) { api->handle(std::move(request), std::move(reply)); });
    EXPECT_TRUE(started);
    server.emplace(std::move(*started));
    join();
  }
  ~Whole() {
    server.reset();
    controller.stop();
    api.reset();
  }

  void ask(Command command) {
    std::promise<Result<Accepted>> promise;
    auto future = promise.get_future();
    controller.ask({.command = std::move(command), .by = {}}, [&](Result<Accepted> done) { promise.set_value(std::move(done)); });
    auto const done = future.get();
    ASSERT_TRUE(done) << done.error().message;
  }
  /// A node with processors alone, which is heard of once and never does anything: jobs are placed there and stay.
  void join() {
    ask(PoolCommand{JoinNode{"a", "here", {}}});
    NodeStatus status{.node = NodeId{1}, .boot = "boot"};
    status.inventory = {.hostname = "a", .cpus = 64, .memory_mib = 65536};
    ask(PoolCommand{ReportNode{status}});
  }
  client::HttpClient client() const { return client::HttpClient({.url = server->url(), .token = token}); }
};

client::Request post(std::string path, std::string body) {
  return {.method = "POST", .path = std::move(path), .body = std::move(body), .headers = {{"Content-Type", "application/json"}}};
}

TEST(Threads, ManyClientsAtOnceSeeEachJobOnce) {
  constexpr int clients = 4, jobs = 25;
  Whole whole;
  std::atomic<int> submitted = 0;
  std::atomic<bool> over = false;
  std::vector<std::thread> threads;
  auto following = whole.client();
  std::atomic<std::uint64_t> seen = 0;
  threads.emplace_back([&] {
    auto const done = client::follow_events(following, {.path = "/v1/events?kind=JobsQueued&after=0", .last_id = {}},
                                            [&](client::ServerEvent const&) { return ++seen < clients * jobs; });
    EXPECT_TRUE(done) << done.error().message;
  });
  for (int i = 0; i < clients; ++i)
    threads.emplace_back([&] {
      auto client = whole.client();
      for (int k = 0; k < jobs; ++k) {
        auto const answer = client.call(post("/v1/jobs", R"({"on":["cpu"],"command":["true"]})"));
        ASSERT_TRUE(answer) << answer.error().message;
        auto const made = json_read<api::SubmittedJobs>(answer->body);
        ASSERT_TRUE(made);
        ++submitted;
        auto const found = client.call({.path = fmt::format("/v1/jobs/{}", made->first.value)});
        ASSERT_TRUE(found) << found.error().message;
        if (k % 3 == 0) { EXPECT_TRUE(client.call(post(fmt::format("/v1/jobs/{}/cancel", made->first.value), ""))); }
      }
    });
  threads.emplace_back([&] {
    auto client = whole.client();
    while (!over) {
      EXPECT_TRUE(client.call({.path = "/v1/pool"}));
      auto const list = client.call({.path = "/v1/jobs?limit=1000"});
      EXPECT_TRUE(list);
      EXPECT_LE(json_read<api::Page<api::Job>>(list->body)->items.size(), std::size_t{clients * jobs});
    }
  });
  for (std::size_t i = 0; i + 1 < threads.size(); ++i) threads[i].join();
  over = true;
  threads.back().join();
  EXPECT_EQ(seen, std::uint64_t{clients * jobs});
  auto client = whole.client();
  EXPECT_EQ(json_read<api::Page<api::Job>>(client.call({.path = "/v1/jobs?limit=1000"})->body)->items.size(), std::size_t{clients * jobs});
}

TEST(Threads, ALogIsFollowedAcrossThem) {
  Whole whole;
  auto client = whole.client();
  ASSERT_TRUE(client.call(post("/v1/jobs", R"({"on":["cpu"],"command":["true"]})")));
  std::string log;
  std::thread reader([&] {
    auto reading = whole.client();
    auto const done = reading.stream({.path = "/v1/jobs/1/log?follow=true"}, [&](std::string_view bytes) { return log += bytes, true; });
    EXPECT_TRUE(done) << done.error().message;
  });
  std::string written;
  for (int i = 0; i < 50; ++i) {
    std::string const line = fmt::format("line {}\n", i);
    EXPECT_TRUE(whole.logs.append({JobId{1}, 1}, written.size(), line, i == 49));
    written += line;
  }
  reader.join();
  EXPECT_EQ(log, written);
}

/// A tick takes up whoever is in its lists, also somebody who came a moment ago.
TEST(Threads, WhoeverFollowsIsWholeBeforeATickTakesThemUp) {
  Whole whole;
  auto client = whole.client();
  ASSERT_TRUE(client.call(post("/v1/jobs", R"({"on":["cpu"],"command":["true"]})")));
  ASSERT_TRUE(whole.logs.append({JobId{1}, 1}, 0, "all of it\n", true));
  std::atomic<bool> over = false;
  std::thread ticker([&] {
    for (; !over; std::this_thread::yield()) whole.api->tick();
  });
  for (int i = 0; i < 10; ++i) {
    std::string log;
    auto const read = client.stream({.path = "/v1/jobs/1/log?follow=true"}, [&](std::string_view bytes) { return log += bytes, true; });
    EXPECT_TRUE(read) << read.error().message;
    EXPECT_EQ(log, "all of it\n");
    int events = 0;
    auto const followed = client::follow_events(client, {.path = "/v1/events?kind=JobsQueued&after=0", .last_id = {}},
                                                [&](client::ServerEvent const&) { return ++events < 1; });
    EXPECT_TRUE(followed) << followed.error().message;
  }
  over = true;
  ticker.join();
}

}  // namespace
}  // namespace nav::http
