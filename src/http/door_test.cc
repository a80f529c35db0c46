// SPDX-License-Identifier: Apache-2.0
#include "http/door_fixture.h"

#include <gtest/gtest.h>

namespace nav::http {
namespace {

using namespace fixture;

/// What it was asked, in words, and the body back.
Server echo_service() {
  Options options;
  options.limits.body_bytes = std::size_t{64} << 20;
  options.limits.write = minutes(2);
  options.log = [](std::string_view) {};
  return std::move(*Server::start(std::move(options), [](Request request, Reply reply) {
    Response response{.body = request.body, .content_type = "text/plain"};
    if (request.method == "GET") {
      response.body = fmt::format("{} {}\n", request.method, request.path);
      for (auto const& [name, value] : request.headers) response.body += fmt::format("{}: {}\n", name, value);
    }
    response.headers = {{"Set-Cookie", "theirs=1; Path=/; Domain=localhost"}, {"Set-Cookie", "nav_session_01234567=evil; Path=/"}};
    reply.send(std::move(response));
  }));
}

bool has(std::string const& text, std::string_view part) { return text.find(part) != text.npos; }

TEST(Door, AUserReachesTheServiceAndTheirTokenStaysOutside) {
  auto const service = echo_service();
  DoorSite site;
  site.start_agent();
  JobId const job = site.run(service.port());
  std::string const answer = site.get(job, "/lab/tree%2Fa?x=1", "ada",
                                      "Cookie: nav_session_01234567=secret; mine=2\r\nX-Forwarded-For: 1.2.3.4\r\nNav-User: root\r\n");
  EXPECT_EQ(status_of(answer), 200) << answer;
  EXPECT_TRUE(has(answer, "GET /jobs/1/lab/tree/a\n")) << answer;
  EXPECT_TRUE(has(answer, "cookie: mine=2\n")) << answer;
  EXPECT_TRUE(has(answer, "nav-user: ada\n")) << answer;
  EXPECT_TRUE(has(answer, "x-forwarded-for: 127.0.0.1\n")) << answer;
  EXPECT_FALSE(has(answer, "nav_ada")) << answer;
  EXPECT_FALSE(has(answer, "secret")) << answer;
  EXPECT_FALSE(has(answer, "authorization")) << answer;
  // What the service would leave in the browser stays in its part of the door, and is never one of ours.
  EXPECT_TRUE(has(answer, "Set-Cookie: theirs=1; Path=/jobs/1/\r\n")) << answer;
  EXPECT_FALSE(has(answer, "evil")) << answer;
}

TEST(Door, LargeBodiesPassBothWays) {
  auto const service = echo_service();
  DoorSite site;
  site.start_agent();
  JobId const job = site.run(service.port());
  std::string body(std::size_t{8} << 20, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i * 7 % 23);
  auto client = site.visit();
  client.send(
      fmt::format("POST /jobs/{}/echo HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer nav_ada\r\nContent-Length: {}\r\n\r\n", to_text(job), body.size()));
  client.send(body);
  std::string answer = client.read_answer();
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_TRUE(body_of(answer) == body);
  // The same connection goes on, with a body in chunks.
  client.send(
      fmt::format("POST /jobs/{}/echo HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer nav_ada\r\nTransfer-Encoding: chunked\r\n\r\n", to_text(job)));
  client.send("5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n");
  answer = client.read_answer();
  EXPECT_EQ(body_of(answer), "hello, world");
}

TEST(Door, WhoMayNotComeInLearnsNothing) {
  auto const service = echo_service();
  DoorSite site;
  site.start_agent();
  JobId const job = site.run(service.port());
  EXPECT_EQ(status_of(site.get(job, "/", "")), 401);
  EXPECT_EQ(status_of(site.get(job, "/", "nobody")), 401);
  EXPECT_EQ(status_of(site.get(job, "/", "join")), 401);
  std::string const unknown = body_of(site.get(JobId{99}, "/", "bob"));
  for (char const* user : {"bob", "vera", "oper"}) {
    std::string const answer = site.get(job, "/", user);
    EXPECT_EQ(status_of(answer), 404) << user;
    std::string body = body_of(answer);
    ASSERT_TRUE(has(body, "job 1 ")) << body;
    body.replace(body.find("job 1 "), 6, "job 99 ");
    EXPECT_EQ(body, unknown);
  }
  EXPECT_EQ(status_of(site.get(job, "/", "root")), 200);
  EXPECT_EQ(status_of(site.get(job, "/", "ada")), 200);
}

TEST(Door, ALinkLetsABrowserInOnce) {
  auto const service = echo_service();
  DoorSite site;
  site.start_agent();
  JobId const job = site.run(service.port());
  EXPECT_TRUE(has(site.link(job, "bob"), "404"));
  EXPECT_TRUE(has(site.link(job, "vera"), "403"));
  EXPECT_TRUE(has(site.link(job, "oper"), "403"));
  std::string const link = site.link(job, "ada");
  auto const follow = [&](std::string const& target, std::string const& more) {
    return site.visit().send(fmt::format("GET {} HTTP/1.1\r\nHost: job-1.localhost\r\nConnection: close\r\n{}\r\n", target, more)).read_all();
  };
  std::string const answer = follow(link, "");
  ASSERT_EQ(status_of(answer), 303) << answer;
  EXPECT_TRUE(has(answer, "Location: /jobs/1/\r\n")) << answer;
  auto const at = answer.find("Set-Cookie: ") + 12;
  std::string const set = answer.substr(at, answer.find("\r\n", at) - at);
  EXPECT_TRUE(has(set, "; Path=/jobs/1/; HttpOnly; SameSite=Lax; Max-Age=43200")) << set;
  std::string const cookie = "Cookie: " + set.substr(0, set.find(';')) + "\r\n";

  EXPECT_EQ(status_of(follow(link, "")), 403);  // used
  std::string const page = follow("/jobs/1/", cookie);
  EXPECT_EQ(status_of(page), 200) << page;
  EXPECT_FALSE(has(page, "nav_door")) << page;  // the cookie is between the browser and the door
  // The cookie of one job opens no other.
  JobId other;
  site.change([&](Site& world) {
    other = world.submit("ada", "vision", "mig-1g.5gb");
    world.start(other, "a/0:1g.5gb@1");
  });
  EXPECT_EQ(site.visit().send(fmt::format("GET /jobs/2/ HTTP/1.1\r\nHost: job-2.localhost\r\nConnection: close\r\n{}\r\n", cookie)).read_all().substr(9, 3),
            "401");
  // A page elsewhere cannot send anything with it.
  auto const post = [&](std::string const& origin) {
    return status_of(
        site.visit()
            .send(fmt::format("POST /jobs/1/ HTTP/1.1\r\nHost: job-1.localhost\r\nConnection: close\r\nContent-Length: 0\r\n{}{}\r\n", cookie, origin))
            .read_all());
  };
  EXPECT_EQ(post(""), 403);
  EXPECT_EQ(post("Origin: http://evil.example\r\n"), 403);
  EXPECT_EQ(post("Origin: http://job-2.localhost\r\n"), 403);
  EXPECT_EQ(post("Origin: http://job-1.localhost\r\n"), 200);
  // An older link opens nothing, and the cookie has its day.
  std::string const late = site.link(job, "ada");
  site.change([&](Site&) { site.now = site.now + minutes(2); });
  EXPECT_EQ(status_of(follow(late, "")), 403);
  EXPECT_EQ(status_of(follow("/jobs/1/", cookie)), 200);
  site.change([&](Site&) { site.now = site.now + hours(12); });
  EXPECT_EQ(status_of(follow("/jobs/1/", cookie)), 401);
}

TEST(Door, ForeignHostsAndOtherJobsHostsAreTurnedAway) {
  auto const service = echo_service();
  DoorSite site;
  site.start_agent();
  site.run(service.port());
  auto const at = [&](std::string const& host) {
    return status_of(
        site.visit().send(fmt::format("GET /jobs/1/ HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer nav_ada\r\n\r\n", host)).read_all());
  };
  EXPECT_EQ(at("evil.example"), 421);
  EXPECT_EQ(at("job-2.localhost"), 421);
  EXPECT_EQ(at("job-1.localhost:8442"), 200);
  EXPECT_EQ(at("127.0.0.1"), 200);
}

TEST(Door, ARevokedTokenEndsTheVisitsThatGoOnByIt) {
  RawService const service([](int socket) {
    char bytes[4096];
    if (::recv(socket, bytes, sizeof bytes, 0) <= 0) return;
    std::string_view const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
    ::send(socket, head.data(), head.size(), MSG_NOSIGNAL);
    while (::recv(socket, bytes, sizeof bytes, 0) > 0) {}
  });
  DoorSite site;
  site.start_agent();
  JobId const job = site.run(service.port());
  auto client = site.visit();
  client.send(fmt::format("GET /jobs/{}/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer nav_ada\r\n\r\n", to_text(job)));
  EXPECT_EQ(status_of(client.read_to("hello\r\n")), 200);
  site.change([](Site& world) {
    TokenId const token = world.front.access.token_of_hash.at("hash of nav_ada");
    world.front.ask_access(RevokeToken{token});
  });
  EXPECT_EQ(client.read_all(), "");  // no last chunk: the client knows that it is not all
  EXPECT_EQ(status_of(site.get(job, "/", "ada")), 401);
  EXPECT_TRUE(comes_true([&] { return site.node->in_use() == 0 && site.server->connections() == 0; }));
}

TEST(Door, AnUpgradeBecomesAPipe) {
  RawService const service([](int socket) {
    std::string got;
    char bytes[65536];
    while (got.find("\r\n\r\n") == got.npos) {
      ssize_t const count = ::recv(socket, bytes, sizeof bytes, 0);
      if (count <= 0) return;
      got.append(bytes, static_cast<std::size_t>(count));
    }
    std::string const head = got.find("Upgrade: websocket\r\n") != got.npos && got.find("Sec-WebSocket-Key: abc\r\n") != got.npos
                                 ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
                                 : "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    ::send(socket, head.data(), head.size(), MSG_NOSIGNAL);
    for (ssize_t count; (count = ::recv(socket, bytes, sizeof bytes, 0)) > 0;) ::send(socket, bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL);
  });
  DoorSite site;
  site.start_agent();
  JobId const job = site.run(service.port());
  auto client = site.visit();
  client.send(
      fmt::format("GET /jobs/{}/ws HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer nav_ada\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
                  "Sec-WebSocket-Key: abc\r\n\r\nfirst",
                  to_text(job)));
  EXPECT_TRUE(client.read_to("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  EXPECT_EQ(client.read_to("first"), "first");
  for (int i = 0; i < 100; ++i) {
    std::string const word = fmt::format("<{}>", i);
    EXPECT_EQ(client.send(word).read_to(word), word);
  }
  client.close();
  EXPECT_TRUE(comes_true([&] { return site.node->in_use() == 0 && site.server->connections() == 0; }));
}

TEST(Door, ItSaysWhyThereIsNothingYetOrNoMore) {
  DoorOptions options;
  options.tunnel = milliseconds(200);
  DoorSite site(options);
  JobId waiting;
  site.change([&](Site& world) { waiting = world.submit("ada", "vision", "mig-1g.5gb"); });
  std::string answer = site.get(waiting, "/", "ada");
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_TRUE(has(answer, "job 1 waits: ")) << answer;
  EXPECT_TRUE(has(answer, "Retry-After: 5\r\n")) << answer;
  answer = site.get(waiting, "/", "ada", "Accept: text/html,*/*\r\n");
  EXPECT_TRUE(has(answer, "Content-Type: text/html")) << answer;
  EXPECT_TRUE(has(answer, "http-equiv=\"refresh\"")) << answer;
  EXPECT_EQ(status_of(site.get(waiting, "", "ada")), 308);

  site.place(waiting, 1);
  answer = site.get(waiting, "/", "ada");  // no agent has ever brought a tunnel
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_TRUE(has(answer, "whose agent opens no way")) << answer;
  site.start_agent();
  ASSERT_TRUE(comes_true([&] { return has(site.get(waiting, "/", "ada"), "nothing listens on its port yet"); }));
  {
    std::lock_guard lock(site.services_mutex);
    site.services.clear();
  }
  // A slow machine's agent may bring its next way a little later.
  ASSERT_TRUE(comes_true([&] { return status_of(answer = site.get(waiting, "/", "ada")) == 502; })) << answer;
  EXPECT_TRUE(has(answer, "job 1 declares no service")) << answer;
  site.change([&](Site& world) { world.end(waiting, 3); });
  answer = site.get(waiting, "/", "ada");
  EXPECT_EQ(status_of(answer), 410);
  EXPECT_TRUE(has(answer, "job 1 is over")) << answer;
  EXPECT_EQ(status_of(site.get(waiting, "/", "bob")), 404);
  EXPECT_TRUE(has(site.link(waiting, "ada"), "409"));
}

TEST(Door, AnAnswerThatBreaksOffIsSeenToBreakOff) {
  RawService const service([](int socket) {
    char bytes[4096];
    if (::recv(socket, bytes, sizeof bytes, 0) <= 0) return;
    std::string_view const head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this";
    ::send(socket, head.data(), head.size(), MSG_NOSIGNAL);
  });
  DoorSite site;
  site.start_agent();
  JobId const job = site.run(service.port());
  std::string const answer = site.get(job, "/", "ada");
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_TRUE(has(answer, "Content-Length: 100\r\n")) << answer;
  EXPECT_LT(body_of(answer).size(), 100u);
}

TEST(Door, AnAgentThatGoesCutsItsVisitsOff) {
  RawService const service([](int socket) {
    char bytes[4096];
    if (::recv(socket, bytes, sizeof bytes, 0) <= 0) return;
    std::string_view const head = "HTTP/1.0 200 OK\r\n\r\nthe end of this is the end of the connection";
    ::send(socket, head.data(), head.size(), MSG_NOSIGNAL);
    while (::recv(socket, bytes, sizeof bytes, 0) > 0) {}
  });
  DoorSite site;
  site.start_agent();
  JobId const job = site.run(service.port());
  auto client = site.visit();
  client.send(fmt::format("GET /jobs/{}/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer nav_ada\r\n\r\n", to_text(job)));
  EXPECT_EQ(status_of(client.read_to("of the connection")), 200);
  site.node.reset();
  EXPECT_FALSE(has(client.read_all(), "0\r\n\r\n"));
  EXPECT_TRUE(comes_true([&] { return site.server->connections() == 0 && site.agents->connections() == 0; }));
  site.start_agent();
  EXPECT_EQ(site.visit()
                .send(fmt::format("GET /jobs/{}/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer nav_ada\r\n\r\n", to_text(job)))
                .read_to("of the connection")
                .substr(9, 3),
            "200");
}

TEST(Door, ATunnelOfAnotherNodeIsNeverGiven) {
  auto const service = echo_service();
  DoorOptions options;
  options.tunnel = milliseconds(200);
  DoorSite site(options);
  site.change([](Site& world) {
    world.front.world.join(node("b", a100()));
    world.front.catch_up();
  });
  JobId const job = site.run(service.port());
  auto const other = site.agent_of("node-2");
  auto const stranger = site.agent_of("node-77");  // a certificate of this installation for no node of it
  ASSERT_TRUE(comes_true([&] { return site.tunnels.has_come(NodeId{2}); }));
  EXPECT_EQ(status_of(site.get(job, "/", "ada")), 503);
  EXPECT_FALSE(site.tunnels.has_come(NodeId{1}));
  EXPECT_FALSE(site.tunnels.has_come(NodeId{77}));
  site.start_agent();
  EXPECT_TRUE(comes_true([&] { return status_of(site.get(job, "/", "ada")) == 200; }));
}

TEST(Door, ConnectionsToTheServiceAreUsedAgain) {
  auto const service = echo_service();
  DoorSite site;
  site.start_agent();
  JobId const job = site.run(service.port());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(status_of(site.get(job, "/", "ada")), 200);
  EXPECT_EQ(service.connections(), 1u);
  EXPECT_TRUE(site.node->last_traffic(AttemptId{job, 1}).has_value());
}

TEST(Door, AServiceThatClosedAConnectionThatRestedIsAskedAnew) {
  // It says that the connection goes on, and closes it after each answer all the same.
  RawService const service([](int socket) {
    char bytes[4096];
    if (::recv(socket, bytes, sizeof bytes, 0) <= 0) return;
    std::string_view const head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    ::send(socket, head.data(), head.size(), MSG_NOSIGNAL);
  });
  DoorSite site;
  site.start_agent();
  JobId const job = site.run(service.port());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(body_of(site.get(job, "/", "ada")), "ok");
}

TEST(Door, SoManyVisitsAtOnceAndNoMore) {
  RawService const service([](int socket) {
    char bytes[4096];
    while (::recv(socket, bytes, sizeof bytes, 0) > 0) {
      std::string_view const head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun";
      ::send(socket, head.data(), head.size(), MSG_NOSIGNAL);
    }
  });
  DoorOptions options;
  options.most_visits_a_user = 3;
  DoorSite site(options);
  site.start_agent();
  JobId const job = site.run(service.port());
  std::string const request = fmt::format("GET /jobs/{}/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer nav_ada\r\n\r\n", to_text(job));
  {
    std::vector<RawClient> clients;
    for (int i = 0; i < 3; ++i) {
      clients.push_back(site.visit());
      clients.back().send(request);
      EXPECT_EQ(status_of(clients.back().read_to("begun")), 200);
    }
    std::string const answer = site.get(job, "/", "ada");
    EXPECT_EQ(status_of(answer), 503);
    EXPECT_TRUE(has(answer, "no other fits")) << answer;
    auto another = site.visit();  // of another user
    another.send(fmt::format("GET /jobs/{}/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer nav_root\r\n\r\n", to_text(job)));
    EXPECT_EQ(status_of(another.read_to("begun")), 200);
  }
  EXPECT_TRUE(comes_true([&] { return site.node->in_use() == 0; }));
  EXPECT_TRUE(comes_true([&] { return status_of(site.visit().send(request).read_to("\r\n\r\n")) == 200; }));
}

TEST(Door, WhatCouldBeReadTwoWaysIsRefused) {
  DoorSite site;
  auto const answer = [&](std::string const& request) { return status_of(site.visit().send(request).read_all()); };
  EXPECT_EQ(answer("GET /jobs/1/ HTTP/1.1\r\nConnection: close\r\n\r\n"), 400);
  EXPECT_EQ(answer("GET /jobs/1/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  EXPECT_EQ(answer("POST /jobs/1/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(answer("POST /jobs/1/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n"), 400);
  EXPECT_EQ(answer("CONNECT /jobs/1/ HTTP/1.1\r\nHost: localhost\r\n\r\n"), 405);
  EXPECT_EQ(answer("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), 404);
  EXPECT_EQ(answer("GET /jobs/1/ HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"), 431);
  EXPECT_EQ(answer("nonsense\r\n\r\n"), 400);
}

}  // namespace
}  // namespace nav::http
