// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "core/recount.h"
#include "plan/world_fixture.h"

/// A pool that several teams share, in virtual time: jobs run as long as they were told to, and end when they are stopped.
namespace nav::fixture {

struct Asking {
  std::vector<std::string> on;
  ProjectId project{1};
  Duration runs = hours(1);  ///< what it will need
  Duration limit = {};       ///< what it says; zero: nothing
  std::int32_t priority = 0;
  bool restartable = true;
  bool no_preempt = false;
  std::uint32_t members = 0;  ///< of a gang
};

struct Site : World {
  std::map<JobId, Duration> runs;
  std::map<JobId, Time> waits_since;
  std::uint64_t stopped = 0;  ///< attempts that were told to make room
  std::string last_sentence;

  Time now() const { return Time{clock_us}; }

  void team(std::uint64_t id, std::string const& name, Quota const& quota = {}, std::uint64_t parent = 0) {
    set_team(pool.accounts, TeamId{id}, name, TeamId{parent}, quota, now());
  }
  void project(std::uint64_t id, std::string const& name, std::uint64_t team, Quota const& quota = {}) {
    set_project(pool.accounts, ProjectId{id}, name, TeamId{team}, quota, now());
  }

  JobId ask(Asking const& what, std::uint32_t count = 1) {
    JobId const first{pool.next_job};
    SubmitJobs submit;
    submit.request.on = what.on;
    submit.request.command = {"true"};
    submit.request.priority = what.priority;
    submit.request.time_limit = what.limit;
    submit.request.restartable = what.restartable;
    submit.request.no_preempt = what.no_preempt;
    submit.request.members = what.members;
    submit.count = count;
    count *= std::max(what.members, 1u);
    submit.project = what.project;
    must(submit);
    for (std::uint32_t i = 0; i < count; ++i) {
      runs[JobId{first.value + i}] = what.runs;
      waits_since[JobId{first.value + i}] = now();
    }
    return first;
  }

  bool is_seated(JobId id) const { return pool.job(id) && pool.job(id)->state != JobState::Queued; }

  /// What every node sees now: attempts that have run long enough or were told to end have ended.
  void report_all() {
    std::vector<NodeId> ids;
    pool.nodes.each([&](Node const& node) { ids.push_back(node.id); });
    for (NodeId id : ids) {
      NodeStatus seen = status(id);
      for (auto& attempt : seen.attempts) {
        Job const& job = pool.jobs.at(attempt.id.job.value);
        attempt.started = job.started ? job.started : now();
        bool const done = job.started && now() - job.started >= runs[job.id];
        bool const told = job.stop != StopCause::None;
        if (!done && !told) continue;
        attempt.phase = AttemptPhase::Ended;
        attempt.outcome = done ? Outcome::Exited : Outcome::Stopped;
        attempt.ended = now();
      }
      must(ReportNode{std::move(seen)});
    }
  }

  /// A round with everything on, as the controller runs it.
  std::size_t share(std::size_t most = 10'000) {
    auto const plan = plan_round(
        pool, index, most,
        [&](PlaceJob const& place) {
          auto const placed = command(place);
          EXPECT_TRUE(placed) << to_text(placed.error());
          return placed.has_value();
        },
        [&](PoolCommand const& what) {
          auto const events = decide(pool, what, Asked{UserId{}, now()});
          if (events)
            for (auto const& event : *events)
              if (auto const* stop = std::get_if<JobStopRequested>(&event)) ++stopped, last_sentence = stop->message;
          auto const done = command(what);
          EXPECT_TRUE(done) << to_text(done.error());
          return done.has_value();
        },
        [&](PlaceGang const& gang) {
          auto const done = command(gang);
          EXPECT_TRUE(done) << to_text(done.error());
          return done.has_value();
        });
    return plan.places.size();
  }

  /// Time passes in steps, with reports and rounds.
  void pass(Duration time, Duration step = minutes(1)) {
    for (Time const end = now() + time; now() < end;) {
      clock_us += step.us;
      report_all();
      share();
      report_all();
    }
  }
};

}  // namespace nav::fixture
