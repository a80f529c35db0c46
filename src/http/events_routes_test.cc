// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "client/event_stream.h"
#include "http/api_fixture.h"

namespace nav::http::fixture {
namespace {

/// "JobPlaced@17 JobStarted@18" of what a stream has sent since the last look.
std::string events_in(Answer const& answer) {
  std::string text;
  client::EventParser parser;
  EXPECT_TRUE(parser.feed(answer.more(), [&](client::ServerEvent const& event) {
    text += fmt::format("{}{}@{}", text.empty() ? "" : " ", event.type, event.id);
    return true;
  }));
  return text;
}

std::string kinds_in(Answer const& answer) {
  std::string text = events_in(answer), out;
  bool in_number = false;
  for (char c : text) {
    if (c == '@') in_number = true;
    if (c == ' ') in_number = false;
    if (!in_number) out += c;
  }
  return out;
}

TEST(Events, ComeAsTheyHappenAndOnlyThoseOneMaySee) {
  Site site;
  Answer const root = site.call("GET /v1/events", "root"), ada = site.call("GET /v1/events", "ada"), bob = site.call("GET /v1/events", "bob");
  EXPECT_EQ(ada.status, 200);
  JobId const job = site.submit("ada", "vision");
  site.start(job, "a");
  EXPECT_EQ(kinds_in(ada), "JobsQueued JobPlaced JobStarted");
  EXPECT_EQ(kinds_in(root), "JobsQueued JobPlaced JobStarted");
  EXPECT_EQ(kinds_in(bob), "");
  site.call("POST /v1/nodes/a/drain", "oper");
  site.call("POST /v1/users", "root", R"({"name":"carl"})");
  EXPECT_EQ(kinds_in(bob), "NodeDrained") << "the pool is everybody's";
  EXPECT_EQ(kinds_in(root), "NodeDrained UserSet") << "who may do what is the admins'";
  site.end(job);
  EXPECT_EQ(kinds_in(ada), "NodeDrained AttemptEnded JobEnded");
  EXPECT_EQ(kinds_in(bob), "");
}

TEST(Events, OfAJobThatBeginsAndEndsBetweenTwoLooksAreSeen) {
  Site site;
  std::uint64_t const before = site.front.snapshot()->sequence();
  JobId const job = site.submit("ada", "vision");
  site.start(job, "a");
  site.end(job);
  EXPECT_EQ(kinds_in(site.call(fmt::format("GET /v1/events?after={}", before), "ada")), "JobsQueued JobPlaced JobStarted AttemptEnded JobEnded");
  EXPECT_EQ(kinds_in(site.call(fmt::format("GET /v1/events?after={}", before), "bob")), "");
  std::uint64_t const now = site.front.snapshot()->sequence();
  EXPECT_EQ(kinds_in(site.call(fmt::format("GET /v1/events?after={}", now - 1), "vera")), "JobEnded") << "whose it was, is in the tables";
}

TEST(Events, GoOnAfterTheLastOneSeen) {
  Site site;
  Answer const first = site.call("GET /v1/events", "ada");
  site.submit("ada", "vision");
  std::string const seen = events_in(first);
  std::string const last = seen.substr(seen.find('@') + 1);
  site.submit("ada", "vision");
  site.submit("ada", "vision");
  Answer const again = site.call("GET /v1/events?after=3", "ada", "", {{"Last-Event-ID", last}});
  EXPECT_EQ(kinds_in(again), "JobsQueued JobsQueued") << "the header goes before the query";
  EXPECT_EQ(site.call("GET /v1/events", "ada", "", {{"Last-Event-ID", "x"}}).status, 400);
}

TEST(Events, CanBeOfOneJobOrOneKind) {
  Site site;
  site.call("POST /v1/jobs", "ada", R"({"on":["cpu"],"command":["x"],"count":3})");
  Answer const second = site.call("GET /v1/events?job=2&after=0", "ada"), queued = site.call("GET /v1/events?kind=JobEnded", "ada");
  site.call("POST /v1/jobs/1/cancel", "ada");
  site.call("POST /v1/jobs/2/cancel", "ada");
  EXPECT_EQ(kinds_in(second), "JobsQueued JobEnded");
  EXPECT_EQ(kinds_in(queued), "JobEnded JobEnded");
}

TEST(Events, AskedForFromTheFutureTellToReadAnew) {
  Site site;
  Answer const answer = site.call("GET /v1/events?after=1000000", "ada");
  EXPECT_EQ(kinds_in(answer), "resync");
  EXPECT_TRUE(answer.is_over());
}

TEST(Events, TellASlowReaderToReadAnew) {
  Site site;
  Answer const slow = site.call("GET /v1/events?kind=JobsQueued", "root");
  slow.exchange->buffer_limit = 4000;
  for (int i = 0; i < 20'000 && !slow.is_over(); ++i) {
    site.front.world.submit(job("j", std::vector<std::string>(32, "cpu")));
    if (i % 50 == 0) site.front.catch_up();
  }
  site.api->tick();
  EXPECT_TRUE(slow.is_over());
  std::string const sent = slow.more();
  EXPECT_TRUE(sent.ends_with("\n\nevent: resync\ndata: {}\n\n")) << sent.substr(sent.size() - std::min<std::size_t>(sent.size(), 200));
}

TEST(Events, AreNotFollowedByHead) {
  Site site;
  site.submit("ada", "vision");
  for (char const* what : {"HEAD /v1/events", "HEAD /v1/jobs/1/log?follow=true"}) {
    Answer const answer = site.call(what, "ada");
    EXPECT_EQ(answer.status, 200) << what;
    EXPECT_TRUE(answer.is_over()) << what;
  }
}

TEST(Events, EndForWhoIsOutMeanwhile) {
  Site site;
  Answer const ada = site.call("GET /v1/events", "ada");
  site.front.ask_access(RevokeToken{site.front.access.token_for("hash of nav_ada", site.now)->id});
  site.now = site.now + seconds(2);
  site.submit("root", "vision");
  EXPECT_EQ(kinds_in(ada), "");
  EXPECT_TRUE(ada.is_over());
}

TEST(Events, AreKeptAliveAndLimited) {
  Site site({.most_streams = 10, .most_streams_a_user = 2});
  Answer const one = site.call("GET /v1/events", "ada"), two = site.call("GET /v1/events", "ada"), three = site.call("GET /v1/events", "ada");
  EXPECT_EQ(three.status, 429);
  one.more();
  site.now = site.now + seconds(16);
  site.api->tick();
  EXPECT_EQ(one.more(), ":\n\n");
  two.exchange->client_left();
  site.api->tick();
  site.api->tick();
  EXPECT_EQ(site.call("GET /v1/events", "ada").status, 200) << "there is room again";
}

TEST(Logs, AreReadInPartsAndByAttempt) {
  Site site;
  JobId const job = site.submit("ada", "vision");
  Answer const waiting = site.call("GET /v1/jobs/1/log", "ada");
  EXPECT_EQ(waiting.status, 200);
  EXPECT_EQ(waiting.headers.at("Nav-Log-Attempt"), "0");
  EXPECT_EQ(waiting.headers.at("Nav-Log-Complete"), "false");
  site.start(job, "a");
  site.logs.append({job, 1}, 0, "hello world", false);
  Answer const part = site.call("GET /v1/jobs/1/log?offset=6&limit=3", "vera");
  EXPECT_EQ(part.body, "wor");
  EXPECT_EQ(part.headers.at("Nav-Log-Next"), "9");
  EXPECT_EQ(part.headers.at("Nav-Log-Size"), "11");
  EXPECT_EQ(site.call("GET /v1/jobs/1/log?attempt=1", "ada").body, "hello world");
  EXPECT_EQ(site.call("GET /v1/jobs/1/log?attempt=2", "ada").status, 404);
  EXPECT_EQ(site.call("GET /v1/jobs/1/log?attempt=0", "ada").status, 400);
  EXPECT_EQ(site.call("GET /v1/jobs/1/log?limit=0", "ada").status, 400);
  EXPECT_EQ(site.call("GET /v1/jobs/1/log?offset=99", "ada").body, "");
}

TEST(Logs, AreFollowedFromBeforeTheStartToTheEnd) {
  Site site;
  JobId const job = site.submit("ada", "vision");
  Answer const log = site.call("GET /v1/jobs/1/log?follow=true", "ada");
  EXPECT_EQ(log.status, 200);
  site.start(job, "a");
  As const node{.token = {}, .certificate = "node-1"};
  auto const push = [&](std::string const& query, std::string const& bytes) {
    return site.call_as(node, "PUT /v1/agent/attempts/1.1/log?" + query, bytes, {{"Content-Type", "application/octet-stream"}});
  };
  EXPECT_EQ(push("offset=0", "one\n").body, R"({"stored":4})");
  EXPECT_EQ(log.more(), "one\n");
  EXPECT_EQ(push("offset=2", "e\ntwo\n").body, R"({"stored":8})") << "what is there already is skipped";
  EXPECT_EQ(log.more(), "two\n");
  Answer const gap = push("offset=20", "x");
  EXPECT_EQ(gap.status, 409);
  EXPECT_NE(gap.body.find("go on at 8"), gap.body.npos);
  site.end(job);
  EXPECT_FALSE(log.is_over()) << "the last bytes may still come";
  EXPECT_EQ(push("offset=8&last=true", "three\n").status, 200) << "the attempt is over, its log is not";
  EXPECT_EQ(log.more(), "three\n");
  EXPECT_TRUE(log.is_over());
  EXPECT_EQ(push("last=true", "").status, 400) << "without an offset";
}

TEST(Logs, OfANodeThatNeverComesBackAreNotFollowedForEver) {
  Site site;
  JobId const job = site.submit("ada", "vision");
  site.start(job, "a");
  Answer const log = site.call("GET /v1/jobs/1/log?follow=true", "ada");
  site.end(job);
  site.api->tick();
  EXPECT_FALSE(log.is_over());
  site.now = site.now + seconds(31);
  site.api->tick();
  EXPECT_TRUE(log.is_over());
}

TEST(Logs, LoseNothingForASlowReader) {
  Site site;
  JobId const job = site.submit("ada", "vision");
  site.start(job, "a");
  Answer const log = site.call("GET /v1/jobs/1/log?follow=true", "ada");
  log.exchange->buffer_limit = 100'000;
  std::string written, seen;
  for (int i = 0; i < 40'000; ++i) written += fmt::format("line {}\n", i);
  site.logs.append({job, 1}, 0, written, true);
  for (int i = 0; i < 20 && !log.is_over(); ++i) {
    site.api->tick();
    seen += log.more();
  }
  seen += log.more();
  EXPECT_TRUE(log.is_over());
  EXPECT_TRUE(seen == written) << seen.size() << " of " << written.size();
}

}  // namespace
}  // namespace nav::http::fixture
