// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <limits>
#include <rapidcheck.h>

#include "base/random.h"
#include "telemetry/ledger.h"
#include "telemetry/usage.h"

namespace nav::telemetry {
namespace {

constexpr Time noon{1'700'000'000'000'000};

std::vector<Sample> steady(std::size_t count, std::int64_t value) {
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < count; ++i) samples.push_back({noon + seconds(5) * static_cast<std::int64_t>(i), value});
  return samples;
}

TEST(Metrics, KeepWhatASourceCanHaveMeasuredAndNothingElse) {
  EXPECT_EQ(kept(Metric::Activity, 0.5), 500);
  EXPECT_EQ(shown(Metric::Activity, 500), 0.5);
  EXPECT_FALSE(kept(Metric::Activity, std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(kept(Metric::Activity, 1.5));
  EXPECT_FALSE(kept(Metric::Temperature, 4'294'967'295.0)) << "what a driver that does not know answers";
  EXPECT_FALSE(kept(Metric::MemoryUsed, -1));
}

TEST(Chunks, ComeBackAsTheyWere) {
  rc::check([](std::vector<std::pair<std::int32_t, std::int64_t>> const& given) {
    std::vector<Sample> samples;
    Time at = noon;
    for (auto const& [step, value] : given) {
      at = at + milliseconds(std::abs(std::int64_t{step}));
      samples.push_back({at, value});
    }
    auto const back = decode(encode(samples));
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == samples);
  });
}

TEST(Chunks, OfBucketsComeBackAsTheyWere) {
  rc::check([](std::vector<std::pair<std::int64_t, std::int64_t>> const& given) {
    std::vector<Bucket> buckets;
    for (auto const& [low, high] : given)
      buckets.push_back({floor_to(noon, minutes(1)) + minutes(static_cast<std::int64_t>(buckets.size())), 12, low, high, low / 2 + high / 2});
    auto const back = decode_buckets(encode(buckets, minutes(1)));
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == buckets);
  });
}

TEST(Chunks, OfASteadySeriesTakeAFewBytes) { EXPECT_LT(encode(steady(120, 17)).size(), 24u); }

TEST(Chunks, OfALivelySeriesTakeTwoBytesASample) {
  Random random(7);
  auto samples = steady(120, 0);
  for (auto& sample : samples)
    sample.value = static_cast<std::int64_t>(random.below(1000)), sample.at = sample.at + milliseconds(static_cast<std::int64_t>(random.below(4)));
  EXPECT_LT(encode(samples).size(), 120 * 4u);
}

TEST(Chunks, RefuseBytesThatNobodyWrote) {
  Random random(3);
  std::string const good = encode(steady(50, 3));
  EXPECT_FALSE(decode(good.substr(0, good.size() - 1)));
  EXPECT_FALSE(decode(good + "x"));
  EXPECT_FALSE(decode(""));
  EXPECT_FALSE(decode(std::string("\x01\xff\xff\xff\xff\xff\x7f", 7))) << "says it holds more than anybody wrote";
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good;
    for (int k = 0; k < 3; ++k) bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    (void)decode(bytes);
    (void)decode_buckets(bytes);
    (void)decode_cells(bytes);
  }
}

TEST(Folding, GivesCountMinMaxAndSumOfEachStretch) {
  Time const ten = floor_to(noon, minutes(10));
  EXPECT_EQ(fold(std::vector<Sample>{{ten + seconds(65), 4}, {ten, 1}, {ten + seconds(59), 3}, {ten + seconds(60), 8}}, minutes(1)),
            (std::vector<Bucket>{{ten, 2, 1, 3, 4}, {ten + minutes(1), 2, 4, 8, 12}}));
}

TEST(Folding, InStepsOrAtOnceIsTheSame) {
  rc::check([](std::vector<std::pair<std::uint16_t, std::int32_t>> const& given) {
    std::vector<Sample> samples;
    for (auto const& [at, value] : given) samples.push_back({noon + seconds(at), value});
    RC_ASSERT(fold(fold(fold(samples, seconds(10)), minutes(1)), minutes(10)) == fold(samples, minutes(10)));
  });
}

TEST(Levels, AreChosenByTheStepThatIsAskedFor) {
  EXPECT_EQ(level_for(seconds(5)), 0u);
  EXPECT_EQ(level_for(seconds(10)), 1u);
  EXPECT_EQ(level_for(minutes(5)), 2u);
  EXPECT_EQ(level_for(days(1)), 4u);
}

TEST(Usage, IsSplitWhereStretchesBegin) {
  UsageSums sums;
  Time const hour = floor_to(noon, hours(1));
  sums.accrue(hour + minutes(59), hour + minutes(62), 1, Measure::Held, 8);
  std::map<std::pair<int, std::int64_t>, double> seen;
  for (auto const& [at, cells] : sums.all()) seen[{at.grain, (at.start - hour).us / minutes(1).us}] = cells.at(Measure::Held).sum;
  EXPECT_EQ(seen, (std::map<std::pair<int, std::int64_t>, double>{
                      {{0, 59}, 480}, {{0, 60}, 480}, {{0, 61}, 480}, {{1, 50}, 480}, {{1, 60}, 960}, {{2, 0}, 480}, {{2, 60}, 960}}));
}

TEST(Usage, ComesBackFromBytesAsItWas) {
  Cells const cells{{Measure::Held, {1.5, 0, 0}}, {Measure::Waited, {30, 2, 20}}, {Measure::Activity, {0, 4, 0}}};
  EXPECT_EQ(decode_cells(encode(cells)), cells);
}

Part held(std::uint64_t job, std::string placement, std::uint32_t memory, std::uint32_t compute) {
  return {.kind = PartKind::Held, .attempt = {JobId{job}, 1}, .placement = std::move(placement), .memory_slices = memory, .compute_slices = compute};
}

TEST(Ledgers, CloseWhatChangesAndLetTheRestGoOn) {
  Ledger ledger;
  EXPECT_TRUE(ledger.divide("g", {8, 7, {{.memory_slices = 8, .compute_slices = 7}}}, noon).empty());
  auto closed = ledger.divide("g", {8, 7, {held(1, "3g.20gb@0", 4, 3), {.memory_slices = 4, .compute_slices = 4}}}, noon + seconds(10));
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].part.memory_slices, 8u);
  EXPECT_EQ(closed[0].to - closed[0].from, seconds(10));
  closed = ledger.divide("g", {8, 7, {held(1, "3g.20gb@0", 4, 3), held(2, "3g.20gb@4", 4, 3), {.kind = PartKind::Loss, .compute_slices = 1}}},
                         noon + seconds(15));
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].part.kind, PartKind::Idle);
  EXPECT_EQ(ledger.holder("g", "3g.20gb@0")->since, noon + seconds(10));
  EXPECT_EQ(ledger.holder("g", "3g.20gb@2"), nullptr);
  EXPECT_EQ(ledger.remove("g", noon + seconds(20)).size(), 3u);
}

TEST(Ledgers, AddUpToCapacityOverAnyHistory) {
  rc::check([](std::vector<std::pair<std::uint8_t, std::uint16_t>> const& moves) {
    Ledger ledger;
    Time at = noon;
    std::map<PartKind, std::int64_t> slice_us;
    auto const count = [&](std::vector<Span> const& spans) {
      for (auto const& span : spans) slice_us[span.part.kind] += (span.to - span.from).us * span.part.memory_slices;
    };
    count(ledger.divide("g", {8, 7, {{.memory_slices = 8, .compute_slices = 7}}}, at));
    for (auto const& [used, after_ms] : moves) {
      at = at + milliseconds(after_ms);
      std::uint32_t const slices = used % 8;
      Division division{8, 7, {}};
      for (std::uint32_t i = 0; i < slices; ++i) division.parts.push_back(held(used + i, fmt::format("1g.5gb@{}", i), 1, 1));
      division.parts.push_back({.memory_slices = 7 - slices, .compute_slices = 7 - slices});
      division.parts.push_back({.kind = PartKind::Loss, .memory_slices = 1});
      count(ledger.divide("g", division, at));
    }
    count(ledger.remove("g", at));
    std::int64_t all = 0;
    for (auto const& [kind, us] : slice_us) all += us;
    RC_ASSERT(all == (at - noon).us * 8);
  });
}

TEST(Batches, SayWhatIsWrongWithThem) {
  Readings good{.subject = {.kind = SubjectKind::Gpu, .gpu = "GPU-1"}, .source = Source::Nvml, .at = {noon}, .values = {{"power", {60.0}}}};
  EXPECT_TRUE(check({.stream = 1, .number = 1, .readings = {good}}));
  auto short_column = good;
  short_column.at.push_back(noon + seconds(1));
  EXPECT_EQ(check({.readings = {good, short_column}}).error().field, "readings[1].values.power");
  auto unknown = good;
  unknown.values["colour"] = {1.0};
  EXPECT_EQ(check({.readings = {unknown}}).error().field, "readings[0].values.colour");
  auto nameless = good;
  nameless.subject.gpu.clear();
  EXPECT_EQ(check({.readings = {nameless}}).error().field, "readings[0].subject.gpu");
}

}  // namespace
}  // namespace nav::telemetry
