// SPDX-License-Identifier: Apache-2.0
#include "replay/replay.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "core/pool.h"
#include "replay/journal.h"
#include "replay/report.h"
#include "replay/want.h"

namespace nav::replay {
namespace {

mig::Profile profile(std::string name, std::uint32_t compute, std::uint32_t width, std::uint64_t mib, std::vector<std::uint32_t> starts) {
  auto const most = static_cast<std::uint32_t>(starts.size());
  return {.name = std::move(name),
          .id = compute * 100 + width,
          .compute_slices = compute,
          .memory_slices = width,
          .memory_mib = mib,
          .max_instances = most,
          .starts = std::move(starts)};
}

mig::Board a100_board() {
  return {.model = "NVIDIA A100-SXM4-40GB",
          .memory_mib = 40960,
          .memory_slices = 8,
          .compute_slices = 7,
          .profiles = {profile("1g.5gb", 1, 1, 4864, {0, 1, 2, 3, 4, 5, 6}), profile("1g.10gb", 1, 2, 9856, {0, 2, 4, 6}),
                       profile("2g.10gb", 2, 2, 9856, {0, 2, 4}), profile("3g.20gb", 3, 4, 19968, {0, 4}), profile("4g.20gb", 4, 4, 19968, {0}),
                       profile("7g.40gb", 7, 8, 40192, {0})}};
}

NodeKind node_of(mig::Board const& board, std::uint32_t gpus, std::uint32_t count) {
  NodeKind kind{.name = "server", .inventory = {}, .count = count};
  kind.inventory.cpus = 64;
  kind.inventory.memory_mib = 512 * 1024;
  kind.inventory.boards = {board};
  for (std::uint32_t i = 0; i < gpus; ++i) {
    GpuInventory gpu;
    gpu.index = i;
    gpu.model = board.model;
    gpu.memory_mib = board.memory_mib;
    gpu.mig_capable = !board.profiles.empty();
    kind.inventory.gpus.push_back(std::move(gpu));
  }
  return kind;
}

mig::Board board_without_mig() { return {.model = "Tesla V100-SXM2-16GB", .memory_mib = 16384, .memory_slices = 0, .compute_slices = 0, .profiles = {}}; }

PoolPlan a100s(std::uint32_t gpus, std::uint32_t count = 1) { return {node_of(a100_board(), gpus, count)}; }

Trace trace_of(std::string const& lines) {
  auto trace = read_trace("submitted,duration,gpus,gpu_milli,user,team\n" + lines);
  EXPECT_TRUE(trace) << (trace ? "" : to_text(trace.error()));
  return trace ? *trace : Trace{};
}

Past past_of(Trace const& trace, PoolPlan const& pool, ReplayOptions const& options = {}) {
  auto past = replay(trace, pool, options);
  EXPECT_TRUE(past) << (past ? "" : to_text(past.error()));
  return past ? *past : Past{};
}

double waited(Past const& past, std::size_t job) { return (past.jobs.at(job).started - past.jobs.at(job).submitted).seconds(); }

TEST(Menu, APartOfAGpuBecomesTheSmallestProfileThatCoversIt) {
  auto const board = a100_board();
  auto const name = [&](std::uint32_t milli) {
    auto const* covers = covering(board, milli);
    return covers ? covers->name : std::string("whole");
  };
  EXPECT_EQ(name(110), "1g.5gb");
  EXPECT_EQ(name(125), "1g.5gb");
  EXPECT_EQ(name(140), "1g.10gb") << "a seventh of the compute is enough, an eighth of the memory is not";
  EXPECT_EQ(name(200), "2g.10gb");
  EXPECT_EQ(name(250), "2g.10gb");
  EXPECT_EQ(name(320), "3g.20gb");
  EXPECT_EQ(name(470), "4g.20gb");
  EXPECT_EQ(name(500), "4g.20gb");
  EXPECT_EQ(name(510), "whole");
}

TEST(Menu, NodesOfSeveralKindsMakeAListAndWhatNoNodeHasIsRefused) {
  auto v100 = board_without_mig();
  PoolPlan pool = {node_of(v100, 4, 2), node_of(a100_board(), 8, 1)};
  Menu const menu(pool, true), uncut(pool, false);
  EXPECT_EQ(menu.wish({.gpus = 1, .share_milli = 200}).on, (std::vector<std::string>{"mig-2g.10gb", "v100"}));
  EXPECT_EQ(uncut.wish({.gpus = 1, .share_milli = 200}).on, (std::vector<std::string>{"v100", "a100"}));
  EXPECT_EQ(menu.wish({.gpus = 8}).on, (std::vector<std::string>{"a100-x8"}));
  EXPECT_EQ(menu.wish({.gpus = 0, .cpu_milli = 1000}).on, (std::vector<std::string>{"cpu"}));
  EXPECT_NE(menu.wish({.gpus = 9}).refused.find("more GPUs than one node has (8)"), std::string::npos);
  EXPECT_NE(menu.wish({.gpus = 1, .cpu_milli = 65'000}).refused.find("processors"), std::string::npos);
}

TEST(Replay, AJobThatFindsAllGpusTakenWaitsUntilOneIsFree) {
  auto const trace = trace_of("0,100,1,,a,t\n10,50,1,,b,t\n");
  auto const past = past_of(trace, a100s(1));
  ASSERT_EQ(past.jobs.size(), 2u);
  EXPECT_EQ(waited(past, 0), 0);
  EXPECT_EQ(waited(past, 1), 90);
  EXPECT_EQ((past.jobs[1].ended - past.jobs[1].submitted).seconds(), 140);
  EXPECT_EQ(past.never_started, 0u);
}

TEST(Replay, FourPartsShareAGpuThatIsCutAndWaitForOneThatIsNot) {
  auto const trace = trace_of("0,100,1,140,a,t\n0,100,1,140,a,t\n0,100,1,140,a,t\n0,100,1,140,a,t\n");
  auto const cut = past_of(trace, a100s(1)), whole = past_of(trace, a100s(1), {.policy = Policy::Whole});
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(waited(cut, i), 0) << i;
  EXPECT_EQ(waited(whole, 3), 300);
  EXPECT_EQ(cut.templates, std::vector<std::string>{"mig-1g.10gb"});
  EXPECT_EQ(whole.templates, std::vector<std::string>{"a100"});
  EXPECT_NEAR(cut.jobs[0].gpu_seconds, 100.0 / 7, 1e-9);
}

TEST(Replay, FirstComeFirstServedLetsNobodyPass) {
  // Two GPUs: one is held for long; who wants both is in front of who wants one.
  auto const trace = trace_of("0,1000,1,,a,t\n1,10,2,,b,t\n2,10,1,,c,t\n");
  auto const shipped = past_of(trace, a100s(2), {.time_limit = 1}), in_order = past_of(trace, a100s(2), {.policy = Policy::Fcfs});
  EXPECT_EQ(waited(in_order, 1), 999);
  EXPECT_EQ(waited(in_order, 2), 1008);
  EXPECT_EQ(waited(shipped, 2), 0) << "it is gone before the large one could have both";
  EXPECT_EQ(waited(shipped, 1), 999);
}

TEST(Replay, WhatThePoolCannotGiveIsCountedWithWhyAndNothingElseWaitsForIt) {
  auto const trace = trace_of("0,10,16,,a,t\n1,10,1,,a,t\n");
  auto const past = past_of(trace, a100s(8));
  EXPECT_EQ(past.jobs.size(), 1u);
  ASSERT_EQ(past.refused.size(), 1u);
  EXPECT_EQ(past.refused.begin()->second, 1u);
  auto const nothing = replay(trace_of("0,10,16,,a,t\n"), a100s(8), {});
  ASSERT_FALSE(nothing);
  EXPECT_NE(nothing.error().message.find("no job of the trace can ever run"), std::string::npos);
}

TEST(Replay, MoreLoadIsTheSameWorkInLessTime) {
  auto const trace = trace_of("0,100,1,,a,t\n200,100,1,,a,t\n");
  EXPECT_EQ(waited(past_of(trace, a100s(1)), 1), 0);
  EXPECT_EQ(waited(past_of(trace, a100s(1), {.load = 4}), 1), 50);
}

TEST(Replay, TheSameSeedGivesTheSameYear) {
  std::string lines;
  Random random(7);
  for (int i = 0; i < 400; ++i)
    lines += fmt::format("{},{},{},{},u{},t{}\n", random.below(20'000), random.below(900), 1, 100 + random.below(900), random.below(5), random.below(3));
  auto const trace = trace_of(lines);
  ReplayOptions const options{.seed = 3, .restartable = 0.5};
  auto const once = past_of(trace, a100s(4), options), again = past_of(trace, a100s(4), options);
  EXPECT_EQ(jobs_csv_of(trace, {}, once), jobs_csv_of(trace, {}, again));
  EXPECT_EQ(once.never_started, 0u);
  auto const report = report_of(trace, a100s(4), options, once, 2.0);
  EXPECT_GT(report.use, 0);
  EXPECT_LE(report.asked, report.use);
  EXPECT_LE(report.use + report.stranded, 1 + 1e-9);
  double by_team = 0;
  for (auto const& group : report.groups) by_team += group.by == "team" ? group.gpu_hours : 0;
  EXPECT_NEAR(by_team, report.all().gpu_hours, 1e-6);
  EXPECT_NEAR(*report.all().cost, 2 * report.all().gpu_hours, 1e-9);
}

TEST(Replay, NotToLookForWhomToStopChangesNothingWhereNobodyMayBeStopped) {
  std::string lines;
  Random random(11);
  for (int i = 0; i < 300; ++i) lines += fmt::format("{},{},{},,u,t{}\n", random.below(9'000), random.below(900), 1 + random.below(4), random.below(3));
  auto const trace = trace_of(lines);
  auto const never = past_of(trace, a100s(4)), nobody = past_of(trace, a100s(4), {.restartable = 1e-12});
  EXPECT_GT(waited(never, 299), 0) << "there is somebody to look for";
  EXPECT_EQ(jobs_csv_of(trace, {}, never), jobs_csv_of(trace, {}, nobody));
}

TEST(Journal, GivesTheWorkThatWasDoneAndTheNodesThatAreThere) {
  JournalTrace journal;
  journal.add(AccessEvent{ProjectSet{{.id = ProjectId{1}, .name = "vision", .team = {}, .members = {}}}});
  for (std::uint64_t node : {1, 2, 3}) journal.add(NodeInventoried{NodeId{node}, node_of(a100_board(), 8, 1).inventory}, {});
  journal.add(NodeLost{NodeId{3}}, {});
  for (auto const& t : templates_for(node_of(a100_board(), 8, 1).inventory)) journal.add(TemplateSet{t}, {});
  auto const queue = [&](std::uint64_t first, std::uint32_t count, std::string on, std::int64_t at) {
    journal.add(JobsQueued{.first = JobId{first}, .count = count, .body = {}, .user = UserId{1}, .project = ProjectId{1}, .on = {std::move(on)}},
                {.at = Time{seconds(at).us}});
  };
  auto const run = [&](std::uint64_t job, std::uint32_t attempt, std::int64_t from, std::int64_t to) {
    journal.add(AttemptEnded{.attempt = {JobId{job}, attempt}, .message = {}, .started = Time{seconds(from).us}, .ended = Time{seconds(to).us}}, {});
  };
  queue(1, 2, "mig-2g.10gb", 100);
  queue(3, 1, "a100-x4", 160);
  run(1, 1, 110, 170);
  journal.add(JobEnded{.job = JobId{1}, .message = {}}, {});
  run(3, 1, 160, 165);  // stopped, and begun anew
  run(3, 2, 200, 500);
  journal.add(JobEnded{.job = JobId{3}, .message = {}}, {});

  auto const trace = journal.trace();
  ASSERT_TRUE(trace);
  ASSERT_EQ(trace->jobs.size(), 2u);
  EXPECT_EQ(trace->jobs[0].ran, seconds(60));
  EXPECT_EQ(covering(a100_board(), trace->jobs[0].share_milli)->name, "2g.10gb") << "on the same hardware it gets what it had";
  EXPECT_EQ(trace->jobs[1].gpus, 4u);
  EXPECT_EQ(trace->jobs[1].ran, seconds(300));
  EXPECT_EQ(trace->jobs[1].submitted - trace->jobs[0].submitted, seconds(60));
  EXPECT_EQ(trace->teams, std::vector<std::string>{"vision"});
  EXPECT_EQ(trace->left_out.at("have not run to an end"), 1u);
  EXPECT_EQ(to_text(journal.pool()), "a100x8:2");
}

TEST(Journal, EveryProfileOfABoardIsItsOwnCover) {
  JournalTrace journal;
  auto const inventory = node_of(a100_board(), 1, 1).inventory;
  journal.add(NodeInventoried{NodeId{1}, inventory}, {});
  std::uint64_t number = 0;
  std::vector<std::string> wanted;
  for (auto const& t : templates_for(inventory)) {
    if (t.kind != TemplateKind::Slice) continue;
    journal.add(TemplateSet{t}, {});
    journal.add(JobsQueued{.first = JobId{++number}, .body = {}, .user = {}, .project = ProjectId{1}, .on = {t.name}}, {.at = Time{seconds(1).us}});
    journal.add(AttemptEnded{.attempt = {JobId{number}, 1}, .message = {}, .started = Time{1}, .ended = Time{2}}, {});
    journal.add(JobEnded{.job = JobId{number}, .message = {}}, {});
    wanted.push_back(t.profile == "7g.40gb" ? "whole" : t.profile);
  }
  auto const trace = journal.trace();
  ASSERT_TRUE(trace);
  auto const board = a100_board();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    auto const* covers = covering(board, trace->jobs[i].share_milli);
    EXPECT_EQ(covers ? covers->name : "whole", wanted[i]);
  }
}

TEST(Report, AHundredthIsTheSmallestTimeThatSoManyDoNotExceed) {
  std::vector<double> hundred;
  for (int i = 100; i >= 1; --i) hundred.push_back(i);
  auto const times = times_of(hundred);
  EXPECT_EQ(times.p50, 50);
  EXPECT_EQ(times.p95, 95);
  EXPECT_EQ(times.p99, 99);
  EXPECT_EQ(times.longest, 100);
  EXPECT_EQ(times.mean, 50.5);
  EXPECT_EQ(times_of({7}).p99, 7);
}

TEST(Want, IsReadAndWhatItIsNotIsSaid) {
  auto const want = parse_want("p95 wait < 10m");
  ASSERT_TRUE(want);
  EXPECT_EQ(to_text(*want), "p95 wait < 10m");
  EXPECT_EQ(want->below, minutes(10));
  EXPECT_EQ(want->most_late(1000), 50u);
  EXPECT_TRUE(parse_want("mean completion <2h")->completion);
  for (auto const* bad : {"", "p95", "p94 wait < 10m", "p95 wait > 10m", "p95 wait < soon", "p95 wait < 0s"}) {
    auto const refused = parse_want(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().field, "want");
    EXPECT_FALSE(refused.error().hint.empty());
  }
}

TEST(Want, TheLeastNumberIsFoundFromAnywhere) {
  for (std::uint32_t truth : {1u, 2u, 7u, 64u, 99u, 100u})
    for (std::uint32_t from : {1u, 5u, 64u, 100u}) {
      int looks = 0;
      auto const found = least(from, 100, [&](std::uint32_t n) -> Result<bool> { return ++looks, n >= truth; });
      ASSERT_TRUE(found && *found);
      EXPECT_EQ(**found, truth) << "from " << from;
      EXPECT_LE(looks, 15);
    }
  EXPECT_EQ(*least(3, 100, [](std::uint32_t) -> Result<bool> { return false; }), std::nullopt);
}

TEST(Want, HoldsOnThePoolThatIsFoundAndNotOnOneNodeLess) {
  std::string lines;
  for (int i = 0; i < 40; ++i) lines += fmt::format("{},600,1,,u,t\n", i);
  auto const trace = trace_of(lines);
  auto const want = *parse_want("p95 wait < 5m");
  auto const holds = [&](std::uint32_t nodes) -> Result<bool> {
    auto const pool = a100s(4, nodes);
    TRY(auto past, replay(trace, pool, {}));
    return want.holds(report_of(trace, pool, {}, past, {}));
  };
  auto const found = least(1, 64, holds);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ(**found, 10u) << "40 jobs within seconds of each other, and each runs for longer than two of them may wait";
}

}  // namespace
}  // namespace nav::replay
