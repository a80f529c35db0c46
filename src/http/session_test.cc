// SPDX-License-Identifier: Apache-2.0
#include "http/session.h"

#include <gtest/gtest.h>

#include "http/api_fixture.h"

namespace nav::http::fixture {
namespace {

/// "name=value" of the cookie an answer sets.
std::string cookie_of(Answer const& answer) {
  std::string const& text = answer.headers.at("Set-Cookie");
  return text.substr(0, text.find(';'));
}

TEST(Session, ATokenBecomesACookieThatScriptsCannotRead) {
  Site site;
  Answer const in = site.call("POST /v1/session", "ada");
  ASSERT_EQ(in.status, 201) << in.body;
  std::string const& set = in.headers.at("Set-Cookie");
  for (char const* part : {"; HttpOnly", "; SameSite=Strict", "; Path=/", "; Max-Age=2592000"}) EXPECT_NE(set.find(part), set.npos) << set;
  EXPECT_EQ(set.find("nav_ada"), set.npos) << "the token itself is not kept in the browser";
  EXPECT_EQ(set.find("Secure"), set.npos) << "this came without TLS";

  Answer const me = site.call("GET /v1/whoami", "", "", {{"Cookie", "other=1; " + cookie_of(in)}});
  EXPECT_EQ(me.status, 200) << me.body;
  EXPECT_NE(me.body.find("\"user\":\"ada\""), me.body.npos);
}

TEST(Session, ChangesByCookieMustComeFromAPageOfThisServer) {
  Site site;
  std::string const cookie = cookie_of(site.call("POST /v1/session", "ada"));
  std::string const job = R"({"project":"vision","on":["cpu"],"command":["true"]})";
  auto const post = [&](std::map<std::string, std::string> headers) {
    headers["Cookie"] = cookie;
    headers["Host"] = "127.0.0.1:8440";
    return site.call("POST /v1/jobs", "", job, headers).status;
  };
  EXPECT_EQ(post({}), 403);
  EXPECT_EQ(post({{"Origin", "http://evil.example"}}), 403);
  EXPECT_EQ(post({{"Origin", "http://127.0.0.1:9999"}}), 403) << "another server of this machine";
  EXPECT_EQ(post({{"Origin", "null"}}), 403);
  EXPECT_EQ(post({{"Origin", "http://127.0.0.1:8440"}}), 201);
}

TEST(Session, EndsWhenItIsEndedRevokedOrOver) {
  Site site;
  std::string const cookie = cookie_of(site.call("POST /v1/session", "ada"));
  std::string const other = cookie_of(site.call("POST /v1/session", "ada"));
  auto const status = [&](std::string const& of) { return site.call("GET /v1/whoami", "", "", {{"Cookie", of}}).status; };
  Answer const out = site.call("POST /v1/session/end", "", "", {{"Cookie", cookie}, {"Host", "h"}, {"Origin", "http://h"}});
  EXPECT_EQ(out.status, 200) << out.body;
  EXPECT_NE(out.headers.at("Set-Cookie").find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(status(cookie), 401);
  EXPECT_EQ(status(other), 200);
  site.now = site.now + days(31);
  EXPECT_EQ(status(other), 401);
}

TEST(Session, CookiesOfAnotherInstallationAndOfMachinesOpenNothing) {
  Site site;
  std::string const name = session_cookie(site.front.snapshot()->installation);
  EXPECT_EQ(site.call("GET /v1/whoami", "", "", {{"Cookie", "nav_session_ffffffff=nav_ada"}}).status, 401);
  EXPECT_EQ(site.call("GET /v1/whoami", "", "", {{"Cookie", name + "=nav_join"}}).status, 401);
  EXPECT_EQ(site.call("GET /v1/whoami", "", "", {{"Cookie", name + "="}}).status, 401);
}

TEST(Session, OverTlsTheCookieStaysThere) { EXPECT_NE(session_cookie_text("0123456789ab", "nav_x", true).find("; Secure"), std::string::npos); }

}  // namespace
}  // namespace nav::http::fixture
