// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/flow_schedules.h"
#include "http/api_fixture.h"

namespace nav::http::fixture {
namespace {

constexpr char const* definition = R"({"name":"nightly","components":{"a":{"on":["cpu"],"command":["true"]}}})";

std::string wish(std::string const& more, std::string const& flow = definition) {
  return fmt::format(R"({{"run":{{"project":"vision","definition":{}}},{}}})", flow, more);
}

api::FlowSchedule schedule_in(Answer const& answer) {
  auto const read = json_read<api::FlowSchedule>(answer.body, Unknown::Ignore);
  EXPECT_TRUE(read) << answer.body;
  return read.value_or(api::FlowSchedule{});
}

TEST(FlowSchedules, AreMadeShownPausedResumedAndDeleted) {
  Site site;
  Answer const made = site.call("POST /v1/flow-schedules", "ada", wish(R"("cron":"0 3 * * *")"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.headers.at("Location"), "/v1/flow-schedules/schedule-1");
  auto const schedule = schedule_in(made);
  EXPECT_EQ(schedule.user, "ada");
  EXPECT_EQ(schedule.next->us % hours(24).us, hours(3).us);
  EXPECT_TRUE(says(site.call("GET /v1/flow-schedules?flow=nightly&project=vision", "vera"), R"("id":"schedule-1")"));
  EXPECT_FALSE(says(site.call("GET /v1/flow-schedules?flow=daily", "vera"), R"("id":"schedule-1")"));
  auto const details = json_read<api::FlowScheduleDetails>(site.call("GET /v1/flow-schedules/schedule-1", "ada").body, Unknown::Ignore);
  ASSERT_EQ(details->next.size(), 5u);
  EXPECT_EQ(details->next[4] - details->next[0], days(4));
  auto const paused = schedule_in(site.call("POST /v1/flow-schedules/schedule-1/pause", "ada"));
  EXPECT_TRUE(paused.paused && !paused.next);
  EXPECT_TRUE(schedule_in(site.call("POST /v1/flow-schedules/schedule-1/resume", "ada")).next);
  EXPECT_EQ(site.call("DELETE /v1/flow-schedules/schedule-1", "ada").status, 200);
  EXPECT_EQ(site.call("DELETE /v1/flow-schedules/schedule-1", "ada").status, 404);
}

TEST(FlowSchedules, AskedForTwiceWithOneKeyThereIsOne) {
  Site site;
  auto const ask = [&] { return site.call("POST /v1/flow-schedules", "ada", wish(R"("cron":"@daily")"), {{"Idempotency-Key", "k"}}); };
  EXPECT_EQ(schedule_in(ask()).id, schedule_in(ask()).id);
  EXPECT_EQ(site.front.flows.schedules.size(), 1u);
}

TEST(FlowSchedules, AreForMembersOfTheirProject) {
  Site site;
  EXPECT_EQ(site.call("POST /v1/flow-schedules", "vera", wish(R"("cron":"@daily")")).status, 403);
  ASSERT_EQ(site.call("POST /v1/flow-schedules", "ada", wish(R"("cron":"@daily")")).status, 201);
  EXPECT_EQ(site.call("POST /v1/flow-schedules/schedule-1/pause", "vera").status, 403);
  EXPECT_EQ(site.call("POST /v1/flow-schedules/schedule-1/pause", "bob").status, 404);  // he is in another project
  EXPECT_EQ(site.call("DELETE /v1/flow-schedules/schedule-1", "bob").status, 404);
  EXPECT_FALSE(says(site.call("GET /v1/flow-schedules", "bob"), "schedule-1"));
  EXPECT_EQ(site.call("POST /v1/flow-schedules/schedule-1/pause", "oper").status, 200);
}

TEST(FlowSchedules, AreChangedUnderTheirETagByWhomTheyAreThenFor) {
  Site site;
  ASSERT_EQ(site.call("POST /v1/flow-schedules", "ada", wish(R"("cron":"0 3 * * *","overlap":"allow")")).status, 201);
  auto const change = [&](std::string const& who, std::string const& body, std::string const& etag) {
    return site.call("PATCH /v1/flow-schedules/schedule-1", who, body, {{"If-Match", etag}});
  };
  std::string const etag = site.call("GET /v1/flow-schedules/schedule-1", "ada").headers.at("ETag");
  Answer const changed = change("oper", R"({"cron":"0 4 * * *","cache":false})", etag);
  ASSERT_EQ(changed.status, 200) << changed.body;
  auto const schedule = schedule_in(changed);
  EXPECT_EQ(schedule.next->us % hours(24).us, hours(4).us);
  EXPECT_EQ(schedule.user, "oper");
  EXPECT_TRUE(!schedule.cache && schedule.overlap == api::Overlap::Allow) << "what is absent stays";
  EXPECT_EQ(change("ada", R"({"cron":"@daily"})", etag).status, 412) << "it is another by now";
  EXPECT_EQ(site.call("PATCH /v1/flow-schedules/schedule-1", "ada", R"({"cron":"@daily"})").status, 400) << "without If-Match";
  EXPECT_EQ(change("ada", R"({"cron":"@daily"})", changed.headers.at("ETag")).status, 200);
  EXPECT_EQ(change("vera", R"({"cron":"@daily"})", "*").status, 403);
  EXPECT_EQ(change("bob", R"({"cron":"@daily"})", "*").status, 404);
}

TEST(FlowSchedules, AChangeThatCannotBeIsRefusedWithItsFieldAndChangesNothing) {
  Site site;
  ASSERT_EQ(site.call("POST /v1/flow-schedules", "ada", wish(R"("cron":"0 3 * * *")")).status, 201);
  std::string const before = site.call("GET /v1/flow-schedules/schedule-1", "ada").body;
  auto const refused = [&](std::string const& body, std::string const& field) {
    Answer const answer = site.call("PATCH /v1/flow-schedules/schedule-1", "ada", body, {{"If-Match", "*"}});
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_TRUE(says(answer, fmt::format(R"("field":"{}")", field))) << answer.body;
  };
  refused(R"({"cron":"0 25 * * *"})", "cron");
  refused(R"({"time_zone":"Mars/Base"})", "time_zone");
  refused(R"({"may_be_late":1})", "may_be_late");
  refused(R"({"version":7})", "version");
  refused(R"({"parameters":{"rows":"1"}})", "parameters.rows");
  refused(R"({"trials_allowed":0})", "trials_allowed");
  refused(R"({"flow":"other"})", "flow");
  EXPECT_EQ(site.call("GET /v1/flow-schedules/schedule-1", "ada").body, before);
}

TEST(FlowSchedules, WhatIsWrongIsNamedWithItsField) {
  Site site;
  auto const refused = [&](std::string const& body, std::string const& field, std::string const& hint) {
    Answer const answer = site.call("POST /v1/flow-schedules", "ada", body);
    EXPECT_EQ(answer.status, 400) << answer.body;
    EXPECT_TRUE(says(answer, fmt::format(R"("field":"{}")", field))) << answer.body;
    EXPECT_TRUE(says(answer, hint)) << answer.body;
  };
  refused(wish(R"("cron":"0 25 * * *")"), "cron", "hour: 0 to 23");
  refused(wish(R"("cron":"@daily","time_zone":"Mars/Base")"), "time_zone", "Mars/Base");
  refused(wish(R"("cron":"@daily","overlap":"perhaps")"), "overlap", "skip");
  refused(wish(R"("cron":"@daily","may_be_late":1)"), "may_be_late", "1m to 31d");
  refused(wish(R"("cron":"@daily","often":1)"), "often", "");
  refused(wish(R"("time_zone":"UTC")"), "cron", "");
  refused(R"({"cron":"@daily","run":{"project":"vision","flow":"none"}})", "run.flow", "");
  refused(R"({"cron":"@daily","run":{"project":"vision"}})", "run.definition", "one of definition and flow");
  refused(wish(R"("cron":"@daily")", R"({"name":"nightly","components":{"a":{"on":["cpux"],"command":["true"]}}})"), "run.definition.components.a.on[0]",
          "did you mean cpu?");
  EXPECT_TRUE(site.front.flows.schedules.empty());
  EXPECT_EQ(site.call("GET /v1/flow-schedules/digits", "ada").status, 404);
}

}  // namespace
}  // namespace nav::http::fixture
