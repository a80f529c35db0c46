// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "http/api_fixture.h"

namespace nav::http::fixture {
namespace {

/// A request for the route that is well-formed as far as its path goes.
std::string request_for(api::Route const& route) {
  std::string path(route.path);
  for (auto const& [name, value] : std::map<std::string, std::string>{{"{job}", "1"},
                                                                      {"{attempt}", "1.1"},
                                                                      {"{node}", "a"},
                                                                      {"{gpu}", "0"},
                                                                      {"{template}", "cpu"},
                                                                      {"{cloud}", "none"},
                                                                      {"{user}", "ada"},
                                                                      {"{project}", "vision"},
                                                                      {"{token}", "token-1"},
                                                                      {"{flow}", "digits"},
                                                                      {"{run}", "run-1"},
                                                                      {"{digest}", "sha256:" + std::string(64, 'a')}})
    if (auto const at = path.find(name); at != path.npos) path.replace(at, name.size(), value);
  return fmt::format("{} {}", route.method, path);
}

int expected_refusal(api::Route const& route, std::string const& who) {
  using enum api::Permission;
  static std::map<std::string, int> const rank{{"vera", 1}, {"ada", 2}, {"oper", 3}, {"root", 4}};
  int const needed = route.permission == Viewer                      ? 1
                     : route.permission == Member                    ? 2
                     : route.permission == api::Permission::Operator ? 3
                     : route.permission == Admin                     ? 4
                                                                     : 5;
  if (route.permission == Public) return 0;
  if (who.empty()) return 401;
  if (who == "join") return route.permission == JoinToken ? 0 : 403;
  if (who == "node") return route.permission == Agent ? 0 : 403;
  if (who == "job") return route.job_tokens == api::JobTokens::Taken && needed <= 2 ? 0 : 403;
  return rank.at(who) >= needed ? 0 : 403;
}

TEST(Permissions, HoldOnEveryRouteForEverybody) {
  for (api::Route const& route : api::routes())
    for (std::string const& who : std::vector<std::string>{"", "vera", "ada", "oper", "root", "join", "node", "job"}) {
      Site site;
      JobId const job = site.submit("ada", "vision");
      site.start(job, "a");
      As const as = who == "node"  ? As{.token = {}, .certificate = "node-1"}
                    : who == "job" ? As{.token = "navj_1.1", .certificate = {}}
                                   : As{.token = who.empty() ? "" : "nav_" + who, .certificate = {}};
      Answer const answer = site.call_as(as, request_for(route));
      int const refusal = expected_refusal(route, who);
      if (refusal != 0) EXPECT_EQ(answer.status, refusal) << who << ": " << request_for(route) << "\n" << answer.body;
      else
        EXPECT_TRUE(answer.status != 401 && answer.status < 500 && answer.status != 0) << who << ": " << request_for(route) << "\n"
                                                                                       << answer.status << answer.body;
      if (refusal == 0 && answer.status == 403) {
        EXPECT_EQ(route.operation, api::Operation::RenewCertificate) << who << ": " << request_for(route) << "\n" << answer.body;
      }
    }
}

TEST(Permissions, AWrongTokenIsTold) {
  Site site;
  for (char const* header : {"Bearer nav_wrong", "Basic cm9vdDp4", "Bearer", "Bearer ", "nav_root"}) {
    Answer const answer = site.call("GET /v1/whoami", "", "", {{"Authorization", header}});
    EXPECT_EQ(answer.status, 401) << header;
    EXPECT_EQ(answer.headers.at("WWW-Authenticate"), "Bearer");
    EXPECT_NE(answer.body.find("\"kind\":\"unauthenticated\""), answer.body.npos);
  }
  EXPECT_EQ(site.call("GET /v1/whoami", "", "", {{"Authorization", "bearer nav_root"}}).status, 200) << "the scheme is written in any case";
}

TEST(Permissions, ARevokedTokenAndADisabledUserAreOut) {
  Site site;
  EXPECT_EQ(site.call("GET /v1/whoami", "ada").status, 200);
  site.front.ask_access(RevokeToken{site.front.access.token_for("hash of nav_ada", site.now)->id});
  EXPECT_EQ(site.call("GET /v1/whoami", "ada").status, 401);
  site.front.ask_access(ChangeUser{site.front.access.user_named("bob")->id, {}, true});
  EXPECT_EQ(site.call("GET /v1/whoami", "bob").status, 401);
}

TEST(Permissions, AJobSpeaksForItsProjectWhileItsAttemptLives) {
  Site site;
  JobId const job = site.submit("ada", "vision"), other = site.submit("ada", "default");
  As const token{.token = "navj_1.1", .certificate = {}};
  EXPECT_EQ(site.call_as(token, "GET /v1/whoami").status, 401) << "it has not begun";
  site.start(job, "a");
  EXPECT_EQ(site.call_as(token, "GET /v1/whoami").body, R"({"user":"ada","role":"member","projects":["vision"],"attempt":"1.1"})");
  EXPECT_EQ(site.call_as(token, "GET /v1/jobs/1").status, 200);
  EXPECT_EQ(site.call_as(token, fmt::format("GET /v1/jobs/{}", other.value)).status, 404) << "the same user's, but another project's";
  EXPECT_EQ(site.call_as(token, "POST /v1/jobs", R"({"on":["cpu"],"command":["true"]})").status, 201);
  EXPECT_EQ(site.call_as(token, "POST /v1/jobs", R"({"project":"default","on":["cpu"],"command":["true"]})").status, 400);
  site.end(job);
  EXPECT_EQ(site.call_as(token, "GET /v1/whoami").status, 401);
}

TEST(Permissions, AnAdminsJobIsAMemberAtMost) {
  Site site;
  JobId const job = site.submit("root", "vision");
  site.start(job, "a");
  As const token{.token = "navj_1.1", .certificate = {}};
  EXPECT_EQ(site.call_as(token, "GET /v1/whoami").body, R"({"user":"root","role":"member","projects":["vision"],"attempt":"1.1"})");
  EXPECT_EQ(site.call_as(token, "POST /v1/nodes/a/drain").status, 403);
}

TEST(Permissions, ANodesTokenIsTakenOnLoopbackAlone) {
  Site site;
  std::string const sync = R"({"protocol":1,"node":"node-1"})";
  EXPECT_EQ(site.call_as({.token = "navn_node-1", .certificate = {}}, "POST /v1/agent/sync", sync).status, 200);
  EXPECT_EQ(site.call_as({.token = "navn_node-1", .certificate = {}, .address = "10.0.0.7"}, "POST /v1/agent/sync", sync).status, 401);
  EXPECT_EQ(site.call_as({.token = {}, .certificate = "node-1", .address = "10.0.0.7"}, "POST /v1/agent/sync", sync).status, 200);
  EXPECT_EQ(site.call_as({.token = {}, .certificate = "node-9"}, "POST /v1/agent/sync", sync).status, 401);
  EXPECT_EQ(site.call_as({.token = {}, .certificate = "localhost"}, "POST /v1/agent/sync", sync).status, 401);
}

TEST(Permissions, OthersProjectsAreAsIfTheyWereNotThere) {
  Site site;
  JobId const job = site.submit("ada", "vision");
  site.start(job, "a");
  for (char const* what : {"GET /v1/jobs/1", "GET /v1/jobs/1/why", "GET /v1/jobs/1/log", "GET /v1/events?job=1", "GET /v1/projects/vision"}) {
    EXPECT_EQ(site.call(what, "bob").status, 404) << what;
    EXPECT_EQ(site.call(what, "vera").status, 200) << what;
    EXPECT_EQ(site.call(what, "oper").status, 200) << what;
  }
  EXPECT_EQ(site.call("POST /v1/jobs/1/cancel", "bob").status, 404);
  EXPECT_EQ(site.call("GET /v1/jobs", "bob").body, R"({"items":[]})");
  EXPECT_EQ(site.call("GET /v1/jobs/1", "bob").body, site.call("GET /v1/jobs/1", "bob").body);
  std::string const pool = site.call("GET /v1/pool", "bob").body;
  EXPECT_EQ(pool.find("\"1.1\""), pool.npos);
  site.end(job);
  EXPECT_EQ(site.call("GET /v1/jobs/1", "bob").status, 404) << "over or not";
  EXPECT_EQ(site.call("GET /v1/jobs/1", "vera").status, 200);
}

}  // namespace
}  // namespace nav::http::fixture
