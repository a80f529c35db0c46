// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/world_fixture.h"

// A job that ran out of memory begins anew where there is more, and says so.
namespace nav {
namespace {

using fixture::a100;
using fixture::job;
using fixture::node;
using fixture::pool_of;
using fixture::World;

JobRequest climbing(std::vector<std::string> on) {
  JobRequest request = job("train", std::move(on));
  request.on_out_of_memory = OnOutOfMemory::Climb;
  return request;
}

/// A world where job 1 sits there.
World seated(JobRequest const& request, std::string const& where, std::uint32_t rung = 0) {
  World world = pool_of(node("a", a100(), a100()));
  world.submit(request);
  EXPECT_EQ(world.place(JobId{1}, where, rung), "");
  world.sync("a");
  return world;
}

void run_out(World& world, Memory of = Memory::Gpu) { world.end(JobId{1}, Outcome::OutOfMemory, 1, "CUDA out of memory", of); }

/// "mig-2g.10gb,cpu: why", or how it ended.
std::string what_became_of_it(World const& world) {
  for (auto it = world.history.rbegin(); it != world.history.rend(); ++it) {
    if (auto const* end = std::get_if<JobEnded>(&it->first)) return fmt::format("{}: {}", enum_text(end->end), end->message);
    if (auto const* again = std::get_if<JobRequeued>(&it->first))
      return fmt::format("{}: {}", fmt::join(world.pool.queues.at(world.pool.job(again->job)->queue).request.on, ","), again->message);
  }
  return "nothing";
}

TEST(MoreMemory, ATrialClimbsProfileByProfileUntilThereIsNothingLarger) {
  World world = seated(climbing({"mig-1g.5gb"}), "a/0:1g.5gb@0");
  run_out(world);
  EXPECT_EQ(what_became_of_it(world), "mig-1g.10gb: mig-1g.5gb ran out of memory: CUDA out of memory; it begins anew on mig-1g.10gb");
  ASSERT_EQ(world.place(JobId{1}, "a/0:1g.10gb@0"), "");
  world.sync("a");
  run_out(world);
  EXPECT_EQ(what_became_of_it(world), "mig-3g.20gb: mig-1g.10gb ran out of memory: CUDA out of memory; it begins anew on mig-3g.20gb");
  ASSERT_EQ(world.place(JobId{1}, "a/1:3g.20gb@4"), "");
  world.sync("a");
  run_out(world);
  ASSERT_EQ(world.place(JobId{1}, "a/1:7g.40gb@0"), "");
  world.sync("a");
  run_out(world);
  EXPECT_EQ(what_became_of_it(world), "failed: CUDA out of memory; there is nothing larger for it than mig-7g.40gb");
}

TEST(MoreMemory, OnlyWhoSaidSoClimbs) {
  World world = seated(job("train", "mig-1g.5gb"), "a/0:1g.5gb@0");
  run_out(world);
  EXPECT_EQ(what_became_of_it(world), "failed: CUDA out of memory");
}

TEST(MoreMemory, TheRungsOfItsOwnListThatHaveMoreComeFirst) {
  JobRequest request = climbing({"mig-1g.5gb", "cpu", "mig-7g.40gb", "mig-3g.20gb"});
  request.limits = {{}, {}, {seconds(120), {}}, {}};
  World world = seated(request, "a/0:1g.5gb@0");
  run_out(world);
  EXPECT_TRUE(what_became_of_it(world).starts_with("mig-7g.40gb,mig-3g.20gb: ")) << what_became_of_it(world);
  auto const& now = world.pool.queues.at(world.pool.job(JobId{1})->queue).request;
  EXPECT_EQ(now.limits_of(0).wait, seconds(120));
  EXPECT_EQ(now.rung, 0u) << "it waits for the first of them";
}

TEST(MoreMemory, ItTakesNoneOfItsRetries) {
  JobRequest request = climbing({"mig-1g.5gb"});
  request.retries = 1;
  World world = seated(request, "a/0:1g.5gb@0");
  run_out(world);
  EXPECT_EQ(world.pool.job(JobId{1})->retries_left, 1u);
}

TEST(MoreMemory, ItPaysNoMoreThanItSaid) {
  World world = pool_of(node("a", a100()));
  Template dear = *world.pool.find_template("mig-1g.10gb");
  dear.price_micro = 3'000'000;
  ASSERT_TRUE(world.ask(SetTemplate{dear, TemplateWish::Replace}));
  JobRequest request = climbing({"mig-1g.5gb"});
  request.limits = {{{}, 1'000'000}};
  world.submit(request);
  ASSERT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "");
  world.sync("a");
  run_out(world);
  EXPECT_TRUE(what_became_of_it(world).starts_with("mig-2g.10gb: ")) << what_became_of_it(world);
  EXPECT_EQ(world.pool.queues.at(world.pool.job(JobId{1})->queue).request.limits_of(0).price_micro, 1'000'000);
}

TEST(MoreMemory, OfTheMachineItGetsALargerShareUnlessItSaidHowMuch) {
  World world = seated(climbing({"mig-1g.5gb"}), "a/0:1g.5gb@0");
  auto const had = world.pool.job(JobId{1})->seat.memory_mib;
  run_out(world, Memory::Machine);
  ASSERT_EQ(world.place(JobId{1}, "a/0:1g.10gb@0"), "");
  EXPECT_GT(world.pool.job(JobId{1})->seat.memory_mib, had);

  JobRequest request = climbing({"mig-1g.5gb"});
  request.memory_mib = 2048;
  world = seated(request, "a/0:1g.5gb@0");
  run_out(world, Memory::Machine);
  EXPECT_EQ(what_became_of_it(world), "failed: CUDA out of memory; it asked for 2 GiB itself, and gets that anywhere");
}

TEST(MoreMemory, WhatItAskedOfTheMachineSaysNothingOfAGpus) {
  JobRequest request = climbing({"mig-1g.5gb"});
  request.memory_mib = 2048;
  World world = seated(request, "a/0:1g.5gb@0");
  run_out(world, Memory::Gpu);
  EXPECT_EQ(what_became_of_it(world), "mig-1g.10gb: mig-1g.5gb ran out of memory: CUDA out of memory; it begins anew on mig-1g.10gb");
}

TEST(MoreMemory, ATemplateOfOthersIsNotClimbedTo) {
  World world = pool_of(node("a", a100()));
  for (char const* name : {"mig-1g.10gb", "mig-2g.10gb"}) {
    Template theirs = *world.pool.find_template(name);
    theirs.users = {UserId{77}};
    ASSERT_TRUE(world.ask(SetTemplate{theirs, TemplateWish::Replace}));
  }
  world.submit(climbing({"mig-1g.5gb"}));
  ASSERT_EQ(world.place(JobId{1}, "a/0:1g.5gb@0"), "");
  world.sync("a");
  run_out(world);
  EXPECT_TRUE(what_became_of_it(world).starts_with("mig-3g.20gb: ")) << what_became_of_it(world);
}

}  // namespace
}  // namespace nav
