// SPDX-License-Identifier: Apache-2.0
// Whatever goes wrong, and however often the agent dies: once the storm is over, what is there is what should be there.
#include <gtest/gtest.h>

#include "agent/world_fixture.h"

namespace nav {
namespace {

using fixture::attempt;
using fixture::World;

/// Another wish of the controller: slices that go together, jobs on some of them, some stopped, some forgotten.
void wish_anew(World& world, Random& random, std::uint64_t& jobs) {
  static constexpr std::string_view placements[] = {"1g.5gb@0",  "1g.5gb@1",  "1g.5gb@4",  "1g.5gb@6",  "2g.10gb@0", "2g.10gb@2",
                                                    "2g.10gb@4", "3g.20gb@0", "3g.20gb@4", "4g.20gb@0", "7g.40gb@0"};
  auto const& reported = world.reported;
  // Attempts leave the spec once the controller knows their end, as the core has it; others are asked to stop.
  std::erase_if(world.spec.attempts, [&](AttemptSpec const& a) {
    if (!reported) return false;
    return std::any_of(reported->attempts.begin(), reported->attempts.end(), [&](auto const& s) { return s.id == a.id && s.phase == AttemptPhase::Ended; });
  });
  for (auto& a : world.spec.attempts)
    if (random.chance(0.4)) a.stop = StopCause::Cancelled;
  for (auto& gpu : world.spec.gpus) {
    std::vector<std::string> layout;
    unsigned taken = 0;
    bool whole_is_held = false, any_held = false;
    for (auto const& a : world.spec.attempts) {
      if (a.gpus.empty() || a.gpus[0] != gpu.uuid) continue;
      any_held = true;
      if (a.placement.empty()) whole_is_held = true;
      else layout.push_back(a.placement), taken |= fixture::slices_of(a.placement);
    }
    if (whole_is_held) continue;
    if (!any_held && random.chance(0.2)) {
      gpu.mode = GpuMode::Whole;
      gpu.layout.clear();
      if (random.chance(0.5)) world.add(++jobs, "", gpu.uuid);
      continue;
    }
    if (gpu.mode == GpuMode::Whole && any_held) continue;
    gpu.mode = GpuMode::Mig;
    for (int i = 0; i < 6; ++i) {
      std::string const placement(placements[random.below(std::size(placements))]);
      if ((taken & fixture::slices_of(placement)) != 0) continue;
      taken |= fixture::slices_of(placement);
      layout.push_back(placement);
      if (random.chance(0.6)) world.add(++jobs, placement, gpu.uuid);
    }
    std::sort(layout.begin(), layout.end());
    gpu.layout = layout;
  }
  if (random.chance(0.3)) world.add(++jobs, "", "");
  ++world.spec.generation.sequence;
}

void strike(World& world, Random& random) {
  auto& gpus = world.machine.gpus;
  auto& gpu = std::next(gpus.begin(), static_cast<std::ptrdiff_t>(random.below(gpus.size())))->second;
  switch (random.below(10)) {
    case 0: gpu.refuse_creations = static_cast<int>(random.below(6)); break;
    case 1: gpu.hangs = !gpu.hangs; break;
    case 2: gpu.lost = !gpu.lost; break;
    case 3:
      if (!gpu.instances.empty()) gpu.instances.begin()->second.uuid.clear();
      break;  // compute instance destroyed by hand
    case 4:
      if (!gpu.instances.empty() && !world.machine.living_on("", "")) gpu.instances.begin()->second.foreign_process = "process 7";
      break;
    case 5: world.controller_is_there = !world.controller_is_there; break;
    case 6: world.start_agent(); break;  // kill -9 and start: outputs under way are not carried out any more
    case 7: world.machine.ignores_stop = !world.machine.ignores_stop; break;
    case 8:
      if (!world.machine.jobs.empty()) world.machine.end(world.machine.jobs[random.below(world.machine.jobs.size())].status.id, Outcome::Exited);
      break;
    case 9: world.reported.reset(); break;  // the controller was restarted
  }
}

void calm(World& world) {
  for (auto& [uuid, gpu] : world.machine.gpus) {
    gpu.hangs = gpu.lost = false;
    gpu.refuse_creations = 0;
    for (auto& [placement, instance] : gpu.instances) instance.foreign_process.clear();
  }
  world.controller_is_there = true;
  world.machine.ignores_stop = false;
  // The last wish: nothing is being stopped any more, and the reported dead are gone.
  std::erase_if(world.spec.attempts, [](auto const& a) { return a.stop != StopCause::None; });
  ++world.spec.generation.sequence;
}

void storm(std::uint64_t seed) {
  SCOPED_TRACE(fmt::format("seed {}", seed));
  World world;
  Random random(seed);
  Random weather = random.child("weather"), wishes = random.child("wishes"), delays = random.child("delays");
  world.random = random.child("agent");
  world.delay = [&] { return microseconds(static_cast<std::int64_t>(delays.below(delays.chance(0.05) ? 3'000'000 : 20'000))); };
  world.machine.gpus["GPU-1"] = {};
  world.shape({}, GpuMode::Mig, "GPU-0");
  world.shape({}, GpuMode::Mig, "GPU-1");
  world.start_agent();
  std::uint64_t jobs = 0;
  for (int i = 0; i < 30; ++i) {
    wish_anew(world, wishes, jobs);
    strike(world, weather);
    world.run(milliseconds(static_cast<std::int64_t>(weather.below(4000))));
  }
  calm(world);
  world.run(minutes(3));

  EXPECT_EQ(world.machine.broken, std::vector<std::string>{});
  for (auto const& [id, times] : world.machine.started) EXPECT_LE(times, 1) << to_text(id);
  for (auto const& gpu : world.spec.gpus) {
    auto const& there = world.machine.gpus.at(gpu.uuid);
    EXPECT_EQ(there.mode, gpu.mode);
    std::vector<std::string> layout;
    for (auto const& [placement, instance] : there.instances) {
      layout.push_back(placement);
      EXPECT_NE(instance.uuid, "");
    }
    EXPECT_EQ(layout, gpu.layout) << gpu.uuid;
  }
  for (auto const& job : world.machine.jobs) {
    bool const wanted = std::any_of(world.spec.attempts.begin(), world.spec.attempts.end(), [&](auto const& a) { return a.id == job.status.id; });
    if (!wanted) { EXPECT_NE(job.status.phase, AttemptPhase::Running) << to_text(job.status.id); }
  }
  // Every attempt asked for runs, or is reported as over.
  for (auto const& want : world.spec.attempts) {
    ASSERT_TRUE(world.reported);
    auto it = std::find_if(world.reported->attempts.begin(), world.reported->attempts.end(), [&](auto const& a) { return a.id == want.id; });
    ASSERT_NE(it, world.reported->attempts.end()) << to_text(want.id);
    EXPECT_NE(it->phase, AttemptPhase::Starting) << to_text(want.id);
  }
  for (auto const& gpu : world.reported->gpus) EXPECT_EQ(gpu.problem, "");
  EXPECT_TRUE(world.record.steps.empty());
}

TEST(AgentStorm, EndsInWhatTheSpecSays) {
  for (std::uint64_t seed = 1; seed <= 200 && !testing::Test::HasFailure(); ++seed) storm(seed);
}

}  // namespace
}  // namespace nav
