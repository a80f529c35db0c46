// SPDX-License-Identifier: Apache-2.0
// What it costs to keep what is measured, and how long questions take. Time in the samples is made up; processor time is not.
#include <ctime>

#include "adapters/sample_store.h"
#include "adapters/telemetry_tables.h"
#include "adapters/usage_store.h"
#include "base/random.h"
#include "main/bench.h"

namespace nav::bench {

using namespace telemetry;

namespace {

constexpr std::size_t nodes = 100, series_a_node = 100;
constexpr Time began{1'700'000'000'000'000};

double thread_cpu_s() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

Result<std::unique_ptr<sqlite::Database>> fresh_database(std::string const& path) {
  TRY(auto database, sqlite::Database::open(path, sqlite::Open::Create));
  TRY_VOID(database->run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-32768"));
  TRY_VOID(database->run(telemetry_tables::create));
  return database;
}

Result<void> within(sqlite::Database& database, std::function<Result<void>()> const& work) {
  TRY_VOID(database.run("BEGIN IMMEDIATE"));
  TRY_VOID(work());
  return database.run("COMMIT");
}

/// A node's tick as it comes: 50 slices with activity and memory.
std::string body_of(std::size_t node, std::uint64_t number, Time at, Random& random) {
  SampleBatch batch{.stream = 1, .number = number, .readings = {}};
  for (std::size_t i = 0; i < series_a_node / 2; ++i) {
    Subject subject{.kind = SubjectKind::Instance,
                    .gpu = fmt::format("GPU-{}-{}", node, i / 7),
                    .placement = fmt::format("1g.5gb@{}", i % 7),
                    .born = began,
                    .id = static_cast<std::uint32_t>(i % 7)};
    batch.readings.push_back(
        {std::move(subject), Source::Simulated, {at}, {{"activity", {random.uniform()}}, {"memory_used", {4000 + 10 * random.uniform()}}}});
  }
  return json_write(batch);
}

Result<void> seal(SampleStore& store, sqlite::Database& database, Time now) {
  TRY_VOID(within(database, [&] { return store.seal(database, now); }));
  store.sealed();
  for (bool more = true; more;) {
    TRY_VOID(within(database, [&]() -> Result<void> {
      TRY(more, store.roll(database, now));
      return {};
    }));
  }
  return {};
}

Figures keeping(Bench& bench) {
  std::string const path = bench.folder + "/keeping.db";
  TRY(auto database, fresh_database(path));
  SampleStore store(path);
  TRY_VOID(store.open(*database));
  TRY_VOID(seal(store, *database, began));
  Random random(1);
  std::vector<double> shares;
  std::uint64_t number = 0;
  Time at = floor_to(began, minutes(10));
  // A window is ten minutes of the samples' time: with its chunks and roll-ups.
  for (Budget budget(bench.seconds()); budget.is_left();) {
    double cpu = 0;
    for (int tick = 0; tick < 120; ++tick, at = at + seconds(5)) {
      ++number;
      std::vector<std::string> bodies;
      for (std::size_t node = 0; node < nodes; ++node) bodies.push_back(body_of(node, number, at, random));
      double const before = thread_cpu_s();
      // What comes within half a second shares a transaction: ten of them in five seconds.
      for (std::size_t first = 0; first < nodes; first += nodes / 10) {
        auto const take = [&]() -> Result<void> {
          for (std::size_t node = first; node < first + nodes / 10; ++node) {
            TRY(auto const batch, json_read<SampleBatch>(bodies[node], Unknown::Ignore));
            TRY_VOID(check(batch));
            TRY(auto const taken, store.take(*database, NodeId{node + 1}, batch, {}, {}));
            if (taken.samples != series_a_node) return fail(ErrorKind::Internal, "{} samples of {} were taken", taken.samples, series_a_node);
          }
          return {};
        };
        TRY_VOID(within(*database, take));
        store.committed();
      }
      cpu += thread_cpu_s() - before;
    }
    double const before = thread_cpu_s();
    TRY_VOID(seal(store, *database, at));
    cpu += thread_cpu_s() - before;
    shares.push_back(cpu / 600 * 100);
  }
  Figure figure = rate_of("telemetry-keeping", "% of a core", std::move(shares));
  figure.goal = "< 10";
  figure.note = "10,000 series of 100 nodes at 5 s: parsing, checking, the durable head, chunks and roll-ups; a window is ten minutes of samples";
  return std::vector{figure};
}

/// One series for a day, and use by team for a week.
Figures asking(Bench& bench) {
  std::string const path = bench.folder + "/asking.db";
  TRY(auto database, fresh_database(path));
  SampleStore store(path);
  TRY_VOID(store.open(*database));
  Time const day = floor_to(began, days(1));
  TRY_VOID(within(*database, [&] { return store.seal(*database, day); }));
  Random random(2);
  for (Time at = day; at < day + days(1); at = at + minutes(10)) {
    SampleBatch batch{.stream = 1, .number = 1, .readings = {}};
    for (std::size_t i = 0; i < 56; ++i) {
      Readings one{.subject = {.kind = SubjectKind::Instance, .gpu = fmt::format("GPU-{}", i / 7), .placement = fmt::format("1g.5gb@{}", i % 7), .born = began},
                   .source = Source::Simulated,
                   .at = {},
                   .values = {}};
      for (Time tick = at; tick < at + minutes(10); tick = tick + seconds(5)) one.at.push_back(tick), one.values["activity"].push_back(random.uniform());
      batch.readings.push_back(std::move(one));
    }
    auto const take = [&]() -> Result<void> {
      TRY(auto const taken, store.take(*database, NodeId{1}, batch, {}, {}));
      if (taken.samples == 0) return fail(ErrorKind::Internal, "nothing was taken");
      return {};
    };
    TRY_VOID(within(*database, take));
    store.committed();
    TRY_VOID(seal(store, *database, at + minutes(10)));
  }
  UsageStore usage(path);
  UsageSums sums;
  constexpr std::size_t teams = 10, projects = 5, node_count = 10;
  for (std::size_t t = 0; t < teams; ++t)
    for (std::size_t p = 0; p < projects; ++p)
      for (std::size_t n = 0; n < node_count; ++n) {
        std::uint64_t const key = usage.key_of(
            {fmt::format("p{}-{}", t, p), "ada", fmt::format("team-{}", t), "mig-1g.5gb", "1g.5gb", fmt::format("n{}", n), "local"});
        for (Time at = day; at < day + days(7); at = at + hours(1))
          for (Measure const m : {Measure::Held, Measure::HeldCompute, Measure::HeldGpus, Measure::HeldMemory, Measure::HeldProcessors, Measure::Capacity,
                                  Measure::CapacityCompute, Measure::Unpriced})
            sums.accrue(at, at + hours(1), key, m, random.uniform());
      }
  TRY_VOID(within(*database, [&] { return usage.flush(*database, sums.all(), {}); }));
  std::vector<double> raw, minute, week;
  for (Budget budget(bench.seconds()); budget.is_left();) {
    auto const timed = [](std::vector<double>& into, auto&& question) -> Result<void> {
      double const before = now_s();
      TRY(auto const answer, question());
      into.push_back((now_s() - before) * 1000);
      if (answer.empty()) return fail(ErrorKind::Internal, "the answer is empty");
      return {};
    };
    SeriesQuestion one{.range = {day, day + days(1), minutes(1)}, .metric = Metric::Activity, .gpu = "GPU-3", .placement = "1g.5gb@4"};
    TRY_VOID(timed(minute, [&] { return store.series(one, {}, level_for(one.range.step), 10); }));
    one.range.step = seconds(5);
    TRY_VOID(timed(raw, [&] { return store.series(one, {}, level_for(one.range.step), 10); }));
    UsageQuestion const by_team{.range = {day, day + days(7), hours(1)}, .measures = {Measure::Held}, .by = {Dimension::Team}};
    TRY_VOID(timed(week, [&] { return usage.usage(by_team, 2, {}); }));
  }
  Figure a = figure_of("telemetry-day-minutes", "ms", std::move(minute)), b = figure_of("telemetry-day-samples", "ms", std::move(raw)),
         c = figure_of("telemetry-week-by-team", "ms", std::move(week));
  a.goal = b.goal = "a few";
  c.goal = "a few tens";
  a.note = "a day of one series in minutes, out of 56, from the roll-ups";
  b.note = "the same, every one of its 17,280 samples, from chunks";
  c.note = "memory slices held by each of 10 teams in every hour of 7 days, over 500 combinations of project and node";
  return std::vector{a, b, c};
}

}  // namespace

Figures telemetry_kept(Bench& bench) { return keeping(bench); }
Figures telemetry_asked(Bench& bench) { return asking(bench); }

}  // namespace nav::bench
