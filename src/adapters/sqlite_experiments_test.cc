// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite_experiments.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <thread>

#include "adapters/test_folder.h"

namespace nav {
namespace {

using namespace experiments;

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

class Experiments : public testing::Test {
 protected:
  TestFolder folder;
  std::unique_ptr<SqliteExperiments> store = opened();

  std::unique_ptr<SqliteExperiments> opened() {
    auto made = SqliteExperiments::open(folder.path());
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  std::uint64_t experiment(std::string const& name, std::uint64_t project = 1) {
    return store->make_experiment({.project = ProjectId{project}, .name = name, .made_by = "ada", .made_ms = 5, .tags = {{"team", "x"}}}).value();
  }
  std::string run(std::uint64_t of, std::string const& id, std::int64_t start = 10) {
    EXPECT_TRUE(store->make_run({.id = id, .experiment = of, .name = "run-" + id, .user = "ada", .start_ms = start}));
    return id;
  }
  std::vector<std::string> found(std::uint64_t of, std::string const& filter, std::vector<std::string> const& order = {}) {
    RunSearch search{.experiments = {of}, .filter = parse_filter(filter, experiments::Subject::Runs).value()};
    for (auto const& one : order) search.order.push_back(parse_order(one, experiments::Subject::Runs).value());
    std::vector<std::string> ids;
    auto const runs = store->runs(search);
    EXPECT_TRUE(runs) << runs.error().message;
    for (auto const& one : *runs) ids.push_back(one.id);
    return ids;
  }
};

using Ids = std::vector<std::string>;

TEST_F(Experiments, AreUniqueByNameInTheirProject) {
  auto const first = experiment("digits");
  EXPECT_EQ(store->make_experiment({.project = ProjectId{1}, .name = "digits"}).error().kind, ErrorKind::Conflict);
  EXPECT_NE(experiment("digits", 2), first);
  EXPECT_EQ(store->experiment_named(ProjectId{1}, "digits").value()->id, first);
  EXPECT_FALSE(store->experiment_named(ProjectId{3}, "digits").value());
  EXPECT_EQ(store->experiment(99).error().kind, ErrorKind::NotFound);
}

TEST_F(Experiments, WhatWasAnsweredIsThereAfterARestart) {
  auto const of = experiment("digits");
  run(of, "a");
  ASSERT_TRUE(store->log("a", {.metrics = {{"loss", 0.5, 1, 0}, {"loss", nan_value, 2, 1}, {"top", infinity, 2, 1}, {"low", -infinity, 2, 1}},
                               .params = {{"lr", "0.1"}},
                               .tags = {{"note", "first"}}}));
  store.reset();
  store = opened();
  auto const kept = store->run("a").value();
  ASSERT_EQ(kept.metrics.size(), 3u);
  EXPECT_TRUE(std::isnan(kept.metrics[0].value));
  EXPECT_EQ(kept.metrics[1].value, -infinity);
  EXPECT_EQ(kept.metrics[2].value, infinity);
  EXPECT_EQ(kept.params[0].value, "0.1");
  auto const points = store->history("a", "loss", 100, 0).value();
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].value, 0.5);
  EXPECT_TRUE(std::isnan(points[1].value));
}

TEST_F(Experiments, ThePointWithTheHighestStepIsTheLatestWhateverTheOrder) {
  run(experiment("digits"), "a");
  ASSERT_TRUE(store->log("a", {.metrics = {{"loss", 3, 30, 3}, {"loss", 1, 10, 1}}}));
  ASSERT_TRUE(store->log("a", {.metrics = {{"loss", 2, 99, 2}}}));
  EXPECT_EQ(store->run("a")->metrics[0].value, 3);
  ASSERT_TRUE(store->log("a", {.metrics = {{"loss", 4, 31, 3}}}));
  EXPECT_EQ(store->run("a")->metrics[0].value, 4) << "of two points of a step, the later";
}

TEST_F(Experiments, ABatchSentTwiceIsThereOnce) {
  run(experiment("digits"), "a");
  Batch const batch{.metrics = {{"loss", 1, 10, 1}, {"loss", nan_value, 11, 2}, {"loss", 2, 12, 3}}, .params = {{"lr", "1"}}};
  ASSERT_TRUE(store->log("a", batch));
  ASSERT_TRUE(store->log("a", batch));
  EXPECT_EQ(store->history("a", "loss", 100, 0)->size(), 3u);
  EXPECT_EQ(store->history("a", "loss", 1, 1)->front().step, 2);
}

TEST_F(Experiments, ABatchIsTakenAsAWholeOrNotAtAll) {
  run(experiment("digits"), "a");
  ASSERT_TRUE(store->log("a", {.params = {{"lr", "1"}}}));
  auto const refused = store->log("a", {.metrics = {{"loss", 1, 10, 1}}, .params = {{"depth", "3"}, {"lr", "2"}}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "params");
  EXPECT_TRUE(store->run("a")->metrics.empty());
  EXPECT_EQ(store->run("a")->params.size(), 1u);
  EXPECT_EQ(store->log("none", {}).error().kind, ErrorKind::NotFound);
}

TEST_F(Experiments, RunsAreFoundByWhatTheyLogged) {
  auto const of = experiment("digits");
  for (int i = 0; i < 4; ++i) {
    std::string const id(1, static_cast<char>('a' + i));
    run(of, id, 10 + i);
    ASSERT_TRUE(store->log(
        id, {.metrics = {{"loss", i == 3 ? nan_value : i, 1, 1}}, .params = {{"model", i % 2 == 0 ? "Tree*" : "net"}}, .tags = {{"data set", "mnist"}}}));
  }
  EXPECT_EQ(found(of, ""), (Ids{"d", "c", "b", "a"})) << "new to old";
  EXPECT_EQ(found(of, "metrics.loss < 2"), (Ids{"b", "a"}));
  EXPECT_EQ(found(of, "metrics.loss >= 0 AND params.model = 'Tree*'"), (Ids{"c", "a"}));
  EXPECT_EQ(found(of, "metrics.loss != 1"), (Ids{"c", "a"})) << "NaN is not a number that differs";
  EXPECT_EQ(found(of, "params.model LIKE 'Tree*%'"), (Ids{"c", "a"}));
  EXPECT_EQ(found(of, "params.model LIKE 'tree%'"), Ids{});
  EXPECT_EQ(found(of, "params.model ILIKE 'tree%'"), (Ids{"c", "a"}));
  EXPECT_EQ(found(of, "tags.`data set` = 'mnist' AND run_id IN ('a', 'd')"), (Ids{"d", "a"}));
  EXPECT_EQ(found(of, "run_name = 'run-b' AND status = 'RUNNING' AND start_time > 0"), Ids{"b"});
  EXPECT_EQ(found(of, "metrics.other > 0"), Ids{});
  EXPECT_EQ(found(of, "", {"metrics.loss ASC"}), (Ids{"a", "b", "c", "d"})) << "what has no number comes last";
  EXPECT_EQ(found(of, "", {"metrics.loss DESC"}), (Ids{"c", "b", "a", "d"}));
  EXPECT_EQ(found(of, "params.model = \"x' OR 1=1 --\""), Ids{});
}

TEST_F(Experiments, WhatIsDeletedIsShownToWhoAsksForIt) {
  auto const of = experiment("digits");
  run(of, "a");
  ASSERT_TRUE(store->change_run("a", {.status = RunStatus::Finished, .end_ms = 77, .stage = Stage::Deleted}));
  EXPECT_EQ(found(of, ""), Ids{});
  EXPECT_EQ(store->runs({.experiments = {of}, .shown = Shown::Deleted})->front().end_ms, 77);
  ASSERT_TRUE(store->change_experiment(of, {.name = "other", .stage = Stage::Deleted, .tags = {{"k", "v"}}, .removed_tags = {"team"}}, 9));
  EXPECT_TRUE(store->experiments({})->empty());
  auto const kept = store->experiments({.shown = Shown::All}).value();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].name, "other");
  EXPECT_EQ(kept[0].tags[0].key, "k");
  EXPECT_EQ(kept[0].changed_ms, 9);
}

TEST_F(Experiments, HowFarJobsHaveComeIsToldOfTheirLastAttempts) {
  auto const of = experiment("sweep");
  auto const attempt = [&](std::uint64_t job, std::uint32_t number, std::vector<std::pair<std::int64_t, double>> const& points) {
    AttemptId const id{JobId{job}, number};
    EXPECT_TRUE(store->make_run({.id = run_of(id), .experiment = of, .attempt = id}));
    for (auto const& [step, value] : points) EXPECT_TRUE(store->log(run_of(id), {.metrics = {{"loss", value, 1, step}}}));
  };
  attempt(7, 1, {{1, 0.1}});
  attempt(7, 2, {{1, 0.9}, {2, 0.5}, {3, 0.7}, {4, 0.2}});
  attempt(8, 1, {{1, nan_value}, {2, 0.8}});
  attempt(9, 1, {{1, 0.3}});
  attempt(10, 1, {});
  attempt(11, 1, {{1, nan_value}});
  auto const found = store->standings({JobId{7}, JobId{8}, JobId{10}, JobId{11}, JobId{99}}, "loss", 3);
  ASSERT_TRUE(found) << found.error().message;
  std::string text;
  for (auto const& one : *found)
    text += fmt::format("{} at {}: {} to {}; ", to_text(one.attempt), one.last_step, one.least.value_or(-1), one.most.value_or(-1));
  EXPECT_EQ(text, "7.2 at 4: 0.5 to 0.9; 8.1 at 2: 0.8 to 0.8; 11.1 at 1: -1 to -1; ");
  EXPECT_TRUE(store->standings({JobId{7}}, "accuracy", 3)->empty());
}

TEST_F(Experiments, OfOtherProjectsAreNotListed) {
  experiment("mine", 1), experiment("yours", 2);
  auto const seen = store->experiments({.projects = std::set{ProjectId{2}}}).value();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].name, "yours");
  EXPECT_TRUE(store->experiments({.projects = std::set<ProjectId>{}})->empty());
}

TEST_F(Experiments, ManyThreadsLogAtOnce) {
  auto const of = experiment("digits");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    run(of, std::to_string(t));
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) EXPECT_TRUE(store->log(std::to_string(t), {.metrics = {{"loss", double(i), i, i}}}));
    });
  }
  for (auto& thread : threads) thread.join();
  for (int t = 0; t < 4; ++t) EXPECT_EQ(store->history(std::to_string(t), "loss", 100, 0)->size(), 25u);
}

}  // namespace
}  // namespace nav
