// SPDX-License-Identifier: Apache-2.0
#include "http/door_head.h"

#include <gtest/gtest.h>

namespace nav::http {
namespace {

TEST(DoorHead, ATargetNamesItsJobAndKeepsItsSpelling) {
  auto const target = read_door_target("/jobs/42/lab/a%20b/../c?x=1&door=nav_code&y=%2F");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->job, JobId{42});
  EXPECT_EQ(target->rest, "/lab/a%20b/../c");
  EXPECT_EQ(target->code, "nav_code");
  EXPECT_EQ(target->without_code, "/jobs/42/lab/a%20b/../c?x=1&y=%2F");
  EXPECT_EQ(read_door_target("/jobs/42")->rest, "");
  EXPECT_EQ(read_door_target("/jobs/42/?door=c")->without_code, "/jobs/42/");
  for (char const* other : {"/", "/jobs/", "/jobs/x/", "/jobs/0/", "/v1/jobs", "http://localhost/jobs/42/", "*", "", "/jobs/99999999999999999999/"})
    EXPECT_FALSE(read_door_target(other)) << other;
}

TEST(DoorHead, WhatIsBetweenTheVisitorAndTheDoorStaysThere) {
  DoorRequest const request{.method = "POST",
                            .target = "/jobs/42/x",
                            .fields = {{"Host", "localhost:1"},
                                       {"authorization", "bearer nav_secret"},
                                       {"Cookie", "nav_session_x=a; mine=1; NAV_door_y=b;other=2"},
                                       {"Cookie", "nav_door_z=c"},
                                       {"Connection", "keep-alive, X-Hop"},
                                       {"X-Hop", "1"},
                                       {"Keep-Alive", "5"},
                                       {"Transfer-Encoding", "chunked"},
                                       {"X-Forwarded-For", "6.6.6.6"},
                                       {"Forwarded", "for=6.6.6.6"},
                                       {"NAV-User", "root"},
                                       {"Accept", "*/*"}}};
  EXPECT_EQ(head_for_service(request, {.address = "10.0.0.9", .user = "ada", .encrypted = true}, BodyFraming::Chunked, false),
            "POST /jobs/42/x HTTP/1.1\r\nHost: localhost:1\r\nCookie: mine=1; other=2\r\nAccept: */*\r\nTransfer-Encoding: chunked\r\n"
            "X-Forwarded-For: 10.0.0.9\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: localhost:1\r\nNav-User: ada\r\n\r\n");
  // What a service does with other kinds is its own business.
  EXPECT_EQ(own_token_of({{"Authorization", "token abc"}}), std::nullopt);
  EXPECT_EQ(own_token_of({{"Authorization", "Bearer other"}}), std::nullopt);
  EXPECT_EQ(own_token_of({{"Authorization", "Bearer navj_1.1_x"}}), "navj_1.1_x");
}

TEST(DoorHead, AServicesCookiesStayInItsPart) {
  JobId const job{42};
  EXPECT_EQ(confined_cookie("a=1", job), "a=1; Path=/jobs/42/");
  EXPECT_EQ(confined_cookie("a=1; Path=/; HttpOnly; Domain=.localhost; SameSite=None", job), "a=1; HttpOnly; SameSite=None; Path=/jobs/42/");
  EXPECT_EQ(confined_cookie("a=1; path=/jobs/42/lab", job), "a=1; Path=/jobs/42/lab");
  EXPECT_EQ(confined_cookie("a=1; Path=/jobs/421/", job), "a=1; Path=/jobs/42/");
  EXPECT_EQ(confined_cookie("nav_session_01234567=x; Path=/", job), std::nullopt);
  EXPECT_EQ(confined_cookie(" Nav_door_x=1", job), std::nullopt);
  EXPECT_EQ(confined_cookie("=nav_session_x=1", job), std::nullopt);
}

TEST(DoorHead, AnAnswerDoesNotReachBeyondItsPart) {
  Fields const fields{{"Content-Length", "5"},         {"Set-Cookie", "a=1; Path=/"},      {"Clear-Site-Data", "\"cookies\""},
                      {"Service-Worker-Allowed", "/"}, {"Strict-Transport-Security", "1"}, {"Connection", "close"},
                      {"Content-Type", "text/plain"},  {"X-Split", "a\r\nSet-Cookie: b=1"}};
  EXPECT_EQ(head_for_visitor(200, "Fine\r\n", fields, JobId{42}, BodyFraming::Length, true, false),
            "HTTP/1.1 200 Fine\r\nSet-Cookie: a=1; Path=/jobs/42/\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
}

}  // namespace
}  // namespace nav::http
