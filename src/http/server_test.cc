// SPDX-License-Identifier: Apache-2.0
#include "http/server.h"

#include <future>
#include <gtest/gtest.h>
#include <mutex>
#include <thread>

#include "http/raw_client.h"

namespace nav::http {
namespace {

/// Answers with what it was asked.
void echo(Request request, Reply reply) {
  std::string text = request.method + " " + request.path;
  for (auto const& [name, values] : request.query)
    for (auto const& value : values) text += " " + name + "=" + value;
  if (!request.body.empty()) text += " [" + request.body + "]";
  reply.send({.body = text, .content_type = "text/plain"});
}

Server serve(Handler handler, Options options = {}) {
  if (!options.log) options.log = [](std::string_view) {};
  auto server = Server::start(std::move(options), std::move(handler));
  EXPECT_TRUE(server) << to_text(server.error());
  return std::move(*server);
}

Server serve(Handler handler, Limits limits) {
  Options options;
  options.limits = limits;
  return serve(std::move(handler), std::move(options));
}

TEST(Server, AnswersOneRequestAfterAnotherOnOneConnection) {
  Server const server = serve(echo);
  RawClient client(server.port());
  EXPECT_EQ(body_of(client.send(get("/a?x=1&x=2&y=a+b%21")).read_answer()), "GET /a x=1 x=2 y=a b!");
  EXPECT_EQ(body_of(client.send("POST /b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello").read_answer()), "POST /b [hello]");
  EXPECT_EQ(body_of(client.send("PUT /c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n").read_answer()),
            "PUT /c [hello]");
}

TEST(Server, AnswersPipelinedRequestsInTheirOrder) {
  Server const server = serve(echo);
  RawClient client(server.port());
  client.send(get("/1") + get("/2") + "\r\n" + get("/3"));
  EXPECT_EQ(body_of(client.read_answer()), "GET /1");
  EXPECT_EQ(body_of(client.read_answer()), "GET /2");
  EXPECT_EQ(body_of(client.read_answer()), "GET /3");
}

TEST(Server, TakesRequestsByteForByte) {
  Server const server = serve(echo);
  RawClient client(server.port());
  for (char c : std::string("POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nok")) client.send({&c, 1});
  EXPECT_EQ(body_of(client.read_answer()), "POST /slow [ok]");
}

TEST(Server, NeverNormalisesAPath) {
  Server const server = serve([](Request request, Reply reply) {
    std::string text = request.path;
    for (auto const& segment : request.segments) text += "|" + segment;
    reply.send({.body = text});
  });
  RawClient client(server.port());
  EXPECT_EQ(body_of(client.send(get("/logs/../%2e%2e/a%2Fb//")).read_answer()), "/logs/../../a/b//|logs|..|..|a/b||");
}

TEST(Server, SaysWhoAsks) {
  Server const server = serve([](Request request, Reply reply) {
    auto const* token = request.header("AUTHORIZATION");
    reply.send({.body = request.peer_address + " " + (token ? *token : "nobody")});
  });
  RawClient client(server.port());
  EXPECT_EQ(body_of(client.send(get("/", "authorization: Bearer x\r\n")).read_answer()), "127.0.0.1 Bearer x");
  EXPECT_EQ(body_of(client.send(get("/")).read_answer()), "127.0.0.1 nobody");
}

TEST(Server, RefusesWhatIsNoProperRequest) {
  Server const server = serve(echo);
  struct Case {
    std::string bytes;
    int status;
  };
  std::string const host = "Host: localhost\r\n";
  for (Case const& one : {
           Case{"nonsense\r\n\r\n", 400},
           Case{"GET /\r\n\r\n", 400},
           Case{"GET / HTTP/1.1\r\n\r\n", 400},
           Case{"GET / HTTP/2.0\r\n" + host + "\r\n", 505},
           Case{"GET /%zz HTTP/1.1\r\n" + host + "\r\n", 400},
           Case{"GET /%00 HTTP/1.1\r\n" + host + "\r\n", 400},
           Case{"GET /%ff HTTP/1.1\r\n" + host + "\r\n", 400},
           Case{"GET /?a=%2 HTTP/1.1\r\n" + host + "\r\n", 400},
           Case{"GET path HTTP/1.1\r\n" + host + "\r\n", 400},
           Case{"GET / HTTP/1.1\r\n" + host + host + "\r\n", 400},
           Case{"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
           Case{"GET http://evil.example/ HTTP/1.1\r\n" + host + "\r\n", 421},
           Case{"GET / HTTP/1.1\r\n" + host + "No colon\r\n\r\n", 400},
           Case{"POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400},
           Case{"POST / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n", 400},
           Case{"POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
           Case{"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
           Case{"POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nnot hex\r\n", 400},
           Case{"POST / HTTP/1.1\r\n" + host + "Expect: miracles\r\nContent-Length: 1\r\n\r\n", 417},
           Case{"GET / HTTP/1.1\r\n" + host + "X: " + std::string(40'000, 'x') + "\r\n\r\n", 431},
       }) {
    std::string const answer = RawClient(server.port()).send(one.bytes).read_all();
    EXPECT_EQ(status_of(answer), one.status) << one.bytes.substr(0, 100) << "\n" << answer;
    EXPECT_TRUE(body_of(answer).starts_with("{\"error\":{\"kind\":")) << answer;
  }
}

TEST(Server, RefusesALargeBodyBeforeReadingIt) {
  Server const server = serve(echo, Limits{.body_bytes = 1000});
  std::string const head = "POST / HTTP/1.1\r\nHost: localhost\r\n";
  RawClient announced(server.port());
  EXPECT_EQ(status_of(announced.send(head + "Content-Length: 1001\r\n\r\n").read_all()), 413);
  RawClient eager(server.port());
  EXPECT_EQ(status_of(eager.send(head + "Content-Length: 1000000\r\n\r\n" + std::string(1'000'000, 'x')).read_all()), 413);
  RawClient chunked(server.port());
  EXPECT_EQ(status_of(chunked.send(head + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x') + "\r\n").read_all()), 413);
  RawClient patient(server.port());
  EXPECT_EQ(status_of(patient.send(head + "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n").read_all()), 413);
  RawClient fitting(server.port());
  EXPECT_EQ(status_of(fitting.send(head + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'x')).read_answer()), 200);
}

TEST(Server, AnotherLimitForTheBodyMayBeSetByPath) {
  Options options;
  options.limits.body_bytes = 10;
  options.body_limit = [](std::string_view, std::string_view path) { return path == "/log" ? std::optional<std::size_t>(100) : std::nullopt; };
  Server const server = serve(echo, options);
  std::string const rest = " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'x');
  EXPECT_EQ(status_of(RawClient(server.port()).send("PUT /log" + rest).read_answer()), 200);
  EXPECT_EQ(status_of(RawClient(server.port()).send("PUT /jobs" + rest).read_answer()), 413);
}

TEST(Server, EncouragesAClientThatWaitsForIt) {
  Server const server = serve(echo);
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_to("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(body_of(client.send("ok").read_answer()), "POST / [ok]");
}

TEST(Server, AnswersHeadWithTheLengthAlone) {
  Server const server = serve(echo);
  RawClient client(server.port());
  std::string const head = client.send("HEAD /x HTTP/1.1\r\nHost: localhost\r\n\r\n" + get("/y")).read_to("\r\n\r\n");
  EXPECT_NE(head.find("Content-Length: 7\r\n"), std::string::npos) << head;
  EXPECT_EQ(body_of(client.read_answer()), "GET /y");
}

TEST(Server, ANoContentAnswerHasNoBody) {
  Server const server = serve([](Request, Reply reply) { reply.send({.status = 204}); });
  std::string const answer = RawClient(server.port()).send(get("/", "Connection: close\r\n")).read_all();
  EXPECT_EQ(status_of(answer), 204);
  EXPECT_EQ(answer.find("Content-"), std::string::npos) << answer;
}

TEST(Server, ClosesAfterTheAnswerWhereTheClientWishesIt) {
  Server const server = serve(echo);
  EXPECT_EQ(body_of(RawClient(server.port()).send(get("/", "Connection: close\r\n")).read_all()), "GET /");
  EXPECT_EQ(body_of(RawClient(server.port()).send("GET / HTTP/1.0\r\n\r\n").read_all()), "GET /");
}

TEST(Server, AnswersAClientThatClosedItsWritingHalf) {
  Server const server = serve(echo);
  RawClient client(server.port());
  client.send(get("/half"));
  client.end_of_writing();
  EXPECT_EQ(body_of(client.read_answer()), "GET /half");
}

TEST(Server, AHeaderFromOutsideCannotBeginAnAnswerOfItsOwn) {
  Server const server = serve([](Request, Reply reply) { reply.send({.headers = {{"Location", "/x\r\nSet-Cookie: a=b"}}}); });
  EXPECT_EQ(RawClient(server.port()).send(get("/")).read_answer().find("\r\nSet-Cookie"), std::string::npos);
}

TEST(Server, ASlowRequestIsCutOff) {
  Server const server = serve(echo, Limits{.request = milliseconds(100)});
  EXPECT_EQ(status_of(RawClient(server.port()).send("GET / HT").read_all()), 408);
  EXPECT_EQ(status_of(RawClient(server.port()).send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhe").read_all()), 408);
}

TEST(Server, AnIdleConnectionIsClosedWithoutAWord) {
  Server const server = serve(echo, Limits{.idle = milliseconds(100)});
  EXPECT_EQ(RawClient(server.port()).read_all(), "");
}

TEST(Server, AnswersMayComeLaterFromAnotherThread) {
  std::promise<Reply> waiting;
  Server const server = serve([&](Request, Reply reply) { waiting.set_value(std::move(reply)); });
  RawClient client(server.port());
  client.send(get("/"));
  std::thread([reply = waiting.get_future().get()]() mutable { reply.send({.body = "later"}); }).join();
  EXPECT_EQ(body_of(client.read_answer()), "later");
}

TEST(Server, ADroppedReplyAnswers500AndIsLogged) {
  std::promise<std::string> logged;
  Options options;
  options.log = [&](std::string_view line) { logged.set_value(std::string(line)); };
  Server const server = serve([](Request, Reply) {}, options);
  RawClient client(server.port());
  std::string const answer = client.send(get("/forgotten")).read_answer();
  EXPECT_EQ(status_of(answer), 500);
  EXPECT_NE(answer.find("\"kind\":\"internal\""), std::string::npos);
  EXPECT_EQ(logged.get_future().get(), "GET /forgotten was dropped unanswered");
}

TEST(Server, AHandlerThatThrowsAnswers500) {
  Server const server = serve([](Request, Reply) { throw std::runtime_error("oops"); });
  EXPECT_EQ(status_of(RawClient(server.port()).send(get("/")).read_answer()), 500);
}

TEST(Server, TellsALongPollThatItsClientLeft) {
  std::promise<void> left;
  std::optional<Reply> held;
  Server const server = serve([&](Request, Reply reply) {
    reply.on_gone([&] { left.set_value(); });
    held = std::move(reply);
  });
  RawClient client(server.port());
  client.send(get("/sync"));
  client.close();
  EXPECT_EQ(left.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

TEST(Server, AReplyMayOutliveItsServer) {
  std::promise<Reply> waiting;
  std::optional<Server> server = serve([&](Request, Reply reply) { waiting.set_value(std::move(reply)); });
  RawClient client(server->port());
  client.send(get("/"));
  Reply reply = waiting.get_future().get();
  server.reset();
  EXPECT_EQ(client.read_all(), "");
  reply.send({.body = "to nobody"});
}

TEST(Server, ConnectionsBeyondTheLimitAreToldSo) {
  Server const server = serve(echo, Limits{.connections = 2});
  RawClient first(server.port()), second(server.port());
  EXPECT_EQ(status_of(first.send(get("/")).read_answer()), 200);
  EXPECT_EQ(status_of(second.send(get("/")).read_answer()), 200);
  std::string const answer = RawClient(server.port()).read_all();
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_NE(answer.find("Retry-After: "), std::string::npos);
}

TEST(Server, AnswersForItsNamesAlone) {
  Options options;
  options.names = {"gpu.example"};
  Server const server = serve(echo, options);
  RawClient client(server.port());
  for (std::string const host : {"GPU.example:8443", "127.0.0.1", "[::1]:80", "localhost:1", "10.0.0.7"})
    EXPECT_EQ(status_of(client.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").read_answer()), 200) << host;
  EXPECT_EQ(status_of(client.send("GET / HTTP/1.1\r\nHost: gpu.example.evil\r\n\r\n").read_answer()), 421);
}

TEST(Server, APortInUseIsNamedWithTheRemedy) {
  Server const server = serve(echo);
  auto const second = Server::start({.port = server.port()}, echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(second.error().message, "cannot listen on 127.0.0.1:" + std::to_string(server.port()) + ": the port is in use");
  EXPECT_NE(second.error().hint.find("--listen"), std::string::npos);
}

TEST(Server, RefusesToServeBeyondLoopbackWithoutTls) {
  auto const server = Server::start({.host = "0.0.0.0"}, echo);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().kind, ErrorKind::InvalidArgument);
  EXPECT_EQ(server.error().field, "listen");
}

TEST(Server, AnAddressThatIsNotOursIsRefused) {
  auto const server = Server::start({.host = "no such host"}, echo);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().kind, ErrorKind::InvalidArgument);
}

TEST(Server, DrainingLetsRunningRequestsFinish) {
  std::promise<Reply> waiting;
  Server server = serve([&](Request, Reply reply) { waiting.set_value(std::move(reply)); });
  RawClient idle(server.port());
  RawClient busy(server.port());
  busy.send(get("/"));
  Reply reply = waiting.get_future().get();
  std::thread draining([&] { EXPECT_EQ(server.drain(seconds(10)), 0u); });
  EXPECT_EQ(idle.read_all(), "");
  reply.send({.body = "done"});
  std::string const answer = busy.read_all();
  EXPECT_EQ(body_of(answer), "done");
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  draining.join();
}

TEST(Server, DrainingGivesUpOnWhatDoesNotEnd) {
  std::promise<Reply> waiting;
  Server server = serve([&](Request, Reply reply) { waiting.set_value(std::move(reply)); });
  RawClient client(server.port());
  client.send(get("/"));
  Reply const reply = waiting.get_future().get();
  EXPECT_EQ(server.drain(milliseconds(50)), 1u);
}

TEST(Server, TwoThreadsServeManyAtOnce) {
  Options options;
  options.threads = 2;
  Server const server = serve(echo, options);
  std::vector<std::thread> people;
  for (int i = 0; i < 8; ++i)
    people.emplace_back([&] {
      RawClient client(server.port());
      for (int k = 0; k < 200; ++k) ASSERT_EQ(body_of(client.send(get("/x")).read_answer()), "GET /x");
    });
  for (auto& one : people) one.join();
}

}  // namespace
}  // namespace nav::http
