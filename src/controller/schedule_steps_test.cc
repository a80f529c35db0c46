// SPDX-License-Identifier: Apache-2.0
// Schedules through the controller: whatever dies in between, each time that comes is settled once.
#include <gtest/gtest.h>

#include "base/text.h"
#include "controller/flow_world_fixture.h"

namespace nav::flow_fixture {
namespace {

/// A flow of one job, and schedules of it. Time goes by as the test says.
struct Clockwork : World {
  api::FlowDefinition one_job() const {
    api::FlowDefinition flow{.name = "nightly", .parameters = {{"rows", "1"}}};
    flow.components["a"] = {.on = {"cpu"}, .command = {"a", "{{rows}}"}};
    return flow;
  }
  Result<Accepted> make(std::string cron, api::Overlap overlap = api::Overlap::Skip, Duration may_be_late = hours(1)) {
    return ask(FlowCommand{MakeSchedule{.start = {.project = ProjectId{1}, .project_name = "default", .definition = one_job(), .flow = {}, .parameters = {}},
                                        .cron = std::move(cron),
                                        .time_zone = "UTC",
                                        .overlap = overlap,
                                        .may_be_late = may_be_late}});
  }
  /// Nothing comes in; a step is taken a millisecond after that moment of the day that the test began.
  void at(int hour, int minute) {
    now = std::max(now, Time{(hour * 60 + minute) * 60'000'000ll});
    (void)step({});
  }
  /// The node, which was not heard for as long as the clock was put forward, does all that is to be done.
  void finish() {
    for (int i = 0; i < 5; ++i) report(), deliver();
  }
  FlowSchedule const& schedule(std::uint64_t number = 1) {
    kept = controller->snapshot();
    return *kept->flows->schedules.at(FlowScheduleId{number});
  }
  /// "10:00 started run-1, 10:10 skipped: run-1 still goes on"
  std::string past() {
    std::string out;
    for (auto const& one : schedule().past)
      out += fmt::format("{}{}{} {}{}{}", out.empty() ? "" : ", ", one.count > 1 ? to_text(one.first).substr(11, 5) + " to " : "",
                         to_text(one.at).substr(11, 5), enum_text(one.outcome), one.run ? " " + to_text(one.run) : "", one.why.empty() ? "" : ": " + one.why);
    return out;
  }
};

TEST(Schedules, EachTimeStartsARunOfItsOwn) {
  Clockwork world;
  ASSERT_TRUE(world.make("*/10 * * * *"));
  EXPECT_EQ(world.controller->snapshot()->flows->next_run, 1u);  // the flow is kept, and nothing has started
  EXPECT_EQ(to_text(*world.controller->next_deadline()).substr(11, 5), "00:20");
  world.at(0, 19);
  EXPECT_EQ(world.past(), "");
  world.at(0, 20);
  EXPECT_EQ(world.past(), "00:20 started run-1");
  EXPECT_EQ(to_text(world.run().scheduled_for).substr(11), "00:20:00.000000Z");
  EXPECT_EQ(world.run().user, UserId{1});
  world.finish();
  EXPECT_EQ(world.run().state, api::FlowRunState::Succeeded);
  auto const request = json_read<JobRequest>(world.journal.blobs.rbegin()->second, Unknown::Ignore);
  EXPECT_EQ(request->env.at("NAV_SCHEDULED_FOR"), "1970-01-01T00:20:00.000000Z");
  world.at(0, 30);
  EXPECT_EQ(world.past(), "00:20 started run-1, 00:30 started run-2");
}

TEST(Schedules, OfTimesThatWereMissedTheNewestIsRunIfItIsYoungEnough) {
  Clockwork world;
  ASSERT_TRUE(world.make("0 * * * *", api::Overlap::Skip, minutes(30)));
  world.now = Time{(4 * 60 + 25) * 60'000'000ll};
  world.restart();
  world.at(4, 25);
  EXPECT_EQ(world.past(), "01:00 to 03:00 missed: nothing could be started then, and a later time was there to be run, 04:00 started run-1");
  world.finish();
  world.now = Time{(7 * 60 + 45) * 60'000'000ll};
  world.restart();
  world.at(7, 45);
  EXPECT_TRUE(world.past().ends_with("05:00 to 07:00 missed: nothing could be started until more than 30m later")) << world.past();
  world.at(8, 0);
  EXPECT_TRUE(world.past().ends_with("08:00 started run-2")) << world.past();
}

TEST(Schedules, WhileTheLastRunGoesOnATimeIsSkippedOrRunBesideIt) {
  Clockwork world;
  ASSERT_TRUE(world.make("*/10 * * * *"));
  world.at(0, 20), world.at(0, 30);
  EXPECT_EQ(world.past(), "00:20 started run-1, 00:30 skipped: run-1 still goes on");
  world.finish();
  world.at(0, 40);
  EXPECT_TRUE(world.past().ends_with("00:40 started run-2")) << world.past();

  Clockwork other;
  ASSERT_TRUE(other.make("*/10 * * * *", api::Overlap::Allow));
  other.at(0, 20), other.at(0, 30);
  EXPECT_EQ(other.past(), "00:20 started run-1, 00:30 started run-2");
}

TEST(Schedules, WhatCameWhileItWasPausedIsNotMadeUpFor) {
  Clockwork world;
  ASSERT_TRUE(world.make("*/10 * * * *"));
  ASSERT_TRUE(world.ask(FlowCommand{PauseSchedule{FlowScheduleId{1}}}));
  ASSERT_TRUE(world.ask(FlowCommand{PauseSchedule{FlowScheduleId{1}}}));  // said twice
  EXPECT_FALSE(world.controller->next_deadline());
  world.at(0, 45);
  world.restart();
  ASSERT_TRUE(world.ask(FlowCommand{ResumeSchedule{FlowScheduleId{1}}}));
  EXPECT_EQ(world.past(), "");
  world.at(0, 50);
  EXPECT_EQ(world.past(), "00:50 started run-1");
  ASSERT_TRUE(world.ask(FlowCommand{RemoveSchedule{FlowScheduleId{1}}}));
  world.at(1, 0);
  EXPECT_EQ(world.controller->snapshot()->flows->next_run, 2u);
  EXPECT_EQ(world.ask(FlowCommand{PauseSchedule{FlowScheduleId{1}}}).error().kind, ErrorKind::NotFound);
  ASSERT_TRUE(world.make("@daily"));
  EXPECT_TRUE(world.controller->snapshot()->flows->schedules.contains(FlowScheduleId{2}));  // no number is given twice
}

TEST(Schedules, ChangedTheyComeAtTheirNewTimesAndNoneFromBefore) {
  Clockwork world;
  ASSERT_TRUE(world.make("30 * * * *", api::Overlap::Allow));
  auto const change = [&](std::string cron, std::uint32_t seen) {
    StartFlow start{.project = ProjectId{1}, .project_name = "default", .definition = {}, .flow = "nightly", .parameters = {{"rows", "7"}}};
    return world.ask(
        FlowCommand{ChangeSchedule{.schedule = FlowScheduleId{1}, .seen = seen, .wish = {.start = start, .cron = std::move(cron), .time_zone = "UTC"}}});
  };
  world.at(0, 25);
  ASSERT_TRUE(change("*/20 * * * *", 0));
  EXPECT_EQ(world.past(), "") << "20 minutes past had gone by";
  EXPECT_EQ(to_text(*world.controller->next_deadline()).substr(11, 5), "00:40");
  EXPECT_EQ(change("@daily", 0).error().kind, ErrorKind::PreconditionFailed);
  world.restart();
  world.at(0, 40);
  EXPECT_EQ(world.past(), "00:40 started run-1");
  EXPECT_EQ(world.run().parameters.at("rows"), "7");
  EXPECT_EQ(world.schedule().revision, 1u);
}

TEST(Schedules, WhatStandsAgainstARunIsSaidAtItsTime) {
  Clockwork world;
  ASSERT_TRUE(world.make("*/10 * * * *"));
  auto changed = world.one_job();
  changed.components["a"].command = {"{{columns}}"};
  changed.parameters = {{"columns", "3"}};
  world.start(changed);  // run-1; each time takes the newest version
  ASSERT_TRUE(world.ask(AccessCommand{MakeUser{"ada", Role::Member}}));
  world.at(0, 20);
  EXPECT_EQ(world.run(2).version, 2u);
  world.finish();
  ASSERT_TRUE(world.ask(AccessCommand{ChangeUser{.user = UserId{2}, .role = Role::Admin}}));
  ASSERT_TRUE(world.ask(AccessCommand{ChangeUser{.user = UserId{1}, .role = Role::Viewer}}));
  world.at(0, 30);
  EXPECT_TRUE(world.past().ends_with("00:30 skipped: admin, who made it, may only look now")) << world.past();
  ASSERT_TRUE(world.ask(AccessCommand{ChangeUser{.user = UserId{1}, .disabled = true}}));
  world.at(0, 40);
  EXPECT_TRUE(world.past().ends_with("00:40 skipped: admin, who made it, is disabled")) << world.past();
}

TEST(Schedules, ANewestVersionThatDoesNotGoWithTheSchedulesParametersIsNotRun) {
  Clockwork world;
  ASSERT_TRUE(world.ask(FlowCommand{
      MakeSchedule{.start = {.project = ProjectId{1}, .project_name = "default", .definition = world.one_job(), .flow = {}, .parameters = {{"rows", "7"}}},
                   .cron = "*/10 * * * *",
                   .time_zone = "UTC"}}));
  auto changed = world.one_job();
  changed.components["a"].command = {"a"};
  changed.parameters.clear();
  world.start(changed);
  world.at(0, 20);
  EXPECT_NE(world.past().find("00:20 skipped: the flow has no parameter \"rows\""), std::string::npos) << world.past();
}

TEST(Schedules, WhatCannotBeASchedulesIsRefusedWithItsField) {
  Clockwork world;
  EXPECT_EQ(world.make("0 0 30 2 *").error().field, "cron");
  auto const late = world.make("@daily", api::Overlap::Skip, seconds(5));
  EXPECT_EQ(late.error(), (Error{ErrorKind::InvalidArgument, "may_be_late is 5s", "1m to 31d", "may_be_late"}));
  auto const unknown = world.ask(
      FlowCommand{MakeSchedule{.start = {.project = ProjectId{1}, .project_name = "default", .definition = {}, .flow = "none", .parameters = {}},
                               .cron = "@daily",
                               .time_zone = "UTC"}});
  EXPECT_EQ(unknown.error().field, "run.flow");
  EXPECT_TRUE(world.controller->snapshot()->flows->schedules.empty());
}

TEST(Schedules, AnUnknownZoneStartsNothingAndHarmsNothing) {
  Clockwork world;
  ASSERT_TRUE(world.ask(
      FlowCommand{MakeSchedule{.start = {.project = ProjectId{1}, .project_name = "default", .definition = world.one_job(), .flow = {}, .parameters = {}},
                               .cron = "* * * * *",
                               .time_zone = "Mars/Base"}}));
  world.at(1, 0);
  EXPECT_EQ(world.past(), "");
  EXPECT_FALSE(world.controller->next_deadline());
}

TEST(Schedules, WhileTheJournalRefusesItIsNotAskedWithoutAPause) {
  Clockwork world;
  ASSERT_TRUE(world.make("*/10 * * * *"));
  world.journal.full = true;
  world.at(0, 20);
  EXPECT_EQ(world.past(), "");
  EXPECT_GE(*world.controller->next_deadline(), world.now + milliseconds(900));
  world.journal.full = false;
  world.now = world.now + seconds(1);
  (void)world.step({});
  EXPECT_EQ(world.past(), "00:20 started run-1");
}

TEST(Schedules, KilledAtAnyInstantEachTimeIsSettledOnce) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Clockwork world;
    ASSERT_TRUE(world.make("*/10 * * * *"));
    Time const made = world.now;
    world.journal.random = Random(seed);
    world.journal.risky = true;
    for (int i = 0; i < 60; ++i) {
      world.now = world.now + minutes(static_cast<std::int64_t>(world.journal.random.below(25)));
      if (world.journal.random.chance(0.05)) world.now = world.now + hours(3);
      (void)world.step({});
      if (world.journal.random.chance(0.7)) world.finish();
    }
    world.journal.risky = false;
    world.now = world.now + seconds(2);
    (void)world.step({});
    std::map<Time, std::uint64_t> settled;
    for (auto const& frame : world.journal.frames) {
      if (frame.stream != "flow") continue;
      auto const event = *json_read<FlowEvent>(frame.body, Unknown::Ignore);
      if (auto const* started = std::get_if<FlowRunStarted>(&event)) ++settled[started->scheduled_for];
      if (auto const* skipped = std::get_if<ScheduledTimeSkipped>(&event)) ++settled[skipped->at];
      if (auto const* missed = std::get_if<ScheduledTimesMissed>(&event))
        for (Time at = missed->first; at <= missed->last; at = at + minutes(10)) ++settled[at];
    }
    std::int64_t const ten = minutes(10).us;
    EXPECT_EQ(static_cast<std::int64_t>(settled.size()), world.now.us / ten - made.us / ten) << "seed " << seed;
    for (auto const& [at, times] : settled) EXPECT_EQ(times, 1u) << to_text(at) << ", seed " << seed;
    auto const snapshot = world.controller->snapshot();
    EXPECT_EQ(save_flows(*load_flows(save_flows(*snapshot->flows))), save_flows(*snapshot->flows));
  }
}

}  // namespace
}  // namespace nav::flow_fixture
