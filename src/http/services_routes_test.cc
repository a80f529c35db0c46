// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "api/jobs.h"
#include "api/page.h"
#include "api/service_list.h"
#include "http/api_fixture.h"
#include "http/door.h"

namespace nav::http::fixture {
namespace {

constexpr char workspace_body[] =
    R"({"project":"vision","on":["mig-1g.5gb"],"command":["jupyter","lab"],"service":{"kind":"workspace","idle_after":7200000000}})";
constexpr char endpoint_body[] = R"({"project":"vision","on":["mig-1g.5gb"],"command":["./serve"],"service":{"kind":"endpoint","health":"/healthz"}})";

TEST(Services, AreListedToThoseWhoSeeTheirProjectUntilTheyAreOver) {
  Site site;
  ASSERT_EQ(site.call("POST /v1/jobs", "ada", workspace_body).status, 201);
  ASSERT_EQ(site.call("POST /v1/jobs", "ada", endpoint_body).status, 201);
  ASSERT_EQ(site.call("POST /v1/jobs", "ada", R"({"project":"vision","on":["cpu"],"command":["train"]})").status, 201);
  auto const listed = [&](char const* user, char const* more = "") {
    return read<api::Page<api::ListedService>>(site.call(fmt::format("GET /v1/services{}", more), user));
  };
  auto const all = listed("ada");
  ASSERT_EQ(all.items.size(), 2u);
  EXPECT_EQ(all.items[0].job.id, JobId{1});
  EXPECT_EQ(all.items[0].job.name, "jupyter");
  EXPECT_EQ(all.items[0].job.user, "ada");
  EXPECT_EQ(all.items[0].kind, api::ServiceKind::Workspace);
  EXPECT_EQ(all.items[0].idle_after, hours(2));
  EXPECT_EQ(all.items[0].path, "/jobs/1/");
  EXPECT_EQ(all.items[1].kind, api::ServiceKind::Endpoint);
  EXPECT_EQ(all.items[1].state.phase, api::ServicePhase::Starting);
  EXPECT_EQ(listed("root").items.size(), 2u);
  EXPECT_TRUE(listed("bob").items.empty()) << "another project's";
  auto const first = listed("ada", "?limit=1");
  ASSERT_EQ(first.items.size(), 1u);
  ASSERT_TRUE(first.next);
  EXPECT_EQ(listed("ada", ("?limit=1&cursor=" + *first.next).c_str()).items.at(0).job.id, JobId{2});

  auto const details = read<api::JobDetails>(site.call("GET /v1/jobs/2", "ada"));
  ASSERT_TRUE(details.service);
  EXPECT_EQ(details.service->phase, api::ServicePhase::Starting);
  ASSERT_TRUE(details.request.service);
  EXPECT_EQ(details.request.service->health, "/healthz");
  EXPECT_FALSE(read<api::JobDetails>(site.call("GET /v1/jobs/3", "ada")).service);

  ASSERT_EQ(site.call("POST /v1/jobs/1/cancel", "ada").status, 200);
  EXPECT_EQ(listed("ada").items.size(), 1u);
}

TEST(Services, WhatIsWrongIsRefusedByItsField) {
  Site site;
  auto const body = [](std::string const& service, std::string const& more = "") {
    return fmt::format(R"({{"project":"vision","on":["cpu"],"command":["x"],"service":{}{}}})", service, more);
  };
  struct Case {
    std::string body, field;
  };
  for (auto const& [asked, field] : {
           Case{body("{}"), "service.kind"},
           Case{body(R"({"kind":"notebook"})"), "service.kind"},
           Case{body(R"({"kind":"endpoint","health":"healthz"})"), "service.health"},
           Case{body(R"({"kind":"endpoint","health":"/a b"})"), "service.health"},
           Case{body(R"({"kind":"workspace","idle_after":5})"), "service.idle_after"},
           Case{body(R"({"kind":"workspace","port":8888})"), "service.port"},
           Case{body(R"({"kind":"endpoint"})", R"(,"count":2)"), "count"},
           Case{body(R"({"kind":"endpoint"})", R"(,"members":2)"), "members"},
       }) {
    Answer const answer = site.call("POST /v1/jobs", "ada", asked);
    EXPECT_EQ(answer.status, 400) << asked << answer.body;
    EXPECT_NE(answer.body.find(fmt::format("\"field\":\"{}\"", field)), answer.body.npos) << asked << "\n" << answer.body;
  }
  EXPECT_EQ(site.call("GET /v1/services?limit=0", "ada").status, 400);
  EXPECT_EQ(site.call("GET /v1/services?cursor=x", "ada").status, 400);
}

TEST(Services, AWorkspaceOpensForItsOwnerAndAdministratorsAnEndpointForItsProject) {
  Site site;
  ASSERT_EQ(site.call("POST /v1/jobs", "ada", workspace_body).status, 201);
  ASSERT_EQ(site.call("POST /v1/jobs", "ada", endpoint_body).status, 201);
  auto snapshot = *site.front.snapshot();
  Job const workspace = snapshot.pool.jobs.at(1), endpoint = snapshot.pool.jobs.at(2);
  // bob becomes a member of vision.
  UserId const bob = snapshot.access->user_named("bob")->id;
  snapshot.access.edit().projects.at(workspace.project).members.push_back(bob);
  Caller caller;
  caller.kind = Caller::Kind::User;
  caller.role = Role::Member;
  caller.user = bob;
  EXPECT_FALSE(may_enter(snapshot, caller, workspace));
  EXPECT_TRUE(may_enter(snapshot, caller, endpoint));
  caller.user = workspace.user;
  EXPECT_TRUE(may_enter(snapshot, caller, workspace));
  caller.role = Role::Viewer;
  EXPECT_FALSE(may_enter(snapshot, caller, workspace));
  caller.user = bob;
  caller.role = Role::Admin;
  EXPECT_TRUE(may_enter(snapshot, caller, workspace));
  // A program of the owner's project is not the owner.
  caller = {};
  caller.kind = Caller::Kind::Job;
  caller.role = Role::Member;
  caller.user = workspace.user;
  caller.projects = {workspace.project};
  EXPECT_FALSE(may_enter(snapshot, caller, workspace));
  EXPECT_TRUE(may_enter(snapshot, caller, endpoint));
}

}  // namespace
}  // namespace nav::http::fixture
