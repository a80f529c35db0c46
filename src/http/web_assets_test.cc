// SPDX-License-Identifier: Apache-2.0
#include "http/web_assets.h"

#include <gtest/gtest.h>

#include "http/api_fixture.h"

namespace nav::http::fixture {
namespace {

WebAssets const pages{
    {"index.html", {.content_type = "text/html", .plain = "<script nonce=\"NAV_NONCE\"></script><style nonce=\"NAV_NONCE\">", .gzip = {}, .brotli = {}}},
    {"assets/main-1.js", {.content_type = "text/javascript", .plain = "long text", .gzip = "zipped", .brotli = "packed"}}};

Answer get(std::string const& path, std::map<std::string, std::string> headers = {}) {
  Site site(ApiOptions{.web = pages});
  return site.call("GET " + path, "", "", std::move(headers));
}

TEST(Pages, CarryAFreshNonceAndAStrictPolicy) {
  Answer const page = get("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.body.find("NAV_NONCE"), page.body.npos);
  std::string const& policy = page.headers.at("Content-Security-Policy");
  auto const at = page.body.find("nonce=\"") + 7;
  std::string const nonce = page.body.substr(at, page.body.find('"', at) - at);
  EXPECT_NE(policy.find("script-src 'self' 'nonce-" + nonce + "'"), policy.npos) << policy;
  EXPECT_EQ(policy.find("unsafe"), policy.npos) << policy;
  EXPECT_EQ(page.headers.at("Cache-Control"), "no-store");
}

TEST(Pages, KnowTheirOwnAddresses) {
  EXPECT_EQ(get("/jobs/42", {{"Accept", "text/html,*/*"}}).status, 200);
  EXPECT_EQ(get("/jobs/42", {{"Accept", "application/json"}}).status, 404) << "a program is told";
  EXPECT_EQ(get("/v1/nothing", {{"Accept", "text/html"}}).status, 404) << "the API's addresses are the API's";
  EXPECT_EQ(get("/assets/gone.js", {{"Accept", "text/html"}}).status, 404);
  EXPECT_EQ(get("/../etc/passwd").status, 404);
}

TEST(Pages, FilesGoOutPackedAndAreKept) {
  Answer const packed = get("/assets/main-1.js", {{"Accept-Encoding", "gzip, br"}});
  EXPECT_EQ(packed.body, "packed");
  EXPECT_EQ(packed.headers.at("Content-Encoding"), "br");
  EXPECT_NE(packed.headers.at("Cache-Control").find("immutable"), std::string::npos);
  EXPECT_EQ(get("/assets/main-1.js", {{"Accept-Encoding", "gzip"}}).body, "zipped");
  EXPECT_EQ(get("/assets/main-1.js").body, "long text");
}

TEST(Pages, WhereThereAreNoneTheLandingPageSaysSo) {
  Site site;
  EXPECT_NE(site.call("GET /", "").body.find("were not built"), std::string::npos);
  EXPECT_EQ(site.call("GET /pool", "", "", {{"Accept", "text/html"}}).status, 404);
}

}  // namespace
}  // namespace nav::http::fixture
