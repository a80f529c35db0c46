// SPDX-License-Identifier: Apache-2.0
#include "http/target.h"

#include <gtest/gtest.h>

namespace nav::http {
namespace {

TEST(Target, IsTakenApartAndDecodedOnce) {
  auto const target = parse_target("/v1/jobs/a%20b%2Fc?state=queued&state=a%26b&flag&=odd&&q=1%2B1+2#frag");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/v1/jobs/a b/c");
  EXPECT_EQ(target->segments, (std::vector<std::string>{"v1", "jobs", "a b/c"}));
  EXPECT_EQ(target->query, (std::map<std::string, std::vector<std::string>>{{"state", {"queued", "a&b"}}, {"flag", {""}}, {"", {"odd"}}, {"q", {"1+1 2"}}}));
  EXPECT_EQ(parse_target("/%2541")->path, "/%41");
}

TEST(Target, TheRootHasNoSegments) {
  EXPECT_TRUE(parse_target("/")->segments.empty());
  EXPECT_TRUE(parse_target("/?x=1")->segments.empty());
  EXPECT_EQ(parse_target("http://host:80?x=1")->path, "/");
}

TEST(Target, TheAbsoluteFormNamesItsHost) {
  auto const target = parse_target("http://host:80/a/b");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->authority, "host:80");
  EXPECT_EQ(target->path, "/a/b");
  EXPECT_EQ(parse_target("/redirect?to=http://x/")->authority, "");
}

TEST(Target, OtherSpellingsOfTheSameTextAreRefused) {
  for (std::string_view const raw : {"/%", "/%4", "/%4g", "/%00", "/%c0%af", "/%ed%a0%80", "/%f4%90%80%80", "/?%ff=1", "/?a=%", "", "jobs", "http:///x"})
    EXPECT_FALSE(parse_target(raw)) << raw;
  for (std::string_view const raw : {"/%C3%A9", "/%e2%82%ac", "/%F0%9F%99%82"}) EXPECT_TRUE(parse_target(raw)) << raw;
}

TEST(Host, IsTheAuthorityWithoutItsPort) {
  EXPECT_EQ(host_of("name:80"), "name");
  EXPECT_EQ(host_of("name"), "name");
  EXPECT_EQ(host_of("[::1]:80"), "::1");
  EXPECT_EQ(host_of("[::1]"), "::1");
  for (std::string_view const odd : {"", "name:http", "[::1", "[::1]x", "name:123456", "user@:80x"}) EXPECT_EQ(host_of(odd), "") << odd;
}

TEST(Host, NamesThatMayPointAnywhereAreNotOurs) {
  for (std::string_view const own : {"localhost", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1", "::1", "192.168.1.5", "GPU1.lan"})
    EXPECT_TRUE(is_own_host(own, {"gpu1.lan"})) << own;
  for (std::string_view const foreign : {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "gpu1.lan.evil", "0x7f.1"})
    EXPECT_FALSE(is_own_host(foreign, {"gpu1.lan"})) << foreign;
}

}  // namespace
}  // namespace nav::http
