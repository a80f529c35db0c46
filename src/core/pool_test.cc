// SPDX-License-Identifier: Apache-2.0
#include "core/pool.h"

#include <gtest/gtest.h>
#include <map>
#include <set>

#include "base/random.h"
#include "core/gang.h"
#include "core/random_world.h"

namespace nav {
namespace {

// ---- the tables below the pool

TEST(Table, ItHoldsWhatAMapWouldThroughAnySequenceOfChanges) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    Table<std::uint64_t, 4> table;
    std::map<std::uint64_t, std::uint64_t> model;
    std::vector<std::pair<Table<std::uint64_t, 4>, std::map<std::uint64_t, std::uint64_t>>> snapshots;
    for (int i = 0; i < 600; ++i) {
      std::uint64_t const number = random.below(random.chance(0.1) ? 100'000 : 40);
      if (random.chance(0.3)) table.erase(number), model.erase(number);
      else if (table.find(number)) table.edit(number) = model[number] = random.next();
      else model[number] = table.insert(number, random.next());
      if (random.chance(0.02)) snapshots.emplace_back(table, model);
    }
    snapshots.emplace_back(table, model);
    for (auto const& [copy, expected] : snapshots) {
      std::map<std::uint64_t, std::uint64_t> found;
      ASSERT_EQ(copy.size(), expected.size());
      for (auto const& [number, value] : expected) ASSERT_EQ(copy.at(number), value);
      std::vector<std::uint64_t> values, in_order;
      copy.each([&](std::uint64_t value) { values.push_back(value); });
      for (auto const& [number, value] : expected) in_order.push_back(value);
      ASSERT_EQ(values, in_order);
    }
  }
}

TEST(Cow, ACopyIsMadeOnlyWhenOneOfSeveralHoldersWrites) {
  Cow<std::vector<int>> one;
  one.edit().push_back(1);
  auto const* before = &*one;
  one.edit().push_back(2);
  EXPECT_EQ(&*one, before);
  Cow<std::vector<int>> const other = one;
  one.edit().push_back(3);
  EXPECT_EQ(other->size(), 2u);
  EXPECT_EQ(one->size(), 3u);
}

// ---- names of what comes with hardware

TEST(Family, ItIsTheWordPeopleUse) {
  EXPECT_EQ(family_of("NVIDIA A100-SXM4-40GB"), "a100");
  EXPECT_EQ(family_of("NVIDIA A100 80GB PCIe"), "a100");
  EXPECT_EQ(family_of("NVIDIA H100 80GB HBM3"), "h100");
  EXPECT_EQ(family_of("NVIDIA GH200 480GB"), "gh200");
  EXPECT_EQ(family_of("Tesla V100-SXM2-32GB"), "v100");
  EXPECT_EQ(family_of("NVIDIA RTX PRO 6000 Blackwell Server Edition"), "rtx-pro-6000");
  EXPECT_EQ(family_of("NVIDIA GeForce RTX 4090"), "rtx-4090");
  EXPECT_EQ(family_of(""), "gpu");
}

TEST(Templates, ANodeBringsItsProfilesItsGpusAndCpu) {
  fixture::World world = fixture::pool_of(fixture::node("a", fixture::a100(), fixture::a100(), fixture::a100(), fixture::v100()));
  std::string names;
  for (auto const& [name, t] : *world.pool.templates) names += name + ' ';
  EXPECT_EQ(names, "a100 a100-x2 a100-x3 cpu mig-1g.10gb mig-1g.5gb mig-1g.5gb.me mig-2g.10gb mig-3g.20gb mig-4g.20gb mig-7g.40gb v100 ");
  Template const& slice = world.pool.templates->at("mig-1g.5gb");
  EXPECT_EQ(slice.profile, "1g.5gb");
  EXPECT_EQ(slice.memory_mib, 262'144u / 4 / 8);
  EXPECT_TRUE(slice.seeded);
}

TEST(Templates, AnAdministratorsOwnIsNotOverwrittenByHardware) {
  fixture::World world;
  world.restart_controller();
  world.happen(TemplateSet{{.name = "cpu", .kind = TemplateKind::Cpu, .cpu_milli = 7'000, .memory_mib = 7}});
  world.join(fixture::node("a", fixture::a100()));
  EXPECT_EQ(world.pool.templates->at("cpu").cpu_milli, 7'000u);
}

// ---- what must hold whatever happens

/// Every promise about the pool that can be read off it.
void expect_sound(Pool const& pool) {
  std::map<AttemptId, int> seats;
  pool.nodes.each([&](Node const& node) {
    std::uint64_t cpu = 0, memory = 0;
    for (AttemptId attempt : node.attempts) {
      Job const* job = pool.job(attempt.job);
      ASSERT_TRUE(job && job->seat.node == node.id && job->attempt_id() == attempt) << to_text(attempt);
      ASSERT_TRUE(job->has_seat());
      cpu += job->seat.cpu_milli;
      memory += job->seat.memory_mib;
      ++seats[attempt];
    }
    ASSERT_EQ(cpu, node.cpu_milli_used);
    ASSERT_EQ(memory, node.memory_mib_used);
    for (auto const& gpu : node.gpus) {
      ASSERT_TRUE(!gpu.holder || node.attempts.contains(gpu.holder)) << "a GPU is held by nobody who is here";
      ASSERT_TRUE(!gpu.holder || gpu.slices.empty()) << "a GPU is whole and cut";
      ASSERT_TRUE(!gpu.geometry || gpu.geometry->state_of(gpu.layout())) << "a layout no board allows";
      ASSERT_TRUE(std::is_sorted(gpu.slices.begin(), gpu.slices.end(), [](Slice const& a, Slice const& b) { return a.at < b.at; }));
      for (auto const& slice : gpu.slices) {
        if (!slice.holder) continue;
        ASSERT_TRUE(node.attempts.contains(slice.holder));
        Seat const& seat = pool.job(slice.holder.job)->seat;
        ASSERT_EQ(seat.gpus, 1u << gpu.index);
        ASSERT_TRUE(seat.placement == slice.at);
      }
    }
  });
  std::uint64_t waiting = 0;
  pool.jobs.each([&](Job const& job) {
    waiting += job.state == JobState::Queued;
    ASSERT_EQ(seats[job.attempt_id()], job.has_seat() ? 1 : 0) << "job " << job.id.value << " sits in one place";
  });
  ASSERT_EQ(pool.waiting, waiting);
  std::set<std::pair<std::string, std::uint32_t>> meetings;
  pool.gangs.each([&](Gang const& gang) {
    std::uint32_t queued = 0, told = 0, seated = 0;
    for (std::uint32_t rank = 0; rank < gang.members; ++rank) {
      Job const* member = pool.job({gang.first.value + rank});
      ASSERT_TRUE(member && member->gang == gang.first) << "all members are there until the last has ended";
      queued += member->state == JobState::Queued;
      seated += member->has_seat();
      told += member->has_seat() && member->stop != StopCause::None;
    }
    ASSERT_TRUE(queued == 0 || queued == gang.members) << "gang " << to_text(gang.first) << " has places for some of its members";
    ASSERT_TRUE(queued > 0 || seated > 0) << "all of it is over, and it has not ended";
    ASSERT_EQ(told, gang.broken ? seated : 0) << "one was told to stop, and not all";
    ASSERT_EQ(gang.nodes.size(), queued > 0 ? 0u : gang.members);
    if (queued > 0) return;
    ASSERT_TRUE(meetings.emplace(address_of(*pool.node(gang.nodes[0])), gang.port).second) << "two gangs meet at one port";
  });
}

TEST(Pool, ThroughAnyStormEverySliceHasOneHolderAndEveryJobOneSeat) {
  std::map<std::string, int> gangs, services;  // what happened to some
  for (std::uint64_t seed = 1'000; seed < 1'100; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    fixture::RandomWorld storm(seed);
    for (int i = 0; i < 250; ++i) {
      storm.run(1);
      expect_sound(storm.world.pool);
      if (testing::Test::HasFatalFailure()) return;
    }
    for (auto const& [event, stamp] : storm.world.history) {
      if (auto const* placed = std::get_if<JobPlaced>(&event)) gangs["placed"] += placed->port != 0;
      if (auto const* stop = std::get_if<JobStopRequested>(&event)) ++services[enum_text(stop->cause)];
      if (auto const* broken = std::get_if<GangBroken>(&event)) ++gangs[broken->again ? "tried again" : enum_text(broken->end)];
    }
  }
  for (auto const* what : {"placed", "tried again", "failed", "cancelled"}) EXPECT_GT(gangs[what], 5) << what;
  for (auto const* what : {"idle", "unhealthy"}) EXPECT_GT(services[what], 0) << what;
}

TEST(Pool, WhenTheStormEndsEveryJobThatCanFinishDoesAndNothingIsLeft) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    fixture::RandomWorld storm(seed);
    storm.run(200);
    auto& world = storm.world;
    std::vector<JobId> jobs;
    world.pool.jobs.each([&](Job const& job) { jobs.push_back(job.id); });
    for (JobId id : jobs) (void)world.ask(CancelJob{id});
    std::vector<NodeId> nodes;
    world.pool.nodes.each([&](Node const& n) {
      if (n.state != NodeState::Lost) nodes.push_back(n.id);
    });
    for (NodeId id : nodes) world.sync(id);
    EXPECT_EQ(world.pool.jobs.size(), 0u);
    EXPECT_EQ(world.pool.gangs.size(), 0u);
    EXPECT_EQ(world.pool.queues.size(), 0u);
    EXPECT_TRUE(world.pool.queue_of->empty());
    world.pool.nodes.each([&](Node const& n) { EXPECT_TRUE(n.attempts.empty() && n.cpu_milli_used == 0); });
  }
}

}  // namespace
}  // namespace nav
