// SPDX-License-Identifier: Apache-2.0
//
// The client and the server of this project, held against each other.
#include <atomic>
#include <future>
#include <gtest/gtest.h>
#include <thread>

#include "client/event_stream.h"
#include "client/http_client.h"
#include "http/server.h"

namespace nav::http {
namespace {

using client::HttpClient;

Server served(Handler handler, Options options = {}) {
  options.log = [](std::string_view) {};
  auto server = Server::start(std::move(options), std::move(handler));
  EXPECT_TRUE(server) << to_text(server.error());
  return std::move(*server);
}

HttpClient client_of(Server const& server) { return HttpClient({.url = server.url(), .token = "nav_secret"}); }

TEST(Client, SendsItsTokenAndBodyAndReadsTheAnswer) {
  Server const server = served([](Request request, Reply reply) {
    reply.send({.status = 201,
                .body = request.method + " " + *request.header("authorization") + " " + *request.header("content-type") + " " + request.body,
                .headers = {{"ETag", "\"7\""}}});
  });
  HttpClient client = client_of(server);
  auto const answer = client.call({.method = "POST", .path = "/v1/jobs", .body = "{}"});
  ASSERT_TRUE(answer) << to_text(answer.error());
  EXPECT_EQ(answer->status, 201);
  EXPECT_EQ(answer->body, "POST Bearer nav_secret application/json {}");
  EXPECT_EQ(answer->headers.at("etag"), "\"7\"");
}

TEST(Client, UsesOneConnectionForAllItsRequests) {
  Server const server = served([](Request request, Reply reply) { reply.send({.body = request.method + request.body}); });
  HttpClient client = client_of(server);
  for (std::string const method : {"GET", "PUT", "DELETE", "POST", "PATCH", "HEAD", "OPTIONS", "GET"}) {
    auto const answer = client.call({.method = method, .path = "/", .body = method == "PATCH" ? "x" : ""});
    ASSERT_TRUE(answer) << method << to_text(answer.error());
    EXPECT_EQ(answer->body, method == "HEAD" ? "" : method == "PATCH" ? "PATCHx" : method);
  }
  EXPECT_EQ(server.connections(), 1u);
}

TEST(Client, AnErrorOfTheApiArrivesWhole) {
  Error const sent{ErrorKind::Conflict, "job 42 has ended", "submit it again", "state"};
  Server const server = served([&](Request, Reply reply) { reply.send(sent); });
  auto const answer = client_of(server).call({.path = "/"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), sent);
}

TEST(Client, EveryKindOfErrorSurvivesTheJourney) {
  for (ErrorKind kind : {ErrorKind::InvalidArgument, ErrorKind::Unauthenticated, ErrorKind::Forbidden, ErrorKind::NotFound, ErrorKind::PreconditionFailed,
                         ErrorKind::TooLarge, ErrorKind::Unsupported, ErrorKind::StorageFull, ErrorKind::Timeout, ErrorKind::Internal}) {
    Server const server = served([&](Request, Reply reply) { reply.send(Error{kind, "no", {}, {}}); });
    auto const answer = client_of(server).call({.path = "/"});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, kind);
  }
}

TEST(Client, AnAnswerThatIsNotOursIsToldByItsStatus) {
  Server const server = served([](Request, Reply reply) { reply.send({.status = 404, .body = "<html>", .content_type = "text/html"}); });
  auto const answer = client_of(server).call({.path = "/"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::NotFound);
  EXPECT_EQ(answer.error().message, "the server answered 404");
}

TEST(Client, ABusyServerIsAskedAgainWhereRepeatingIsSafe) {
  std::atomic<int> asked = 0;
  Server const server = served([&](Request, Reply reply) {
    if (++asked % 2 == 1) reply.send({.status = 503, .headers = {{"Retry-After", "0"}}});
    else reply.send({.body = "ok"});
  });
  HttpClient client = client_of(server);
  EXPECT_TRUE(client.call({.path = "/"}));
  EXPECT_TRUE(client.call({.method = "POST", .path = "/", .headers = {{"Idempotency-Key", "k"}}}));
  auto const unsafe = client.call({.method = "POST", .path = "/"});
  ASSERT_FALSE(unsafe);
  EXPECT_EQ(unsafe.error().kind, ErrorKind::Unavailable);
  EXPECT_EQ(asked, 5);
}

TEST(Client, NobodyAtTheAddressIsSaidWithTheRemedy) {
  std::string url;
  {
    Server const server = served([](Request, Reply) {});
    url = server.url();
  }
  HttpClient client({.url = url});
  auto const answer = client.call({.path = "/"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::Unavailable);
  EXPECT_EQ(answer.error().message, "nobody answers at " + url);
  EXPECT_NE(answer.error().hint.find("nav up"), std::string::npos);
}

TEST(Client, AnAnswerThatTakesTooLongIsATimeout) {
  std::vector<Reply> held;
  Server const server = served([&](Request, Reply reply) { held.push_back(std::move(reply)); });
  auto const answer = client_of(server).call({.path = "/", .timeout = milliseconds(50)});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::Timeout);
}

TEST(Client, ALongPollIsCancelledFromAnotherThread) {
  std::promise<Reply> held;
  Server const server = served([&](Request, Reply reply) { held.set_value(std::move(reply)); });
  HttpClient client = client_of(server);
  std::thread canceller([&] {
    Reply const reply = held.get_future().get();
    client.cancel();
  });
  auto const answer = client.call({.path = "/", .timeout = Duration{}});
  canceller.join();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "cancelled");
  EXPECT_FALSE(client.pause(hours(1)));
}

TEST(Client, StreamsComePieceByPiece) {
  Server const server = served([](Request, Reply reply) {
    Stream stream = reply.stream({.body = "one", .content_type = "text/plain"});
    stream.write("two");
  });
  std::string text;
  auto const answer = client_of(server).stream({.path = "/"}, [&](std::string_view bytes) {
    text += bytes;
    return true;
  });
  ASSERT_TRUE(answer) << to_text(answer.error());
  EXPECT_EQ(text, "onetwo");
}

TEST(Client, AStreamThatIsRefusedIsAnError) {
  Server const server = served([](Request, Reply reply) { reply.send(Error{ErrorKind::NotFound, "there is no job 7", {}, {}}); });
  auto const answer = client_of(server).stream({.path = "/"}, [](std::string_view) { return true; });
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "there is no job 7");
}

TEST(Client, AReaderMayStopAStreamWithoutEnd) {
  Stream held;
  Server const server = served([&](Request, Reply reply) { held = reply.stream({.body = "endless"}); });
  EXPECT_TRUE(client_of(server).stream({.path = "/"}, [](std::string_view) { return false; }));
}

TEST(Client, FollowingEventsGoesOnAfterTheLastOneSeen) {
  std::atomic<int> connections = 0;
  Server const server = served([&](Request request, Reply reply) {
    auto const* last = request.header("last-event-id");
    int const next = last ? std::stoi(*last) + 1 : 1;
    if (++connections == 2) return reply.send(Error{ErrorKind::Unavailable, "restarting", {}, {}});
    // Two events, then the connection ends.
    reply.stream({.body = fmt::format("id: {}\ndata: a\n\nid: {}\nevent: job\ndata: b\n\n", next, next + 1), .content_type = "text/event-stream"});
  });
  HttpClient client = client_of(server);
  std::vector<std::string> seen;
  auto const followed = client::follow_events(client, {.path = "/v1/events", .shortest_wait = milliseconds(1)}, [&](client::ServerEvent const& event) {
    seen.push_back(event.id + event.type);
    return seen.size() < 4;
  });
  ASSERT_TRUE(followed) << to_text(followed.error());
  EXPECT_EQ(seen, (std::vector<std::string>{"1message", "2job", "3message", "4job"}));
  EXPECT_EQ(connections, 3);
}

TEST(Client, FollowingEventsEndsWhereTheServerRefuses) {
  Server const server = served([](Request, Reply reply) { reply.send(Error{ErrorKind::Forbidden, "not yours", {}, {}}); });
  HttpClient client = client_of(server);
  auto const followed = client::follow_events(client, {.path = "/"}, [](auto const&) { return true; });
  ASSERT_FALSE(followed);
  EXPECT_EQ(followed.error().kind, ErrorKind::Forbidden);
}

}  // namespace
}  // namespace nav::http
