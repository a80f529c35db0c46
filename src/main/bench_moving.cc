// SPDX-License-Identifier: Apache-2.0
// What a search for jobs to be moved costs the planner, once a job fits nowhere.
#include "base/random.h"
#include "main/bench.h"
#include "main/bench_pool.h"
#include "plan/place_by_moving.h"

namespace nav::bench {

namespace {

/// Jobs on this template until one fits nowhere: that one.
Result<JobId> until_nothing_fits(BenchPool& world, std::string const& on) {
  for (;;) {
    JobId const job{world.pool.next_job};
    TRY_VOID(world.command(SubmitJobs{.request = {.on = {on}, .command = {"true"}}, .body = {}, .project = ProjectId{1}}));
    auto const found = nav::place(world.pool, world.index, world.pool.queues.at(world.pool.job(job)->queue).request, job);
    if (!found) return job;
    TRY_VOID(world.command(*found));
    world.index.refresh(world.pool, found->node);
  }
}

/// The whole of place_by_moving(): reading all slices, searching with prices, holding the plan against decide.
Result<Figure> searches(std::uint32_t gpus, std::string name, double seconds) {
  BenchPool world;
  TRY_VOID(world.add_nodes(gpus / 8));
  Random random(1);
  static std::string const profiles[] = {"mig-1g.5gb", "mig-1g.10gb", "mig-2g.10gb", "mig-3g.20gb", "mig-4g.20gb"};
  auto const submit = [&](std::string const& on, std::uint32_t count) {
    return world.command(
        SubmitJobs{.request = {.on = {on}, .command = {"true"}, .restartable = random.chance(0.9)}, .count = count, .body = {}, .project = ProjectId{1}});
  };
  // Small and large alike until nothing fits; then one in twenty leaves, here and there.
  for (std::uint32_t left = 4 * gpus; left > 0;) {
    auto const some = std::min(left, 50u);
    TRY_VOID(submit(profiles[random.below(std::size(profiles))], some));
    left -= some;
  }
  std::vector<AttemptId> seated;
  (void)plan_round(world.pool, world.index, 8u * gpus, [&](PlaceJob const& place) {
    bool const placed = world.command(place).has_value();
    world.index.refresh(world.pool, place.node);
    if (placed) seated.push_back(world.pool.job(place.job)->attempt_id());
    return placed;
  });
  for (AttemptId id : seated) world.pool.jobs.edit(id.job.value).state = JobState::Running;
  for (AttemptId id : seated)
    if (random.chance(0.05)) world.finish(id);
  std::vector<double> samples;
  std::uint64_t found = 0;
  for (Budget budget(seconds); samples.size() < 10'000 && (budget.is_left() || samples.size() < 5);) {
    for (char const* wanted : {"mig-7g.40gb", "mig-4g.20gb", "a100", "a100-x2"}) {
      TRY(auto const job, until_nothing_fits(world, wanted));
      Job const waiting = *world.pool.job(job);
      auto const& request = world.pool.queues.at(waiting.queue).request;
      double const before = now_s();
      auto const plan = place_by_moving(world.pool, world.index, request, waiting);
      samples.push_back((now_s() - before) * 1e3);
      found += plan.has_value();
    }
  }
  auto const count = samples.size();
  Figure figure = figure_of(std::move(name), "ms", std::move(samples));
  figure.note = fmt::format(
      "place_by_moving() for 7g, 4g, one and two whole GPUs by turns, those of them that fit nowhere; {} GPUs nearly full; {} of {} found a plan", gpus, found,
      count);
  return figure;
}

}  // namespace

Figures planner_moving(Bench& bench) {
  std::vector<Figure> figures;
  for (auto const& [gpus, name] : {std::pair{1'000u, "planner-moving-1k"}, std::pair{100'000u, "planner-moving-100k"}}) {
    TRY(auto figure, searches(gpus, name, bench.seconds() / 3));
    figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace nav::bench
