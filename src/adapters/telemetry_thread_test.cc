// SPDX-License-Identifier: Apache-2.0
#include "adapters/telemetry_thread.h"

#include <filesystem>
#include <fstream>
#include <future>
#include <gtest/gtest.h>

#include "adapters/clock.h"
#include "adapters/process_meter.h"
#include "adapters/small_disk.h"
#include "adapters/sqlite_journal.h"
#include "adapters/telemetry_tables.h"
#include "adapters/test_folder.h"
#include "core/random_world.h"

namespace nav {
namespace {

using namespace telemetry;
using fixture::a100;
using fixture::job;
using fixture::node;
using fixture::World;

constexpr TelemetryThread::Options quick{.gather = milliseconds(1), .settle = milliseconds(1), .seal = minutes(10)};

telemetry::Subject slice(Time born) { return {.kind = SubjectKind::Instance, .gpu = "GPU-a-0", .placement = "1g.5gb@0", .born = born, .id = 7}; }

SampleBatch batch(std::uint64_t number, Time at, double activity) {
  return {.stream = 5,
          .number = number,
          .readings = {{.subject = slice(Time{1}), .source = Source::Gpm, .at = {at}, .values = {{"activity", {activity}}}}},
          .dropped = 0};
}

struct Scene {
  TestFolder folder;
  std::unique_ptr<SqliteJournal> journal = std::move(*SqliteJournal::open(folder / "data"));
  std::unique_ptr<TelemetryThread> telemetry = std::move(*TelemetryThread::open(folder / "data", *journal, quick));

  Result<void> deliver(SampleBatch what, Duration skew = {}) const {
    std::promise<Result<void>> promise;
    auto future = promise.get_future();
    telemetry->deliver(NodeId{1}, std::move(what), skew, [&](Result<void> done) { promise.set_value(std::move(done)); });
    return future.get();
  }
  std::vector<Bucket> activity(Duration back = hours(1)) const {
    Time const now = clock_now();
    auto const found = telemetry->series({.range = {now - back, now + minutes(1), seconds(1)}, .metric = Metric::Activity}, 10);
    EXPECT_TRUE(found) << found.error().message;
    return found && !found->empty() ? found->front().points : std::vector<Bucket>{};
  }
};

TEST(TelemetryThread, KeepsABatchOnceHoweverOftenItComes) {
  Scene scene;
  Time const now = clock_now();
  ASSERT_TRUE(scene.deliver(batch(1, now - seconds(5), 0.5)));
  ASSERT_TRUE(scene.deliver(batch(1, now - seconds(5), 0.5)));
  ASSERT_TRUE(scene.deliver(batch(2, now, 0.75)));
  auto const points = scene.activity();
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0].count, 1u);
  EXPECT_EQ(points[1].max, 750);
  EXPECT_EQ(scene.telemetry->progress().repeated, 1u);
}

TEST(TelemetryThread, KnowsNothingOfANodeThatSaidNothingYet) {
  Scene scene;
  Time const now = clock_now();
  auto const found = scene.telemetry->series({.range = {now - hours(1), now, seconds(10)}, .metric = Metric::Activity, .node = "just-joined"}, 10);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->empty());
}

TEST(TelemetryThread, LosesNothingItAcknowledgedWhenItIsKilled) {
  Scene scene;
  Time const now = clock_now();
  for (std::uint64_t i = 1; i <= 20; ++i) ASSERT_TRUE(scene.deliver(batch(i, now - seconds(100) + seconds(static_cast<std::int64_t>(i)), 0.5)));
  // The file as it is at the moment of a kill.
  TestFolder after;
  std::filesystem::create_directories(after / "data");
  for (char const* end : {"", "-wal"}) std::filesystem::copy(scene.folder / "data/telemetry.db" + end, after / "data/telemetry.db" + end);
  scene.telemetry = std::move(*TelemetryThread::open(after / "data", *scene.journal, quick));
  EXPECT_EQ(scene.activity().size(), 20u);
  ASSERT_TRUE(scene.deliver(batch(20, now, 0.5)));
  EXPECT_EQ(scene.activity().size(), 20u) << "the number of the last batch is known as well";
}

TEST(TelemetryThread, MovesTheTimesOfANodeWhoseClockIsOff) {
  Scene scene;
  Time const now = clock_now();
  ASSERT_TRUE(scene.deliver(batch(1, now - hours(3), 0.5), hours(3)));
  auto const points = scene.activity(minutes(1));
  ASSERT_EQ(points.size(), 1u);
  EXPECT_EQ(scene.telemetry->progress().skews.at(NodeId{1}), hours(3));
}

TEST(TelemetryThread, RefusesNonsenseValueByValue) {
  Scene scene;
  auto some = batch(1, clock_now(), 17);
  some.readings[0].values["memory_used"] = {1000.0};
  ASSERT_TRUE(scene.deliver(some));
  EXPECT_TRUE(scene.activity().empty());
  EXPECT_EQ(scene.telemetry->progress().refused, 1u);
  EXPECT_EQ(scene.telemetry->progress().samples, 1u);
}

TEST(TelemetryThread, OnAFullDiskRefusesWhatItCannotKeepAndTakesItLater) {
  on_small_disk(2 << 20, [](std::string const& path) {
    Scene scene;
    scene.telemetry = std::move(*TelemetryThread::open(path, *scene.journal, quick));
    Time const began = clock_now() - minutes(50);
    auto const numbered = [&](std::uint64_t number) { return batch(number, began + seconds(static_cast<std::int64_t>(number)), 0.5); };
    ASSERT_TRUE(scene.deliver(numbered(1)));
    {
      std::ofstream rest(path + "/rest", std::ios::binary);
      for (std::string const some(4096, 'x'); rest.write(some.data(), static_cast<std::streamsize>(some.size())).flush();) {}
    }
    std::uint64_t number = 1;
    Result<void> taken;
    while (taken && number < 2'500) taken = scene.deliver(numbered(++number));
    ASSERT_FALSE(taken) << "the disk is full";
    EXPECT_EQ(taken.error().kind, ErrorKind::StorageFull) << taken.error().message;
    std::filesystem::remove(path + "/rest");
    ASSERT_TRUE(scene.deliver(numbered(number))) << "the agent kept it and sends it again";
    EXPECT_EQ(scene.activity().size(), number) << "each once";
  });
}

TEST(TelemetryThread, BeginsAnewWhereItsFileIsDamaged) {
  Scene scene;
  ASSERT_TRUE(scene.deliver(batch(1, clock_now(), 0.5)));
  scene.telemetry.reset();
  std::filesystem::resize_file(scene.folder / "data/telemetry.db", 700);
  std::filesystem::remove(scene.folder / "data/telemetry.db-wal");
  auto again = TelemetryThread::open(scene.folder / "data", *scene.journal, quick);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(std::filesystem::exists(scene.folder / "data/telemetry.db.damaged"));
}

TEST(TelemetryThread, CountsWhatWasHeldAcrossARestart) {
  Scene scene;
  World world;
  world.now = clock_now() - minutes(30);
  world.restart_controller();
  world.join(node("a", a100()));
  JobId const id = world.submit(job("train", "mig-1g.5gb"));
  ASSERT_EQ(world.place(id, "a/0:1g.5gb@0"), "");
  world.happen(JobStarted{{id, 1}, world.now, "MIG"});
  std::vector<Frame> frames;
  for (auto const& [event, stamp] : world.history) {
    std::string body;
    json::write(body, event);
    frames.push_back({stamp, "pool", body});
  }
  ASSERT_TRUE(scene.journal->append(frames, {}));
  auto const held = [&] {
    double sum = 0;
    Time const now = clock_now();
    auto const groups = scene.telemetry->usage(
        {.range = {floor_to(now - hours(2), minutes(1)), now, {}}, .measures = {Measure::Held, Measure::Capacity}, .by = {}});
    if (groups)
      for (auto const& group : *groups)
        for (auto const& [at, cells] : group.points)
          if (cells.contains(Measure::Held)) sum += cells.at(Measure::Held).sum;
    return sum;
  };
  for (int tries = 0; tries < 100 && held() < 1790; ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_NEAR(held(), 1800, 10);
  scene.telemetry.reset();
  scene.telemetry = std::move(*TelemetryThread::open(scene.folder / "data", *scene.journal, quick));
  EXPECT_NEAR(held(), 1800, 15) << "neither twice nor forgotten";
}

/// A store with a clock of the test's own.
struct Store {
  TestFolder folder;
  std::string path = folder / "telemetry.db";
  std::unique_ptr<sqlite::Database> database = std::move(*sqlite::Database::open(path, sqlite::Open::Create));
  SampleStore samples{path};
  std::uint64_t number = 0;

  Store() {
    EXPECT_TRUE(database->run("PRAGMA journal_mode=WAL"));
    EXPECT_TRUE(database->run(telemetry_tables::create));
    EXPECT_TRUE(samples.open(*database));
  }
  void take(Time from, Time to) {
    Readings readings{.subject = slice(Time{1}), .source = Source::Gpm, .at = {}, .values = {}};
    for (Time at = from; at < to; at = at + seconds(5)) {
      readings.at.push_back(at);
      readings.values["activity"].push_back(static_cast<double>((at.us / 5'000'000) % 100) / 100);
    }
    EXPECT_TRUE(samples.take(*database, NodeId{1}, {.stream = 1, .number = ++number, .readings = {readings}}, {}, {}));
    samples.committed();
  }
  void seal(Time now) {
    EXPECT_TRUE(samples.seal(*database, now));
    samples.sealed();
    for (bool more = true; more;) {
      auto const rolled = samples.roll(*database, now);
      ASSERT_TRUE(rolled) << rolled.error().message;
      more = *rolled;
    }
  }
  std::vector<Bucket> ask(Time from, Time to, Duration step) const {
    auto const found = samples.series({.range = {from, to, step}, .metric = Metric::Activity}, {}, level_for(step), 10);
    EXPECT_TRUE(found);
    return found && !found->empty() ? found->front().points : std::vector<Bucket>{};
  }
};

TEST(SampleStore, AnswersTheSameFromSamplesAndFromRollUps) {
  Store store;
  Time const day = floor_to(clock_now(), days(1)) - days(1);
  store.seal(day);  // roll-ups begin a day before
  std::vector<Sample> all;
  for (Time at = day; at < day + days(1); at = at + minutes(10)) {
    store.take(at, at + minutes(10));
    store.seal(at + minutes(10));
  }
  for (Time at = day; at < day + days(1); at = at + seconds(5)) all.push_back({at, (at.us / 5'000'000) % 100 * 10});
  for (Duration const step : {seconds(5), seconds(10), minutes(1), minutes(10), hours(1)})
    EXPECT_EQ(store.ask(day, day + days(1), step), fold(all, step)) << step.us;
}

TEST(SampleStore, RollsUpAgainWhatComesLate) {
  Store store;
  Time const day = floor_to(clock_now(), days(1)) - days(1);
  store.seal(day);
  store.take(day, day + hours(1));
  store.take(day + hours(2), day + hours(7));
  store.seal(day + hours(7));
  EXPECT_EQ(store.ask(day, day + hours(3), minutes(1)).size(), 120u);
  store.take(day + hours(1), day + hours(2));
  store.seal(day + hours(7) + minutes(10));
  auto const points = store.ask(day, day + hours(3), minutes(1));
  EXPECT_EQ(points.size(), 180u);
  for (auto const& point : points) EXPECT_EQ(point.count, 12u);
}

TEST(ProcessMeter, ReadsWhateverAProgramIsCalled) {
  auto const use = read_process_stat("17 (a) S (b)) R 3 17 17 0 -1 4194304 100 200 0 0 7 5 2 1 20 0 1 0 900 1000000 256 18446744073709551615 1 1 0 0 0");
  ASSERT_TRUE(use);
  EXPECT_EQ(use->pid, 17);
  EXPECT_EQ(use->parent, 3);
  EXPECT_EQ(use->cpu_ticks, 15u);
  EXPECT_EQ(use->resident_pages, 256u);
  for (char const* nonsense : {"", "17", "17 (x", "17 (x) R", "x (y) R 1 2 3"}) EXPECT_FALSE(read_process_stat(nonsense)) << nonsense;
}

TEST(ProcessMeter, SaysNothingOfACounterThatJumpedBack) {
  EXPECT_EQ(rate_of(100, 150, seconds(5)), 10);
  EXPECT_FALSE(rate_of(150, 100, seconds(5)));
  EXPECT_FALSE(rate_of(100, 150, seconds(0)));
}

}  // namespace
}  // namespace nav
