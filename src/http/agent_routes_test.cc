// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/agent_api.h"
#include "http/api_fixture.h"

namespace nav::http::fixture {
namespace {

As const join_token{.token = "nav_join", .certificate = {}, .address = "10.0.0.7"};

TEST(Joining, GivesANumberAndACertificate) {
  Site site;
  Answer const answer = site.call_as(join_token, "POST /v1/agent/join", R"({"name":"b","labels":{"rack":"7"},"certificate_request":"request"})");
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, R"({"node":"node-2","installation":"0123456789abcdef0123456789abcdef","certificate":"certificate of node-2","ca":"ca","token":""})");
  EXPECT_EQ(site.front.world.node("b").labels.at("rack"), "7");
}

TEST(Joining, IsDoneOncePerKey) {
  Site site;
  std::string const body = R"({"name":"b","certificate_request":"request"})";
  Answer const first = site.call_as(join_token, "POST /v1/agent/join", body, {{"Idempotency-Key", "b"}}),
               again = site.call_as(join_token, "POST /v1/agent/join", body, {{"Idempotency-Key", "b"}});
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(site.call_as(join_token, "POST /v1/agent/join", body).status, 409) << "the name is taken";
}

TEST(Joining, TakesNobodyInWhoCouldNotSpeakAfterwards) {
  Site site;
  for (char const* body : {R"({"name":"b","certificate_request":"nonsense"})", R"({"name":"b"})"}) {
    Answer const answer = site.call_as(join_token, "POST /v1/agent/join", body);
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(answer.body.find("\"field\":\"certificate_request\""), answer.body.npos) << answer.body;
  }
  EXPECT_EQ(site.call_as(join_token, "POST /v1/agent/join", R"({"name":"b","protocol":7,"certificate_request":"request"})").status, 409);
  EXPECT_EQ(site.call_as(join_token, "POST /v1/agent/join", R"({"name":"B!","certificate_request":"request"})").status, 400);
  EXPECT_EQ(site.front.world.pool.next_node, 2u) << "nothing of it was taken";
}

TEST(Joining, OnLoopbackATokenTakesTheCertificatesPlace) {
  Site site;
  Answer const answer = site.call_as({.token = "nav_join", .certificate = {}}, "POST /v1/agent/join", R"({"name":"b"})");
  EXPECT_EQ(answer.status, 201);
  auto const joined = json_read<api::JoinedNode>(answer.body);
  ASSERT_TRUE(joined);
  EXPECT_EQ(site.call_as({.token = joined->token, .certificate = {}}, "POST /v1/agent/sync", R"({"protocol":1,"node":"node-2"})").status, 200);
}

TEST(Agents, SpeakForThemselvesAlone) {
  Site site;
  JobId const job = site.submit("ada", "vision");
  site.start(job, "a");
  site.call_as(join_token, "POST /v1/agent/join", R"({"name":"b","certificate_request":"request"})");
  As const a{.token = {}, .certificate = "node-1"}, b{.token = {}, .certificate = "node-2"};
  EXPECT_EQ(site.call_as(b, "POST /v1/agent/sync", R"({"protocol":1,"node":"node-1"})").status, 403);
  EXPECT_EQ(site.call_as(b, "GET /v1/agent/attempts/1.1/launch").status, 404);
  EXPECT_EQ(site.call_as(b, "PUT /v1/agent/attempts/1.1/log?offset=0", "x", {{"Content-Type", "application/octet-stream"}}).status, 404);
  EXPECT_EQ(site.call_as(a, "GET /v1/agent/attempts/1.2/launch").status, 404);
  auto const launch = json_read<api::Launch>(site.call_as(a, "GET /v1/agent/attempts/1.1/launch").body);
  ASSERT_TRUE(launch);
  EXPECT_EQ(launch->token, "navj_1.1");
  EXPECT_NE(launch->request.text.find("\"command\":[\"true\"]"), std::string::npos);
}

TEST(Agents, GetTheWholeSpecAndMayKnowMoreThanTheController) {
  Site site;
  Answer const answer = site.call_as({.token = {}, .certificate = "node-1"}, "POST /v1/agent/sync", R"({"protocol":1,"node":"node-1","mood":"good"})");
  EXPECT_EQ(answer.status, 200) << answer.body;
  auto const news = json_read<SyncAnswer>(answer.body);
  ASSERT_TRUE(news);
  EXPECT_EQ(news->spec->node, NodeId{1});
}

TEST(Agents, RenewTheirCertificates) {
  Site site;
  As const a{.token = {}, .certificate = "node-1"};
  EXPECT_EQ(site.call_as(a, "POST /v1/agent/renew", R"({"certificate_request":"request"})").body, R"({"certificate":"certificate of node-1","ca":"ca"})");
  EXPECT_EQ(site.call_as(a, "POST /v1/agent/renew", R"({"certificate_request":"x"})").status, 400);
  EXPECT_EQ(site.call_as(a, "POST /v1/agent/renew", "{}").status, 400);
  EXPECT_EQ(site.call_as({.token = "navn_node-1", .certificate = {}}, "POST /v1/agent/renew", R"({"certificate_request":"request"})").status, 403);
}

}  // namespace
}  // namespace nav::http::fixture
