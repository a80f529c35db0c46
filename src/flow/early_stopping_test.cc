// SPDX-License-Identifier: Apache-2.0
#include "flow/early_stopping.h"

#include <cmath>
#include <gtest/gtest.h>
#include <limits>

namespace nav {
namespace {

api::FlowComponent sweep(api::EarlyStopping rule) {
  api::FlowComponent component{.kind = api::ComponentKind::Sweep, .grid = {{"rate", {"1", "2"}}}, .metric = "accuracy"};
  component.early_stopping = std::move(rule);
  return component;
}

TEST(EarlyStopping, MedianComparesEverySoManySteps) {
  api::EarlyStopping const rule{.rule = api::StoppingRule::Median, .after = 4, .every = 3};
  EXPECT_EQ(step_compared(rule, 3), std::nullopt);
  EXPECT_EQ(step_compared(rule, 4), 4);
  EXPECT_EQ(step_compared(rule, 9), 7);
  EXPECT_EQ(step_compared(rule, 10), 10);
}

TEST(EarlyStopping, AshaComparesAtRungsThatGrowByItsFactor) {
  api::EarlyStopping const rule{.rule = api::StoppingRule::Asha, .after = 2, .eta = 3};
  EXPECT_EQ(step_compared(rule, 1), std::nullopt);
  EXPECT_EQ(step_compared(rule, 5), 2);
  EXPECT_EQ(step_compared(rule, 6), 6);
  EXPECT_EQ(step_compared(rule, 53), 18);
  EXPECT_LE(*step_compared(rule, std::numeric_limits<std::int64_t>::max()), std::numeric_limits<std::int64_t>::max()) << "it comes to an end";
}

TEST(EarlyStopping, WhoIsWorseThanTheMedianOfTheOthersStops) {
  auto const component = sweep({.rule = api::StoppingRule::Median, .others = 3});
  EXPECT_EQ(why_stopped(component, 5, 0.4, {0.5, 0.6}), std::nullopt) << "two are too few";
  EXPECT_EQ(why_stopped(component, 5, 0.4, {0.3, 0.6, 0.5}), "accuracy was 0.4 at best by step 5, and the median of 3 others is 0.5");
  EXPECT_EQ(why_stopped(component, 5, 0.5, {0.3, 0.6, 0.5}), std::nullopt) << "as good is not worse";
  EXPECT_EQ(why_stopped(component, 5, 0.55, {0.5, 0.5, 0.6, 0.7}), std::nullopt) << "between the two in the middle";
}

TEST(EarlyStopping, OfAnAshaRungTheBestGoOn) {
  auto const component = sweep({.rule = api::StoppingRule::Asha, .eta = 3});
  EXPECT_EQ(why_stopped(component, 1, 0.1, {0.9}), std::nullopt) << "too few to tell";
  EXPECT_EQ(why_stopped(component, 1, 0.1, {0.9, 0.2}), "accuracy was 0.1 at best by step 1: 2 of the 3 trials that came so far were better, and 1 may go on");
  EXPECT_EQ(why_stopped(component, 1, 0.8, {0.9, 0.7, 0.2, 0.1, 0.1}), std::nullopt) << "second of six, of whom two go on";
  EXPECT_EQ(why_stopped(component, 1, 0.9, {0.9, 0.9}), std::nullopt) << "who are alike go on";
}

TEST(EarlyStopping, LessMayBeBetterAndNoNumberIsWorseThanAny) {
  auto component = sweep({.rule = api::StoppingRule::Median, .metric = "loss", .goal = api::SweepGoal::Min, .others = 1});
  EXPECT_TRUE(why_stopped(component, 1, 0.4, {0.3}));
  EXPECT_FALSE(why_stopped(component, 1, 0.2, {0.3}));
  EXPECT_TRUE(why_stopped(component, 1, std::nan(""), {0.3}));
  EXPECT_FALSE(why_stopped(component, 1, 0.3, {std::nan("")}));
  EXPECT_FALSE(why_stopped(component, 1, std::nan(""), {std::nan("")}));
}

TEST(EarlyStopping, WhatMakesNoSenseIsNamedWithItsField) {
  auto const field = [](api::FlowComponent const& component) { return check_early_stopping(component) ? "" : check_early_stopping(component).error().field; };
  EXPECT_EQ(field(sweep({})), "");
  auto without = sweep({});
  without.metric.clear();
  EXPECT_EQ(field(without), "early_stopping.metric");
  auto job = sweep({});
  job.kind = api::ComponentKind::Job;
  EXPECT_EQ(field(job), "early_stopping");
  EXPECT_EQ(field(sweep({.after = 0})), "early_stopping.after");
  EXPECT_EQ(field(sweep({.every = 0})), "early_stopping.every");
  EXPECT_EQ(field(sweep({.eta = 1})), "early_stopping.eta");
  EXPECT_EQ(field(sweep({.others = 0})), "early_stopping.others");
}

}  // namespace
}  // namespace nav
