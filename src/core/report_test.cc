// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/world_fixture.h"

// What a node's report comes to: attempts that start and end, hardware that fails, and news that is late, doubled or wrong.
namespace nav {
namespace {

using fixture::a100;
using fixture::job;
using fixture::node;
using fixture::pool_of;
using fixture::v100;
using fixture::World;

/// A world with one job running on a slice of the first GPU of "a".
World running(JobRequest request = job("train", "mig-1g.5gb"), std::string const& where = "a/0:1g.5gb@0") {
  World world = pool_of(node("a", a100(), a100()), node("b", a100()));
  world.submit(request);
  EXPECT_EQ(world.place(JobId{1}, where), "");
  world.sync("a");
  return world;
}

JobRequest with_retries(std::uint32_t retries) {
  JobRequest request = job("train", "mig-1g.5gb");
  request.retries = retries;
  return request;
}
JobRequest restartable() {
  JobRequest request = job("train", "mig-1g.5gb");
  request.restartable = true;
  return request;
}

std::string state_of(World const& world, JobId id = JobId{1}) {
  Job const* job = world.pool.job(id);
  if (job) return enum_text(job->state);
  for (auto it = world.history.rbegin(); it != world.history.rend(); ++it)
    if (auto const* end = std::get_if<JobEnded>(&it->first); end && end->job == id)
      return enum_text(end->end) + (end->message.empty() ? "" : ": " + end->message);
  return "unknown";
}

void xid(World& world, std::string const& name, std::uint32_t number, std::string placement, std::size_t gpu = 0) {
  NodeStatus& status = world.real_of(name);
  std::uint64_t const next = status.xids.empty() ? 1 : status.xids.back().number + 1;
  status.xids.push_back({next, status.gpus[gpu].uuid, std::move(placement), number, world.now});
}

// ---- attempts

TEST(Report, AnAttemptStartsAndEndsAndItsSliceIsIdle) {
  World world = running();
  EXPECT_EQ(state_of(world), "running");
  world.end(JobId{1}, Outcome::Exited, 0);
  EXPECT_EQ(state_of(world), "succeeded");
  EXPECT_EQ(world.text(), "a ready\n  gpu0 a100 mig 1g.5gb@0\n  gpu1 a100 whole\nb ready\n  gpu0 a100 whole\n");
  EXPECT_EQ(world.node("a").memory_mib_used, 0u);
}

TEST(Report, TheSameReportTwiceIsTheSameAsOnce) {
  World world = running();
  EXPECT_EQ(world.tell(ReportNode{world.real_of("a")}), "");
  NodeStatus const last = world.real_of("a");
  world.end(JobId{1}, Outcome::Exited, 0);
  EXPECT_EQ(world.tell(ReportNode{world.real_of("a")}), "");
  EXPECT_EQ(world.tell(ReportNode{last}), "") << "late news of an attempt that is over";
}

TEST(Report, AnAttemptNamedTwiceEndsOnce) {
  World world = running();
  NodeStatus& status = world.real_of("a");
  status.attempts[0].phase = AttemptPhase::Ended;
  status.attempts.push_back(status.attempts[0]);
  EXPECT_EQ(world.tell(ReportNode{status}), "AttemptEnded JobEnded");
}

TEST(Report, AJobThatEndedBetweenTwoReportsStartedFirst) {
  World world = pool_of(node("a", a100()));
  world.submit(job("short", "cpu"));
  ASSERT_EQ(world.place(JobId{1}, "a"), "");
  world.obey(NodeId{1});
  world.real_of("a").attempts[0].phase = AttemptPhase::Ended;
  EXPECT_EQ(world.tell(ReportNode{world.real_of("a")}), "JobStarted AttemptEnded JobEnded");
}

TEST(Report, AnAttemptTheNodeNoLongerKnowsIsLostOnceTheNodeHasSeenItsSpec) {
  World world = pool_of(node("a", a100()));
  world.submit(job("train", "mig-1g.5gb"));
  ASSERT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "");
  world.report(NodeId{1});
  EXPECT_EQ(state_of(world), "starting") << "the node has not heard of it yet";
  world.sync("a");
  world.real_of("a").attempts.clear();
  world.report(NodeId{1});
  EXPECT_EQ(state_of(world), "lost: a no longer knows the attempt");
}

// ---- what becomes of a job

TEST(Retries, AFailureTakesOneAndWithoutAnyTheJobHasFailed) {
  World world = running(with_retries(1));
  world.end(JobId{1}, Outcome::Exited, 3);
  EXPECT_EQ(state_of(world), "queued");
  EXPECT_EQ(world.pool.job(JobId{1})->retries_left, 0u);
  ASSERT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "");
  EXPECT_EQ(to_text(world.pool.job(JobId{1})->attempt_id()), "1.2");
  world.end(JobId{1}, Outcome::Signalled);
  EXPECT_EQ(state_of(world), "failed: killed by signal 0");
}

TEST(Retries, AJobThatComesBackTakesItsOldPlaceInTheQueue) {
  World world = pool_of(node("a", a100()));
  world.submit(with_retries(1), 3);
  ASSERT_EQ(world.place(JobId{2}, "a/0:1g.5gb@0"), "");
  world.end(JobId{2}, Outcome::Exited, 1);
  ClassQueue const& queue = world.pool.queues.at(world.pool.job(JobId{1})->queue);
  EXPECT_EQ(queue.head, JobId{1});
  EXPECT_EQ(world.pool.job(JobId{1})->after, JobId{2});
  EXPECT_EQ(world.pool.job(JobId{2})->after, JobId{3});
  EXPECT_EQ(queue.tail, JobId{3});
}

TEST(Retries, ANodesFaultCostsNoneButIsNotTriedForEver) {
  World world = pool_of(node("a", a100()));
  world.submit(with_retries(0));
  for (std::uint32_t i = 1; i < most_node_errors; ++i) {
    ASSERT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "");
    world.end(JobId{1}, Outcome::NodeError, 0, "no slice could be made");
    ASSERT_EQ(state_of(world), "queued") << i;
  }
  ASSERT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "");
  world.end(JobId{1}, Outcome::NodeError, 0, "no slice could be made");
  EXPECT_EQ(state_of(world), "failed: could not be started on 5 nodes or slices; last: no slice could be made");
}

TEST(Retries, ARequestsOwnFaultIsNotTriedAgain) {
  World world = running(with_retries(5));
  world.end(JobId{1}, Outcome::CouldNotStart, 0, "there is no command trian");
  EXPECT_EQ(state_of(world), "failed: there is no command trian");
}

TEST(Retries, AnUnknownOutcomeIsTriedAgainOnlyIfTheJobMayBeRestarted) {
  World once = running();
  once.end(JobId{1}, Outcome::Lost, 0, "its supervisor died");
  EXPECT_EQ(state_of(once), "lost: its supervisor died");
  World again = running(restartable());
  again.end(JobId{1}, Outcome::Lost, 0, "its supervisor died");
  EXPECT_EQ(state_of(again), "queued");
}

// ---- silence

TEST(Lease, OnASilentNodeOnlyWhatMayBeRestartedIsPlacedAgain) {
  World world = pool_of(node("a", a100()), node("b", a100()));
  world.submit(restartable());
  world.submit(job("train", "mig-1g.5gb"));
  ASSERT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "");
  ASSERT_EQ(world.place(JobId{2}, "a/0:1g.5gb@1"), "");
  world.sync("a");
  EXPECT_EQ(world.tell(ExpireLeases{NodeId{1}}), "") << "it answers";
  EXPECT_EQ(world.tell(MissNode{NodeId{1}}), "NodeUnreachable");
  EXPECT_EQ(world.tell(MissNode{NodeId{1}}), "NodeUnreachable") << "said again, after a restart, it changes nothing";
  EXPECT_EQ(world.tell(ExpireLeases{NodeId{1}}), "AttemptEnded JobRequeued");
  EXPECT_EQ(world.tell(ExpireLeases{NodeId{1}}), "");
  EXPECT_EQ(state_of(world, JobId{2}), "running") << "it runs on, and only its node or an administrator can tell otherwise";
  EXPECT_EQ(world.place(JobId{1}, "b/0:1g.5gb@0"), "");
  EXPECT_EQ(world.tell(ReportNode{world.real_of("a")}), "NodeConfirmed") << "the attempt it still names is late news";
  EXPECT_EQ(state_of(world, JobId{1}), "starting");
}

TEST(Lost, ADeclaredLostNodesJobsAreOverOrPlacedAgain) {
  World world = pool_of(node("a", a100()), node("b", a100()));
  world.submit(restartable());
  world.submit(job("train", "mig-1g.5gb"));
  world.submit(with_retries(1));
  for (std::uint64_t i : {1, 2, 3}) ASSERT_EQ(world.place(JobId{i}, fmt::format("a/0:1g.5gb@{}", i)), "");
  world.sync("a");
  world.tell(MissNode{NodeId{1}});
  EXPECT_EQ(world.tell(DeclareNodeLost{NodeId{1}}), "AttemptEnded JobRequeued AttemptEnded JobEnded AttemptEnded JobRequeued NodeLost");
  EXPECT_EQ(state_of(world, JobId{1}), "queued");
  EXPECT_EQ(state_of(world, JobId{2}), "lost: a was declared lost");
  EXPECT_EQ(state_of(world, JobId{3}), "queued");
  EXPECT_TRUE(world.pool.node(NodeId{1})->gpus.empty());
}

// ---- XIDs

TEST(Xid, AnErrorOfAnApplicationEndsItsJobAndSetsNothingAside) {
  World world = running();
  xid(world, "a", 31, "1g.5gb@0");
  EXPECT_EQ(world.tell(ReportNode{world.real_of("a")}), "JobStopRequested XidsNoted");
  world.sync("a");
  EXPECT_EQ(state_of(world), "failed: the driver reported XID 31, an error of its program");
  EXPECT_EQ(world.text(), "a ready\n  gpu0 a100 mig 1g.5gb@0\n  gpu1 a100 whole\nb ready\n  gpu0 a100 whole\n");
}

TEST(Xid, AContainedHardwareErrorSetsItsSliceAsideAndMovesOnlyTheJobOnIt) {
  World world = running();
  world.submit(job("neighbour", "mig-1g.5gb"));
  ASSERT_EQ(world.place(JobId{2}, "a/0:1g.5gb@1"), "");
  world.sync("a");
  xid(world, "a", 94, "1g.5gb@0");
  EXPECT_EQ(world.tell(ReportNode{world.real_of("a")}), "SetAside JobStopRequested XidsNoted");
  EXPECT_EQ(world.tell(ReportNode{world.real_of("a")}), "") << "an error is counted once";
  world.sync("a");
  EXPECT_EQ(state_of(world, JobId{1}), "queued");
  EXPECT_EQ(state_of(world, JobId{2}), "running");
  EXPECT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "1g.5gb@0 is not free");
  EXPECT_EQ(world.tell(TakeBack{NodeId{1}, 0, "1g.5gb@0"}), "TakenBack");
  EXPECT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "");
}

TEST(Xid, AJobItsHardwareKilledInTheSameReportIsPlacedAgain) {
  World world = running();
  world.obey(NodeId{1});
  xid(world, "a", 94, "1g.5gb@0");
  auto& attempt = world.real_of("a").attempts[0];
  attempt.phase = AttemptPhase::Ended;
  attempt.outcome = Outcome::Signalled;
  attempt.signal = 6;
  EXPECT_EQ(world.tell(ReportNode{world.real_of("a")}), "SetAside JobStopRequested XidsNoted AttemptEnded JobRequeued");
  EXPECT_FALSE(std::get<JobRequeued>(world.history.back().first).counted);
}

TEST(Xid, OneThatTheDriverAttributesToNoInstanceSetsTheGpuAside) {
  World world = running();
  xid(world, "a", 79, "");
  EXPECT_EQ(world.tell(ReportNode{world.real_of("a")}), "SetAside JobStopRequested XidsNoted");
  EXPECT_FALSE(world.node("a").gpus[0].aside.empty());
  EXPECT_TRUE(world.node("a").gpus[1].aside.empty());
  EXPECT_EQ(world.tell(TakeBack{NodeId{1}, 0, ""}), "TakenBack");
}

TEST(Xid, SeveralOnOneSliceInOneReportSetItAsideOnce) {
  World world = running();
  xid(world, "a", 94, "1g.5gb@0");
  xid(world, "a", 95, "1g.5gb@0");
  EXPECT_EQ(world.tell(ReportNode{world.real_of("a")}), "SetAside JobStopRequested XidsNoted");
  EXPECT_EQ(world.pool.job(JobId{1})->aside, 1u);
}

TEST(Xid, AJobUnderWhichEverythingFailsIsNotBelievedForEver) {
  World world = pool_of(node("a", a100(), a100()));
  world.submit(job("train", "mig-1g.5gb"));
  for (std::uint32_t i = 0; i <= most_set_aside; ++i) {
    ASSERT_EQ(world.place(JobId{1}, fmt::format("a/0:1g.5gb@{}", i)), "");
    world.sync("a");
    xid(world, "a", 94, fmt::format("1g.5gb@{}", i));
    world.report(NodeId{1});
    world.sync("a");
  }
  EXPECT_EQ(state_of(world), "failed: the driver reported XID 94 under it after 2 parts of GPUs were set aside for the same");
  EXPECT_EQ(world.text(), "a ready\n  gpu0 a100 mig 1g.5gb@0! 1g.5gb@1! 1g.5gb@2\n  gpu1 a100 whole\n");
}

TEST(Report, OfAnEarlierBootChangesNothing) {
  World world = running();
  NodeStatus const before = world.real_of("a");
  NodeStatus after = before;
  after.boot = "boot-2";
  after.boots = before.boots + 1;
  after.attempts.clear();
  EXPECT_EQ(world.tell(ReportNode{after}), "NodeConfirmed AttemptEnded JobEnded");
  EXPECT_EQ(world.tell(ReportNode{before}), "refused: this report is of an earlier boot of a");
}

NodeStatus after_a_boot(World& world) {
  NodeStatus status = world.real_of("a");
  status.boot += "+";
  ++status.boots;
  status.xids.clear();
  status.attempts.clear();
  return status;
}

TEST(Xid, WhatAnErrorSetAsideIsUsedAgainAfterARestartWhereTheDriverFindsNothingWrong) {
  World world = running();
  xid(world, "a", 94, "1g.5gb@0");
  world.report(NodeId{1});
  world.sync("a");
  xid(world, "a", 79, "");
  world.report(NodeId{1});
  EXPECT_EQ(world.tell(ReportNode{world.real_of("a")}), "") << "of the same boot";

  NodeStatus status = after_a_boot(world);
  status.gpus[0].problem = "a row of its memory could not be replaced";
  EXPECT_EQ(world.tell(ReportNode{status}), "NodeConfirmed");
  EXPECT_FALSE(world.node("a").gpus[0].aside.empty()) << "the restart has not mended it";
  status.gpus[0].problem.clear();
  EXPECT_EQ(world.tell(ReportNode{status}), "TakenBack TakenBack");
  EXPECT_EQ(world.tell(ReportNode{status}), "");
  EXPECT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "");
}

TEST(ByHand, WhatIsSetAsideIsGivenToNobodyAndWhoHoldsItStays) {
  World world = running();
  EXPECT_EQ(world.tell(KeepAside{NodeId{1}, 0, "1g.5gb@0", "its fan is loud"}), "SetAside");
  EXPECT_EQ(world.tell(KeepAside{NodeId{1}, 0, "1g.5gb@0", "its fan is loud"}), "") << "said twice";
  EXPECT_EQ(state_of(world), "running");
  world.end(JobId{1}, Outcome::Exited, 0);
  world.submit(job("next", "mig-1g.5gb"));
  EXPECT_EQ(world.place(JobId{2}, "a/0:1g.5gb@0"), "1g.5gb@0 is not free");
  EXPECT_EQ(world.tell(KeepAside{NodeId{1}, 0, "", "all of it"}), "SetAside");
  EXPECT_EQ(world.tell(TakeBack{NodeId{1}, 0, "1g.5gb@0"}), "TakenBack");
  EXPECT_NE(world.place(JobId{2}, "a/0:1g.5gb@0"), "") << "the whole GPU is";
  EXPECT_EQ(world.tell(TakeBack{NodeId{1}, 0, ""}), "TakenBack");
  EXPECT_EQ(world.place(JobId{2}, "a/0:1g.5gb@0"), "");
}

TEST(ByHand, NeitherARestartNorAnErrorGivesItBack) {
  World world = running();
  EXPECT_EQ(world.tell(KeepAside{NodeId{1}, 0, "1g.5gb@0", "its fan is loud"}), "SetAside");
  EXPECT_EQ(world.tell(KeepAside{NodeId{1}, 1, "", "for a demonstration"}), "SetAside");
  xid(world, "a", 94, "1g.5gb@0");
  EXPECT_EQ(world.tell(ReportNode{world.real_of("a")}), "JobStopRequested XidsNoted") << "the reason a person gave stays";
  world.sync("a");
  NodeStatus status = after_a_boot(world);
  EXPECT_EQ(world.tell(ReportNode{status}), "NodeConfirmed");
  EXPECT_EQ(world.node("a").gpus[0].slices[0].aside, "by hand: its fan is loud");
  EXPECT_EQ(world.node("a").gpus[1].aside, "by hand: for a demonstration");
}

TEST(ByHand, WhatIsNotThereIsRefusedByName) {
  World world = running();
  auto const refusal = [&](KeepAside const& what) {
    auto const said = world.ask(what);
    return said ? std::string("taken") : fmt::format("{}: {} ({})", said.error().field, said.error().message, said.error().hint);
  };
  EXPECT_EQ(refusal({NodeId{1}, 0, "2g.10gb@4", "why"}), "placement: there is no slice 2g.10gb@4 on GPU 0 of a (there are 1g.5gb@0)");
  EXPECT_EQ(refusal({NodeId{1}, 1, "1g.5gb@0", "why"}),
            "placement: there is no slice 1g.5gb@0 on GPU 1 of a (it is not cut; leave the placement out for the GPU as a whole)");
  EXPECT_EQ(refusal({NodeId{1}, 7, "", "why"}), "gpu: a has no GPU 7 (a has 2 GPUs, counted from 0)");
  EXPECT_EQ(refusal({NodeId{1}, 0, "", ""}), "reason: no reason is given (say why, for whoever finds it)");
}

TEST(Xid, OneThatComesAgainAfterARestartIsNotMendedByIt) {
  World world = running();
  xid(world, "a", 94, "1g.5gb@0");
  world.report(NodeId{1});
  world.sync("a");
  NodeStatus status = after_a_boot(world);
  status.xids.push_back({.number = 1, .gpu = status.gpus[0].uuid, .placement = "1g.5gb@0", .xid = 94, .at = world.now});
  EXPECT_EQ(world.tell(ReportNode{status}), "NodeConfirmed SetAside XidsNoted");
  EXPECT_EQ(world.tell(ReportNode{status}), "") << "it stays aside";
  EXPECT_FALSE(world.node("a").gpus[0].slices.at(0).aside.empty());
}

TEST(Xid, AfterARebootNumbersBeginAnew) {
  World world = running();
  for (int i = 0; i < 3; ++i) xid(world, "a", 31, "", 1);
  world.report(NodeId{1});
  NodeStatus& status = world.real_of("a");
  status.boot = "boot-2";
  status.xids.clear();
  status.attempts.clear();
  xid(world, "a", 79, "");
  EXPECT_EQ(world.tell(ReportNode{status}), "NodeConfirmed SetAside JobStopRequested XidsNoted AttemptEnded JobRequeued");
}

// ---- hardware that comes and goes

TEST(Inventory, TheLayoutFoundOnANewGpuIsTakenOver) {
  World world = pool_of(node("a", a100({"3g.20gb@4", "1g.5gb@0"}), v100()));
  EXPECT_EQ(world.text(), "a ready\n  gpu0 a100 mig 1g.5gb@0 3g.20gb@4\n  gpu1 v100 whole\n");
}

TEST(Inventory, AProblemInTheFirstReportSetsTheGpuAside) {
  World world;
  world.restart_controller();
  world.ask(JoinNode{"a", "here", {}});
  World other = pool_of(node("a", a100()));
  NodeStatus status = other.real_of("a");
  status.gpus[0].problem = "MIG mode waits for a reset";
  EXPECT_TRUE(world.ask(ReportNode{status}));
  EXPECT_EQ(world.node("a").gpus[0].aside, "node: MIG mode waits for a reset");
  auto const early = world.ask(TakeBack{NodeId{1}, 0, ""});
  ASSERT_FALSE(early) << "it would be used while the node still says that it cannot be";
  EXPECT_EQ(early.error().kind, ErrorKind::Conflict);
  status.gpus[0].problem.clear();
  EXPECT_EQ(world.tell(ReportNode{status}), "TakenBack");
}

TEST(Inventory, AGpuTheDriverNoLongerShowsIsSetAsideAndItsJobsMoveOn) {
  World world = running();
  world.real_of("a").gpus[0].present = false;
  EXPECT_EQ(world.tell(ReportNode{world.real_of("a")}), "SetAside JobStopRequested");
  world.sync("a");
  EXPECT_EQ(state_of(world), "queued");
  EXPECT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "GPU GPU-a-0 does not give slices of 1g.5gb");
}

TEST(Inventory, TheOrderOfGpusChangesOnlyOnceNothingSitsOnTheNode) {
  World world = running();
  NodeStatus& status = world.real_of("a");
  std::swap(status.inventory.gpus[0], status.inventory.gpus[1]);
  world.report(NodeId{1});
  EXPECT_EQ(world.node("a").gpus[0].uuid, "GPU-a-0");
  world.end(JobId{1}, Outcome::Exited, 0);
  EXPECT_EQ(world.node("a").gpus[0].uuid, "GPU-a-1");
  EXPECT_EQ(world.text(), "a ready\n  gpu0 a100 whole\n  gpu1 a100 mig 1g.5gb@0\nb ready\n  gpu0 a100 whole\n");
}

TEST(Inventory, AGpuThatIsNewAndCutWhileJobsSitElsewhereWaitsItsTurn) {
  World world = running();
  NodeStatus& status = world.real_of("a");
  status.inventory.gpus[1].uuid = "GPU-fresh";
  status.gpus[1].uuid = "GPU-fresh";
  status.gpus[1].mode = GpuMode::Mig;
  status.gpus[1].instances = {{"2g.10gb@2", "MIG-x", {}}};
  EXPECT_EQ(world.tell(ReportNode{status}), "SetAside") << "the GPU whose place it took";
  world.end(JobId{1}, Outcome::Exited, 0);
  EXPECT_EQ(world.text(), "a ready\n  gpu0 a100 mig 1g.5gb@0\n  gpu1 a100 mig 2g.10gb@2\nb ready\n  gpu0 a100 whole\n");
}

TEST(Inventory, ADriverThatOffersMoreProfilesLeavesWhatStandsWhereItIs) {
  World world = running();
  world.submit(job("other", "mig-3g.20gb"));
  NodeStatus& status = world.real_of("a");
  auto& profiles = status.inventory.boards[0].profiles;
  mig::Profile extra = profiles[1];
  extra.name = "1g.5gb+new";
  extra.id = 77;
  profiles.insert(profiles.begin(), extra);
  world.report(NodeId{1});
  EXPECT_EQ(world.node("a").gpus[0].geometry->profiles(), profiles.size());
  EXPECT_EQ(spec_of(world.pool, "x", NodeId{1}).attempts[0].placement, "1g.5gb@0");
  EXPECT_EQ(world.place(JobId{2}, "a/0:3g.20gb@4"), "");
  EXPECT_EQ(spec_of(world.pool, "x", NodeId{1}).gpus[0].layout, (std::vector<std::string>{"1g.5gb@0", "3g.20gb@4"}));
}

TEST(Inventory, WhatNoDriverSaysIsRefusedWithItsPlace) {
  World world = running();
  NodeStatus status = world.real_of("a");
  status.gpus[0].instances = {{"9g.5gb@0", "", {}}};
  EXPECT_FALSE(world.ask(ReportNode{status}));
  status = world.real_of("a");
  status.inventory.gpus[1].uuid = status.inventory.gpus[0].uuid;
  auto const twice = world.ask(ReportNode{status});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().field, "inventory.gpus[1].uuid");
  status = world.real_of("a");
  status.inventory.boards[0].profiles[2].starts = {40};
  auto const start = world.ask(ReportNode{status});
  ASSERT_FALSE(start);
  EXPECT_TRUE(start.error().field.starts_with("inventory.boards[0].profiles[2]")) << start.error().field;
}

TEST(Inventory, AFixedLayoutFollowsWhatIsChangedFromOutsideAndAManagedOneDoesNot) {
  World world = pool_of(node("a", a100("3g.20gb@4"), a100("3g.20gb@4")));
  world.tell(SetGpuPolicy{NodeId{1}, 0, GpuPolicy::Fixed});
  for (auto& gpu : world.real_of("a").gpus) gpu.instances = {{"2g.10gb@0", "MIG-x", {}}};
  EXPECT_EQ(world.tell(ReportNode{world.real_of("a")}), "LayoutChosen");
  EXPECT_EQ(world.text(), "a ready\n  gpu0 a100 mig 2g.10gb@0\n  gpu1 a100 mig 3g.20gb@4\n");
}

TEST(Inventory, SlicesThatCannotStandTogetherAreNotTakenOver) {
  World world;
  world.restart_controller();
  world.join(node("a", a100({"3g.20gb@4", "2g.10gb@4"})));
  EXPECT_EQ(world.text(), "a ready\n  gpu0 a100 whole\n");
}

}  // namespace
}  // namespace nav
