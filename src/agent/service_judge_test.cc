// SPDX-License-Identifier: Apache-2.0
#include "agent/service_judge.h"

#include <gtest/gtest.h>

namespace nav {
namespace {

constexpr Time judged_from{1'000'000'000};
Time at_second(std::int64_t s) { return judged_from + seconds(s); }

ServiceSighting rests(std::int64_t s, std::string problem = {}) {
  return {.at = at_second(s), .problem = std::move(problem), .last_traffic = {}, .processors = 0.0};
}

ServiceJudge judge_of(ServiceKind kind, Duration idle_after = {}, ServiceJudge::Before before = ServiceJudge::Before::Unseen) {
  return ServiceJudge(Service{kind, "/", idle_after}, before);
}

TEST(ServiceJudge, ItStartsUntilItAnswersHoweverLongThatTakes) {
  auto judge = judge_of(ServiceKind::Endpoint);
  EXPECT_EQ(judge.status(), std::nullopt);
  for (int s = 0; s < 600; ++s) judge.saw(rests(s, "nothing listens"));
  EXPECT_EQ(judge.status()->phase, ServicePhase::Starting);
  EXPECT_EQ(judge.status()->reason, "nothing listens");
  EXPECT_EQ(judge.next_check(), at_second(600)) << "looked at every second";
  judge.saw(rests(600));
  EXPECT_EQ(judge.status()->phase, ServicePhase::Ready);
  EXPECT_EQ(judge.status()->reason, "");
  EXPECT_EQ(judge.next_check(), at_second(605));
}

TEST(ServiceJudge, OneAnswerMissedIsNoNewsAndThreeAre) {
  auto judge = judge_of(ServiceKind::Endpoint);
  judge.saw(rests(0));
  for (int round = 0; round < 5; ++round) {
    judge.saw(rests(10 * round + 1, "503"));
    judge.saw(rests(10 * round + 2, "503"));
    EXPECT_EQ(judge.status()->phase, ServicePhase::Ready);
    judge.saw(rests(10 * round + 3));
  }
  for (int s = 100; s < 103; ++s) judge.saw(rests(s, "503"));
  EXPECT_EQ(judge.status()->phase, ServicePhase::Unhealthy);
  judge.saw(rests(103, "nothing listens"));
  EXPECT_EQ(judge.status()->reason, "503");
  judge.saw(rests(104));
  EXPECT_EQ(judge.status()->phase, ServicePhase::Ready);
  EXPECT_EQ(judge.status()->reason, "");
}

TEST(ServiceJudge, AnAgentStartedAnewTakesAHungEndpointForUnhealthyNotForNew) {
  auto judge = judge_of(ServiceKind::Endpoint, {}, ServiceJudge::Before::Ready);
  judge.saw(rests(0, "timed out"));
  EXPECT_EQ(judge.status()->phase, ServicePhase::Ready);
  judge.saw(rests(1, "timed out"));
  judge.saw(rests(2, "timed out"));
  EXPECT_EQ(judge.status()->phase, ServicePhase::Unhealthy);
}

TEST(ServiceJudge, ItIsIdleSinceItWasLastVisitedOrLastWorked) {
  auto judge = judge_of(ServiceKind::Workspace, hours(2));
  judge.saw(rests(0));
  judge.saw(rests(59));
  EXPECT_EQ(judge.status()->idle_since, Time{}) << "a pause is no news";
  judge.saw(rests(60));
  EXPECT_EQ(judge.status()->idle_since, at_second(0));
  judge.saw({.at = at_second(100), .problem = {}, .last_traffic = at_second(99), .processors = 0.0});
  EXPECT_EQ(judge.status()->idle_since, Time{}) << "somebody came";
  judge.saw({.at = at_second(200), .problem = {}, .last_traffic = at_second(99), .processors = 0.0});
  EXPECT_EQ(judge.status()->idle_since, at_second(99));
  judge.saw({.at = at_second(300), .problem = {}, .last_traffic = at_second(99), .processors = 0.5});
  EXPECT_EQ(judge.status()->idle_since, Time{}) << "it computes, though nobody looks";
  judge.saw({.at = at_second(360), .problem = {}, .last_traffic = at_second(99), .processors = 0.01});
  EXPECT_EQ(judge.status()->idle_since, at_second(300));
}

TEST(ServiceJudge, WhatCannotBeMeasuredIsNotTakenForRest) {
  auto judge = judge_of(ServiceKind::Workspace, hours(2));
  for (int s = 0; s < 1000; s += 5) judge.saw({.at = at_second(s), .problem = {}, .last_traffic = {}, .processors = {}});
  EXPECT_EQ(judge.status()->idle_since, Time{});
}

TEST(ServiceJudge, AShortLimitIsNotMissedForThePause) {
  auto judge = judge_of(ServiceKind::Workspace, seconds(10));
  judge.saw(rests(0));
  judge.saw(rests(5));
  EXPECT_EQ(judge.status()->idle_since, at_second(0));
}

TEST(ServiceJudge, VisitsByAClockAheadAreOfNowAtTheLatest) {
  auto judge = judge_of(ServiceKind::Workspace, hours(1));
  judge.saw(rests(0));
  judge.saw({.at = at_second(1), .problem = {}, .last_traffic = at_second(100'000), .processors = 0.0});
  judge.saw({.at = at_second(70), .problem = {}, .last_traffic = at_second(1), .processors = 0.0});
  EXPECT_EQ(judge.status()->idle_since, at_second(1));
}

}  // namespace
}  // namespace nav
