// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/offer.h"
#include "core/world_fixture.h"

// Templates that people make, change and retire, and what their terms do.
namespace nav {
namespace {

using fixture::a100;
using fixture::job;
using fixture::node;
using fixture::pool_of;
using fixture::v100;
using fixture::World;

Template slice(std::string name, std::string profile) {
  Template t;
  t.name = std::move(name);
  t.kind = TemplateKind::Slice;
  t.profile = std::move(profile);
  return t;
}

Template whole(std::string name, std::string family, std::uint32_t gpus) {
  Template t;
  t.name = std::move(name);
  t.kind = TemplateKind::Gpus;
  t.family = std::move(family);
  t.gpus = gpus;
  return t;
}

Error error_at(World& world, PoolCommand const& command) {
  auto const done = world.ask(command);
  EXPECT_FALSE(done);
  return done ? Error{} : done.error();
}

TEST(Templates, AMadeOneHasTheShareOfTheHardwareUnlessItSaysOtherwise) {
  World world = pool_of(node("a", a100(), a100()));
  EXPECT_EQ(world.tell(SetTemplate{slice("small", "1g.5gb")}), "TemplateSet");
  Template const& small = *world.pool.find_template("small");
  EXPECT_EQ(small.cpu_milli, world.pool.find_template("mig-1g.5gb")->cpu_milli);
  EXPECT_EQ(small.memory_mib, world.pool.find_template("mig-1g.5gb")->memory_mib);
  EXPECT_FALSE(small.seeded);
  EXPECT_EQ(world.tell(SetTemplate{slice("small", "1g.5gb")}), "refused: there is a template small already");
}

TEST(Templates, WhatNothingCanGiveIsRefusedWithWhatCan) {
  World world = pool_of(node("a", a100(), v100()));
  Error error = error_at(world, SetTemplate{slice("odd", "1g.6gb")});
  EXPECT_EQ(error.field, "profile");
  EXPECT_NE(error.hint.find("did you mean 1g.5gb"), std::string::npos) << error.hint;
  EXPECT_NE(error.hint.find("7g.40gb"), std::string::npos) << error.hint;
  error = error_at(world, SetTemplate{whole("many", "a100", 2)});
  EXPECT_EQ(error.field, "gpus");
  EXPECT_EQ(error.message, "no node has 2 GPUs of a100: the most on one node is 1");
  error = error_at(world, SetTemplate{whole("other", "v10", 1)});
  EXPECT_EQ(error.field, "family");
  EXPECT_NE(error.hint.find("did you mean v100?"), std::string::npos) << error.hint;
  Template far = slice("far", "1g.5gb");
  far.sites = {"her"};
  EXPECT_EQ(error_at(world, SetTemplate{far}).field, "sites[0]");
  Template wide = slice("wide", "1g.5gb");
  wide.memory_mib = 10'000'000;
  EXPECT_EQ(error_at(world, SetTemplate{wide}).field, "memory_mib");
  EXPECT_EQ(world.tell(SetTemplate{slice("odd", "1g.6gb"), TemplateWish::Make, Hardware::Later}), "TemplateSet") << "it will come";
}

TEST(Templates, DiscoveryLeavesAloneWhatAPersonMadeChangedOrRetired) {
  World world = pool_of(node("a", a100()));
  Template changed = *world.pool.find_template("mig-1g.5gb");
  changed.price_micro = 350'000;
  EXPECT_EQ(world.tell(SetTemplate{changed, TemplateWish::Replace}), "TemplateSet");
  EXPECT_EQ(world.tell(RemoveTemplate{"mig-2g.10gb"}), "TemplateRemoved");
  world.join(node("b", a100(), v100()));
  EXPECT_EQ(world.pool.find_template("mig-1g.5gb")->price_micro, 350'000);
  EXPECT_FALSE(world.pool.find_template("mig-1g.5gb")->seeded);
  EXPECT_EQ(world.pool.find_template("mig-2g.10gb"), nullptr);
  EXPECT_NE(world.pool.find_template("v100"), nullptr) << "what is new is seeded";
  EXPECT_EQ(world.tell(SetTemplate{slice("mig-2g.10gb", "2g.10gb")}), "TemplateSet") << "made again by a person";
  EXPECT_EQ(world.tell(RemoveTemplate{"mig-9g.1gb"}), "refused: there is no template mig-9g.1gb");
}

TEST(Templates, OneForATeamIsForNobodyElse) {
  World world = pool_of(node("a", a100()));
  Template t = slice("theirs", "1g.5gb");
  t.teams = {TeamId{7}};
  t.users = {UserId{9}};
  ASSERT_TRUE(world.ask(SetTemplate{t}));
  SubmitJobs submit{job("train", "theirs"), 1, {}, ProjectId{1}, {TeamId{1}}};
  Error const error = error_at(world, submit);
  EXPECT_EQ(error.kind, ErrorKind::Forbidden);
  EXPECT_EQ(error.field, "on[0]");
  submit.teams = {TeamId{1}, TeamId{7}};
  EXPECT_TRUE(world.ask(submit));
  submit.teams = {};
  world.by = UserId{9};
  EXPECT_TRUE(world.ask(submit));
}

TEST(Templates, ThePriorityCeilingHoldsWhenAJobIsSubmittedAndWhenItIsPlaced) {
  World world = pool_of(node("a", a100()));
  JobRequest request = job("train", "mig-1g.5gb");
  request.priority = 5;
  JobId const waiting = world.submit(request);
  Template t = *world.pool.find_template("mig-1g.5gb");
  t.priority_ceiling = 4;
  ASSERT_TRUE(world.ask(SetTemplate{t, TemplateWish::Replace}));
  EXPECT_EQ(world.place(waiting, "a/0:1g.5gb@0"), "mig-1g.5gb takes no job of a priority above 4");
  Error const error = error_at(world, SubmitJobs{request, 1, {}, ProjectId{1}});
  EXPECT_EQ(error.field, "on[0]");
  EXPECT_EQ(error.message, "mig-1g.5gb takes no job of priority 5");
}

TEST(Templates, NoAttemptRunsLongerThanItsTemplateAllows) {
  World world = pool_of(node("a", a100()));
  Template t = *world.pool.find_template("mig-1g.5gb");
  t.longest = minutes(30);
  ASSERT_TRUE(world.ask(SetTemplate{t, TemplateWish::Replace}));
  JobRequest request = job("train", "mig-1g.5gb");
  JobId const endless = world.submit(request);
  request.time_limit = minutes(10);
  JobId const quick = world.submit(request);
  request.time_limit = minutes(31);
  EXPECT_EQ(error_at(world, SubmitJobs{request, 1, {}, ProjectId{1}}).field, "on[0]");
  ASSERT_EQ(world.place(endless, "a/0:1g.5gb@0"), "");
  ASSERT_EQ(world.place(quick, "a/0:1g.5gb@1"), "");
  NodeSpec const spec = spec_of(world.pool, "test", world.id_of("a"));
  EXPECT_EQ(spec.attempts.at(0).time_limit, minutes(30));
  EXPECT_EQ(spec.attempts.at(1).time_limit, minutes(10));
}

TEST(Templates, AreTakenOnlyWhereTheySay) {
  World world = pool_of(node("a", a100()), node("b", a100()));
  Template t = slice("there", "1g.5gb");
  t.nodes = {"b"};
  ASSERT_TRUE(world.ask(SetTemplate{t}));
  JobId const id = world.submit(job("train", "there"));
  EXPECT_EQ(world.place(id, "a/0:1g.5gb@0"), "there is not to be had on a");
  EXPECT_EQ(world.place(id, "b/0:1g.5gb@0"), "");
}

}  // namespace
}  // namespace nav
