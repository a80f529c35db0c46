// SPDX-License-Identifier: Apache-2.0
#include "controller/bookkeeper.h"

#include "core/world_fixture.h"

namespace nav {
namespace {

using telemetry::Dimensions;
using telemetry::Measure;
using namespace fixture;

/// A world whose every event goes through the books.
class Books {
 public:
  World world;
  std::map<Dimensions, std::uint64_t> keys;
  std::unique_ptr<Bookkeeper> keeper;

  Books() {
    Access access;
    access.users[UserId{1}] = {UserId{1}, "ada"};
    access.teams[TeamId{1}] = {TeamId{1}, "vision"};
    access.projects[ProjectId{1}] = {ProjectId{1}, "default", TeamId{1}};
    keeper = std::make_unique<Bookkeeper>(
        Pool{}, access, [this](Dimensions const& d) { return keys.try_emplace(d, keys.size() + 1).first->second; }, Time{});
  }
  void catch_up() {
    for (; taken_ < world.history.size(); ++taken_) {
      auto const& [event, stamp] = world.history[taken_];
      std::string body;
      json::write(body, event);
      ASSERT_TRUE(keeper->take({stamp, "pool", body}));
    }
  }
  void pass(Duration time) {
    catch_up();
    world.now = world.now + time;
    keeper->settle(world.now);
  }
  /// Of the measure, over everything, in whole units times seconds.
  double sum(
      Measure measure, std::function<bool(Dimensions const&)> const& which = [](auto const&) { return true; }) {
    double all = 0;
    for (auto const& [at, cells] : keeper->sums().all())
      for (auto const& [dimensions, key] : keys)
        if (at.grain == 2 && at.key == key && which(dimensions) && cells.contains(measure)) all += cells.at(measure).sum;
    return all;
  }

 private:
  std::size_t taken_ = 0;
};

TEST(Books, SayWhoHeldHowMuchForHowLong) {
  Books books;
  books.world.join(node("a", a100()));
  JobId const job_id = books.world.submit(job("train", "mig-3g.20gb"));
  books.pass(seconds(30));
  EXPECT_NEAR(books.sum(Measure::Waiting), 30, 0.1);
  EXPECT_NEAR(books.sum(Measure::WaitingSlices), 120, 0.4);
  ASSERT_TRUE(books.world.ask(books.world.place_of(job_id, "a/0:3g.20gb@0")));
  books.pass(seconds(10));
  EXPECT_NEAR(books.sum(Measure::Reconfiguring), 40, 0.1);
  EXPECT_NEAR(books.sum(Measure::Waited), 30, 0.1);
  books.world.happen(JobStarted{{job_id, 1}, books.world.now, "MIG-1"});
  books.pass(minutes(90));
  auto const of_vision = [](Dimensions const& d) {
    return d.team == "vision" && d.user == "ada" && d.profile == "3g.20gb" && d.on == "mig-3g.20gb" && d.node == "a";
  };
  EXPECT_NEAR(books.sum(Measure::Held, of_vision), 4 * 5400, 0.1);
  EXPECT_NEAR(books.sum(Measure::HeldCompute, of_vision), 3 * 5400, 0.1);
  EXPECT_NEAR(books.sum(Measure::HeldGpus, of_vision), 2700, 0.1);
  EXPECT_NEAR(books.sum(Measure::Idle) + books.sum(Measure::Held) + books.sum(Measure::Reconfiguring), books.sum(Measure::Capacity), 0.1);
}

TEST(Books, CountTheEighthSliceAsLostToGeometry) {
  Books books;
  books.world.join(node("a", a100()));
  JobId const first = books.world.submit(job("sweep", "mig-1g.5gb"), 7);
  for (std::uint64_t i = 0; i < 7; ++i) {
    ASSERT_TRUE(books.world.ask(books.world.place_of({first.value + i}, fmt::format("a/0:1g.5gb@{}", i))));
    books.world.happen(JobStarted{{{first.value + i}, 1}, books.world.now, "MIG"});
  }
  books.catch_up();
  double const lost = books.sum(Measure::Loss), held = books.sum(Measure::Held);
  books.pass(seconds(100));
  EXPECT_NEAR(books.sum(Measure::Loss) - lost, 100, 0.1);
  EXPECT_NEAR(books.sum(Measure::Held) - held, 700, 0.1);
  EXPECT_NEAR(books.sum(Measure::LossCompute), 0, 0.01);
}

TEST(Books, CallIdleStrandedWhileWhatWaitsDoesNotFit) {
  Books books;
  books.world.join(node("a", a100()));
  JobId const small = books.world.submit(job("small", "mig-1g.5gb"));
  ASSERT_TRUE(books.world.ask(books.world.place_of(small, "a/0:1g.5gb@0")));
  books.pass(seconds(10));
  EXPECT_EQ(books.sum(Measure::Stranded), 0);
  books.world.submit(job("large", "mig-7g.40gb"));
  books.pass(seconds(1));
  double const before = books.sum(Measure::Stranded);
  books.pass(seconds(10));
  EXPECT_NEAR(books.sum(Measure::Stranded) - before, 70, 0.1);
}

TEST(Books, ChargeTheTemplatesPriceAsItWasWhenTheAttemptGotItsPlace) {
  Books books;
  books.world.join(node("a", a100()));
  Template what = *books.world.pool.find_template("mig-3g.20gb");
  what.price_micro = 3'600'000;
  books.world.happen(TemplateSet{what});
  JobId const id = books.world.submit(job("train", "mig-3g.20gb"));
  ASSERT_TRUE(books.world.ask(books.world.place_of(id, "a/0:3g.20gb@0")));
  books.world.happen(JobStarted{{id, 1}, books.world.now, "MIG-1"});
  what.price_micro = 7'200'000;
  books.world.happen(TemplateSet{what});
  books.pass(minutes(30));
  EXPECT_NEAR(books.sum(Measure::Cost), 1'800'000, 10);
  EXPECT_EQ(books.sum(Measure::Unpriced), 0);
}

TEST(Books, SetAsideWhatADrainedNodeHasFree) {
  Books books;
  NodeId const id = books.world.join(node("a", a100(), v100()));
  books.pass(seconds(1));
  ASSERT_TRUE(books.world.ask(DrainNode{id, "disks"}));
  books.catch_up();
  double const idle = books.sum(Measure::Idle);
  books.pass(seconds(10));
  EXPECT_EQ(books.sum(Measure::Idle), idle);
  EXPECT_NEAR(books.sum(Measure::SetAside), 90, 0.1);
}

}  // namespace
}  // namespace nav
