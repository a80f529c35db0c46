// SPDX-License-Identifier: Apache-2.0
#include "core/service.h"

#include <gtest/gtest.h>

#include "core/world_fixture.h"

namespace nav {
namespace {

using fixture::a100;
using fixture::job;
using fixture::node;
using fixture::pool_of;
using fixture::World;

JobRequest service_request(ServiceKind kind, std::uint32_t retries = 0) {
  JobRequest request = job("serve", "mig-1g.5gb");
  request.service = Service{kind, "/healthz", minutes(1)};
  request.retries = retries;
  return request;
}

/// One service on a slice of the only GPU, about which its node said nothing yet.
World serving(JobRequest const& request) {
  World world = pool_of(node("a", a100()));
  world.submit(request);
  EXPECT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "");
  world.sync("a");
  return world;
}

/// What the report with this came to.
std::string say(World& world, ServiceStatus const& status) {
  world.real_of("a").attempts.at(0).service = status;
  return world.tell(ReportNode{world.real_of("a")});
}

ServiceStatus seen(ServiceKind kind, ServicePhase phase, std::string reason = {}, Time idle_since = {}) {
  return {kind, phase, std::move(reason), idle_since, minutes(1)};
}

/// How the first job ended, or that it waits again.
std::string outcome_of_service(World const& world) {
  for (auto it = world.history.rbegin(); it != world.history.rend(); ++it) {
    if (auto const* end = std::get_if<JobEnded>(&it->first)) return enum_text(end->end) + ": " + end->message;
    if (auto const* again = std::get_if<JobRequeued>(&it->first)) return (again->counted ? "again: " : "again, not counted: ") + again->message;
  }
  return "it runs";
}

TEST(Service, WhatItsNodeSeesIsAFactOnlyWhereItIsNews) {
  World world = serving(service_request(ServiceKind::Endpoint));
  EXPECT_EQ(say(world, seen(ServiceKind::Endpoint, ServicePhase::Starting)), "") << "so it was when it was queued";
  auto const starting = seen(ServiceKind::Endpoint, ServicePhase::Starting, "nothing listens");
  EXPECT_EQ(say(world, starting), "ServiceReported");
  EXPECT_EQ(say(world, starting), "");
  EXPECT_EQ(say(world, seen(ServiceKind::Endpoint, ServicePhase::Ready)), "ServiceReported");
  EXPECT_EQ(world.pool.services->at(JobId{1}).phase, ServicePhase::Ready);
  world.end(JobId{1}, Outcome::Exited, 0);
  EXPECT_TRUE(world.pool.services->empty());
  EXPECT_EQ(outcome_of_service(world), "succeeded: ") << "it may not be tried again";
}

TEST(Service, WhatItIsWasSaidWhenItWasAskedForAndIsNotItsNodesToChange) {
  World world = serving(service_request(ServiceKind::Workspace));
  EXPECT_EQ(say(world, {ServiceKind::Endpoint, ServicePhase::Unhealthy, "so the node says", {}, hours(3)}), "ServiceReported");
  ServiceStatus const known = world.pool.services->at(JobId{1});
  EXPECT_EQ(known.kind, ServiceKind::Workspace) << "its door stays its owner's";
  EXPECT_EQ(known.idle_after, minutes(1));
  EXPECT_EQ(say(world, seen(ServiceKind::Workspace, ServicePhase::Unhealthy, std::string(5000, 'x'))), "ServiceReported");
  EXPECT_LE(world.pool.services->at(JobId{1}).reason.size(), longest_reason + 3);

  World other = pool_of(node("a", a100()));
  other.submit(job("train", "mig-1g.5gb"));
  EXPECT_EQ(other.place(JobId{1}, "a/0:1g.5gb@0"), "");
  other.sync("a");
  EXPECT_EQ(say(other, seen(ServiceKind::Endpoint, ServicePhase::Unhealthy, "so the node says")), "") << "a job that runs to its end is none";
}

TEST(Service, AnEndpointThatAnswersNoMoreBeginsAnewAsOftenAsItMay) {
  World world = serving(service_request(ServiceKind::Endpoint, 1));
  (void)say(world, seen(ServiceKind::Endpoint, ServicePhase::Ready));
  EXPECT_EQ(say(world, seen(ServiceKind::Endpoint, ServicePhase::Unhealthy, "GET /healthz: 503")), "ServiceReported JobStopRequested");
  EXPECT_EQ(spec_of(world.pool, "test", world.id_of("a")).attempts.at(0).stop, StopCause::Drained) << "an older agent knows that word";
  world.sync("a");
  EXPECT_EQ(outcome_of_service(world), "again: it answered no more: GET /healthz: 503");
  EXPECT_EQ(world.pool.services->at(JobId{1}), seen(ServiceKind::Endpoint, ServicePhase::Starting)) << "the next attempt is another";
  EXPECT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "");
  world.sync("a");
  (void)say(world, seen(ServiceKind::Endpoint, ServicePhase::Unhealthy, "it does not listen"));
  world.sync("a");
  EXPECT_EQ(outcome_of_service(world), "failed: it answered no more: it does not listen");
}

TEST(Service, AnEndpointThatEndsByItselfBeginsAnewHoweverItEnded) {
  World world = serving(service_request(ServiceKind::Endpoint, 2));
  (void)say(world, seen(ServiceKind::Endpoint, ServicePhase::Ready));
  world.end(JobId{1}, Outcome::Exited, 0);
  EXPECT_EQ(outcome_of_service(world), "again: it ended by itself (exit code 0)");
  EXPECT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "");
  world.sync("a");
  world.end(JobId{1}, Outcome::Signalled);
  EXPECT_EQ(outcome_of_service(world), "again: killed by signal 0");
}

TEST(Service, AWorkspaceIsItsOwnersToLookAfterAndDoneWhenItEnds) {
  World world = serving(service_request(ServiceKind::Workspace, 3));
  EXPECT_EQ(say(world, seen(ServiceKind::Workspace, ServicePhase::Unhealthy, "it does not listen")), "ServiceReported");
  world.end(JobId{1}, Outcome::Exited, 0);
  EXPECT_EQ(outcome_of_service(world), "succeeded: ");
}

TEST(Service, WhatNobodyUsedForLongEnoughIsEndedAndNotTriedAgain) {
  World world = serving(service_request(ServiceKind::Workspace, 3));
  Time const since = world.now;
  (void)say(world, seen(ServiceKind::Workspace, ServicePhase::Ready, "", since));
  EXPECT_EQ(world.tell(ReclaimIdle{JobId{1}}), "refused: job 1 is not idle for too long");
  world.now = since + minutes(1);
  (void)say(world, seen(ServiceKind::Workspace, ServicePhase::Ready));
  EXPECT_EQ(world.tell(ReclaimIdle{JobId{1}}), "refused: job 1 is not idle for too long") << "somebody came back";
  (void)say(world, seen(ServiceKind::Workspace, ServicePhase::Ready, "", since));
  EXPECT_EQ(world.tell(ReclaimIdle{JobId{1}}), "JobStopRequested");
  EXPECT_EQ(world.tell(ReclaimIdle{JobId{1}}), "refused: job 1 is not idle for too long") << "it has been told";
  EXPECT_EQ(spec_of(world.pool, "test", world.id_of("a")).attempts.at(0).stop, StopCause::Cancelled);
  world.sync("a");
  EXPECT_EQ(outcome_of_service(world), "cancelled: nobody has used it since 1970-01-01T00:00:01Z, longer than its 1m");
}

TEST(Service, NoLimitMeansForEver) {
  JobRequest request = service_request(ServiceKind::Endpoint);
  request.service->idle_after = {};
  World world = serving(request);
  (void)say(world, seen(ServiceKind::Endpoint, ServicePhase::Ready, "", world.now));
  world.now = world.now + days(1000);
  EXPECT_EQ(world.tell(ReclaimIdle{JobId{1}}), "refused: job 1 is not idle for too long");
}

TEST(Service, WhatNoServiceCanBeIsRefusedByItsField) {
  World world = pool_of(node("a", a100()));
  auto const field = [&](Service const& service, std::uint32_t members = 0, std::uint32_t count = 1) {
    JobRequest request = job("serve", "mig-1g.5gb");
    request.service = service;
    request.members = members;
    auto const done = world.ask(SubmitJobs{request, count, Digest{1, 1}, ProjectId{1}});
    return done ? "taken" : done.error().field;
  };
  for (auto const* health : {"healthz", "/a b", "/a\r\nHost: x", "/a#b"}) EXPECT_EQ(field({ServiceKind::Endpoint, health, {}}), "service.health") << health;
  EXPECT_EQ(field({ServiceKind::Endpoint, "/" + std::string(500, 'a'), {}}), "service.health");
  for (auto const idle : {seconds(-1), seconds(9), days(31)}) EXPECT_EQ(field({ServiceKind::Workspace, "", idle}), "service.idle_after");
  EXPECT_EQ(field({ServiceKind::Workspace, "", {}}, 2), "members");
  EXPECT_EQ(field({ServiceKind::Workspace, "", {}}, 0, 2), "count");
  EXPECT_EQ(field({ServiceKind::Endpoint, "/v1/models?all=1", seconds(10)}), "taken");
}

}  // namespace
}  // namespace nav
