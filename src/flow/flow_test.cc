// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "flow/check.h"
#include "flow/condition.h"
#include "flow/sweep.h"

namespace nav {
namespace {

/// prepare -> train (a sweep) -> serve
api::FlowDefinition digits() {
  api::FlowDefinition flow{.name = "digits", .parameters = {{"rows", "100"}}};
  flow.components["prepare"] = {.on = {"a100"}, .command = {"prepare", "{{rows}}"}, .outputs = {"data"}};
  flow.components["train"] = {.kind = api::ComponentKind::Sweep,
                              .on = {"mig-1g.5gb"},
                              .command = {"train", "--rate", "{{rate}}"},
                              .inputs = {{"data", "prepare.data"}},
                              .outputs = {"model"},
                              .grid = {{"rate", {"0.1", "0.2", "0.3"}}, {"units", {"8", "16"}}},
                              .metric = "accuracy"};
  flow.components["serve"] = {.on = {"cpu"}, .command = {"serve"}, .inputs = {{"model", "train.best.model"}}, .when = "train.best.metrics.accuracy > 0.5"};
  return flow;
}

Error refused(api::FlowDefinition const& flow, std::map<std::string, std::string> const& given = {}, std::uint32_t allowed = 1000) {
  auto const checked = check_flow(flow, given, allowed);
  return checked ? Error{} : checked.error();
}

TEST(Flow, OfASoundFlowTheOrderFollowsTheNeeds) {
  EXPECT_TRUE(check_flow(digits(), {}, 1000));
  EXPECT_EQ(in_order(digits()), (std::vector<std::string>{"prepare", "train", "serve"}));
  EXPECT_EQ(with_followers(digits(), {"train"}), (std::vector<std::string>{"train", "serve"}));
}

TEST(Flow, ACircleIsNamedWhole) {
  auto flow = digits();
  flow.components["prepare"].after = {"serve"};
  Error const error = refused(flow);
  EXPECT_EQ(error.message, "the components wait for each other: prepare needs serve needs train needs prepare");
  EXPECT_EQ(error.field, "components.prepare");
}

TEST(Flow, WhatIsNotThereIsNamedWithItsPlaceAndWhatIsNear) {
  auto flow = digits();
  flow.components["train"].inputs["data"] = "prepar.data";
  EXPECT_EQ(refused(flow).field, "components.train.inputs.data");
  EXPECT_EQ(refused(flow).hint, "did you mean prepare?");
  flow.components["train"].inputs["data"] = "prepare.dato";
  EXPECT_EQ(refused(flow).message, "prepare has no output \"dato\"");
  EXPECT_EQ(refused(flow).hint, "did you mean data?");
  flow = digits();
  flow.components["train"].command[2] = "{{rat}}";
  EXPECT_EQ(refused(flow).field, "components.train.command[2]");
  EXPECT_EQ(refused(digits(), {{"row", "5"}}).hint, "did you mean rows?");
}

TEST(Flow, ASweepSaysWhichTrialIsMeant) {
  auto flow = digits();
  flow.components["serve"].inputs["model"] = "train.model";
  EXPECT_EQ(refused(flow).message, "train is a sweep of many trials");
  flow.components["serve"].inputs["model"] = "train.best.model";
  flow.components["train"].metric = "";
  EXPECT_EQ(refused(flow).field, "components.train.metric");
}

TEST(Flow, AGridThatIsEmptyOrTooLargeIsRefused) {
  auto flow = digits();
  flow.components["train"].grid["units"].clear();
  EXPECT_EQ(refused(flow).field, "components.train.grid.units");
  flow.components["train"].grid["units"].assign(1000, "8");
  EXPECT_EQ(refused(flow).message, "the sweep has 3000 trials, and 1000 are allowed unasked");
  EXPECT_EQ(refused(flow).hint, "if that is meant, allow it: --trials-allowed 3000");
  EXPECT_TRUE(check_flow(flow, {}, 3000));
  flow.components["train"].grid["rate"].assign(1000, "1");
  EXPECT_EQ(refused(flow, {}, 100'000).message, "the sweep has 1000000 trials");
}

TEST(Flow, AmountsAreReadAsPeopleWriteThem) {
  auto flow = digits();
  flow.components["prepare"].time_limit = "soon";
  EXPECT_EQ(refused(flow).field, "components.prepare.time_limit");
  flow.components["prepare"].time_limit = "15m";
  flow.components["prepare"].on = {"a100:wait=soon", "cpu"};
  EXPECT_TRUE(refused(flow).field.starts_with("components.prepare.on[0]")) << refused(flow).field;
  flow.components["prepare"].on = {"a100:wait=2m", "cpu"};
  flow.components["prepare"].cpus = "many";
  EXPECT_EQ(refused(flow).field, "components.prepare.cpus");
}

TEST(Sweep, EveryCombinationOfAGridComesOnce) {
  auto const train = digits().components.at("train");
  std::set<std::map<std::string, std::string>> all;
  for (std::uint32_t i = 0; i < trial_count(train); ++i) all.insert(trial_parameters(train, i));
  EXPECT_EQ(all.size(), 6u);
  EXPECT_EQ(trial_parameters(train, 1), (std::map<std::string, std::string>{{"rate", "0.1"}, {"units", "16"}}));
}

TEST(Sweep, TheSameSeedDrawsTheSameWithinItsRange) {
  api::FlowComponent sweep{.kind = api::ComponentKind::Sweep, .trials = 50, .seed = 7};
  sweep.random["rate"] = {.low = 0.001, .high = 0.1, .log = true};
  sweep.random["units"] = {.low = 8, .high = 9, .whole = true};
  ASSERT_TRUE(check_sweep(sweep, 1000));
  std::set<std::string> units;
  for (std::uint32_t i = 0; i < 50; ++i) {
    auto const drawn = trial_parameters(sweep, i);
    EXPECT_EQ(drawn, trial_parameters(sweep, i));
    double const rate = std::stod(drawn.at("rate"));
    EXPECT_TRUE(rate >= 0.001 && rate <= 0.1) << rate;
    units.insert(drawn.at("units"));
  }
  EXPECT_EQ(units, (std::set<std::string>{"8", "9"}));
  auto other = sweep;
  other.seed = 8;
  EXPECT_NE(trial_parameters(sweep, 0).at("rate"), trial_parameters(other, 0).at("rate"));
}

TEST(Condition, IsAMetricAComparisonAndANumber) {
  auto const condition = parse_condition("train.best.metrics.accuracy >= 0.9");
  ASSERT_TRUE(condition);
  EXPECT_TRUE(condition->of_best && condition->holds_for(0.9) && !condition->holds_for(0.89));
  for (auto const* wrong : {"", "train > 1", "train.accuracy > 1", "train.metrics.accuracy => 1", "train.metrics.accuracy > one"})
    EXPECT_FALSE(parse_condition(wrong)) << wrong;
}

TEST(Flow, AServiceIsCheckedAsOneAndAJobIsNone) {
  auto flow = digits();
  flow.components["serve"].kind = api::ComponentKind::Endpoint;
  EXPECT_TRUE(check_flow(flow, {}, 1000));
  auto const refusal = [&](auto const& change) {
    auto changed = flow;
    change(changed.components["serve"]);
    return refused(changed);
  };
  EXPECT_EQ(refusal([](auto& c) { c.outputs = {"x"}; }).field, "components.serve.outputs");
  EXPECT_EQ(refusal([](auto& c) { c.metric = "accuracy"; }).field, "components.serve.metric");
  EXPECT_EQ(refusal([](auto& c) { c.cache = true; }).field, "components.serve.cache");
  EXPECT_EQ(refusal([](auto& c) { c.health = "healthz"; }).field, "components.serve.health");
  EXPECT_EQ(refusal([](auto& c) { c.idle_after = "soon"; }).field, "components.serve.idle_after");
  EXPECT_EQ(refusal([](auto& c) { c.idle_after = "1s"; }).field, "components.serve.idle_after");
  EXPECT_EQ(refusal([](auto& c) { c.grid["x"] = {"1"}; }).hint, "leave it out");
  EXPECT_EQ(refusal([](auto& c) { c.parallel = 2; }).field, "components.serve.parallel");
  EXPECT_EQ(refusal([](auto& c) { c.early_stopping.emplace(); }).field, "components.serve.early_stopping");
  EXPECT_EQ(refusal([](auto& c) { c.kind = api::ComponentKind::Job, c.health = "/"; }).field, "components.serve.health");
  EXPECT_EQ(refusal([](auto& c) { c.command.clear(); }).field, "components.serve.command");
  EXPECT_EQ(refusal([](auto& c) { c.kind = api::ComponentKind::Job, c.keep = true; }).field, "components.serve.keep");
  EXPECT_EQ(refusal([](auto& c) { c.kind = api::ComponentKind::Workspace, c.command.clear(); }).field, "") << "Jupyter";
  flow.components["after"] = {.on = {"cpu"}, .command = {"x"}, .when = "serve.metrics.accuracy > 1"};
  EXPECT_EQ(refused(flow).field, "components.after.when");
}

TEST(Flow, TwoServicesAreNotFoundUnderOneName) {
  auto flow = digits();
  flow.components["model-a"] = {.kind = api::ComponentKind::Endpoint, .on = {"cpu"}, .command = {"s"}};
  flow.components["model_a"] = flow.components["model-a"];
  EXPECT_EQ(refused(flow).message, "model-a and model_a are both found under NAV_DOOR_MODEL_A");
}

TEST(Flow, ServicesAloneAreKept) {
  api::FlowDefinition flow{.name = "served"};
  flow.components["serve"] = {.kind = api::ComponentKind::Endpoint, .on = {"cpu"}, .command = {"s"}};
  EXPECT_EQ(refused(flow).field, "components.serve.keep");
  flow.components["serve"].keep = true;
  EXPECT_TRUE(check_flow(flow, {}, 1000));
}

TEST(Flow, WhatStartsInAFolderOfItsNodeIsNotHandedOn) {
  auto flow = digits();
  flow.components["train"].workdir = "/data";
  flow.cache = true;  // the others are; this one runs
  EXPECT_TRUE(check_flow(flow, {}, 1000));
  flow.components["train"].cache = true;
  EXPECT_EQ(refused(flow).field, "components.train.cache");
  EXPECT_EQ(refused(flow).hint, "leave workdir out, and give what it needs as inputs");
}

}  // namespace
}  // namespace nav
