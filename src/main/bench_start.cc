// SPDX-License-Identifier: Apache-2.0
// From a submission until its process runs, and until the controller knows its end: the whole way over HTTP, journal, planner, agent,
// simulated driver and supervisor.
#include <unistd.h>

#include "adapters/clock.h"
#include "api/jobs.h"
#include "main/bench.h"
#include "main/bench_site.h"

namespace nav::bench {

namespace {

constexpr char driver_note[] = "over HTTP, journal, agent and supervisor; the driver is simulated and answers at once, so a real one's time comes on top";

/// Jobs by one client, and what became of each.
class Jobs {
 public:
  explicit Jobs(Site& site) : http_(site.as_admin()) {}
  /// Nothing that was submitted here and is not over goes on.
  ~Jobs() {
    for (JobId job : holding_) (void)http_.call({.method = "POST", .path = fmt::format("/v1/jobs/{}/cancel", to_text(job)), .body = "{}"});
    for (JobId job : holding_) (void)wait_until(job, [](api::Job const& seen) { return is_over(seen.state); });
  }

  /// Takes something away from the other jobs until the end.
  Result<void> hold(std::string const& on) {
    TRY(auto const job, submit(on, {"sleep", "600"}));
    holding_.push_back(job);
    TRY(auto const seen, wait_until(job, [](api::Job const& one) { return one.state == api::JobState::Running || is_over(one.state); }));
    if (is_over(seen.job.state))
      return fail(ErrorKind::Internal, "job {} ended as {}: {}", to_text(job), enum_text(seen.job.state), seen.job.message.value_or(""));
    return {};
  }

  struct Run {
    Time submitted, started, known_over;
    std::string problem;   ///< it did not end well: how; empty: it did
    bool was_cut = false;  ///< an idle slice was given up for it
    std::string instance;
  };
  /// `true`, to its end. Submitted is when the request was about to be sent, by the clock the agent reads too.
  Result<Run> run(std::string const& on) {
    Run run;
    run.submitted = clock_now();
    TRY(auto const job, submit(on, {"true"}));
    TRY(auto const seen, wait_until(job, [](api::Job const& one) { return is_over(one.state); }));
    if (seen.job.state != api::JobState::Succeeded || !seen.job.started) {
      run.problem = fmt::format("{}: {}", enum_text(seen.job.state), seen.job.message.value_or(""));
      return run;
    }
    run.started = *seen.job.started;
    for (auto const& event : seen.history) {
      if (event.kind == "JobEnded") run.known_over = event.at;
      if (event.kind == "JobPlaced") run.was_cut = event.body.text.find("\"removed\":[\"") != std::string::npos;
    }
    run.instance = seen.attempts.empty() ? "" : seen.attempts.back().instance_uuid.value_or("");
    return run;
  }

 private:
  Result<JobId> submit(std::string const& on, std::vector<std::string> command) {
    api::SubmitJobs wanted;
    wanted.on = {on};
    wanted.command = std::move(command);
    wanted.time_limit = minutes(10);
    TRY(auto const answer, http_.call({.method = "POST", .path = "/v1/jobs", .body = json_write(wanted)}));
    TRY(auto const submitted, json_read<api::SubmittedJobs>(answer.body, Unknown::Ignore));
    return submitted.first;
  }

  template <class Condition>
  Result<api::JobDetails> wait_until(JobId job, Condition&& condition) {
    for (Time const patience = clock_now() + minutes(1); clock_now() < patience; usleep(5'000)) {
      TRY(auto const answer, http_.exchange({.path = fmt::format("/v1/jobs/{}", to_text(job))}));
      if (!answer.is_success()) continue;  // lists trail the journal by a moment
      TRY(auto seen, json_read<api::JobDetails>(answer.body, Unknown::Ignore));
      if (condition(seen.job)) return seen;
    }
    return fail(ErrorKind::Timeout, "job {} was not what it should be within a minute: see nav bench --data DIR and the logs there", to_text(job));
  }

  client::HttpClient http_;
  std::vector<JobId> holding_;
};

double ms(Duration duration) { return static_cast<double>(duration.us) / 1000; }

/// Figures of runs, alternating between the templates, of which only those count that found (or did not find) a slice to give up.
Figures measure(Jobs& jobs, std::vector<std::string> const& templates, bool cut, double seconds, std::string const& name, std::string const& what) {
  std::vector<double> running, over;
  std::size_t turn = 0;
  for (int warm_up = 0; warm_up < 4; ++warm_up) TRY_VOID(jobs.run(templates[turn++ % templates.size()]));
  std::uint64_t others = 0, failed = 0;
  std::string before, problem;
  for (Budget budget(seconds); budget.is_left() || (running.empty() && others < 50);) {
    TRY(auto const run, jobs.run(templates[turn++ % templates.size()]));
    if (!run.problem.empty()) {
      problem = run.problem;
      if (++failed == 10) return fail(ErrorKind::Internal, "ten jobs did not succeed; the last ended as {}", problem);
      continue;
    }
    bool const as_wanted = cut ? run.was_cut : !run.was_cut && run.instance == before;
    before = run.instance;
    if (!as_wanted) {
      ++others;
      continue;
    }
    running.push_back(ms(run.started - run.submitted));
    over.push_back(ms(run.known_over - run.submitted));
  }
  if (running.empty()) return fail(ErrorKind::Internal, "none of {} jobs {}", others, cut ? "needed a cut" : "met an idle slice");
  Figure started = figure_of(name + "-running", "ms", std::move(running));
  started.note = fmt::format("{}, one job at a time, {}", what, driver_note);
  if (failed > 0) started.note += fmt::format("; {} more did not succeed and are not counted, the last ended as {}", failed, problem);
  started.goal = cut ? "" : "S5: 20 ms of our own";
  Figure finished = figure_of(name + "-finished", "ms", std::move(over));
  finished.note = "the same jobs (`true`), until the journal holds their end";
  return std::vector{std::move(started), std::move(finished)};
}

}  // namespace

Figures start_idle(Bench& bench) {
  TRY(Site* const site, site_of(bench));
  Jobs jobs(*site);
  return measure(jobs, {"mig-1g.5gb"}, false, bench.seconds(), "start-idle", "submit to process on a slice that stands idle");
}

Figures start_cut(Bench& bench) {
  TRY(Site* const site, site_of(bench));
  Jobs jobs(*site);
  // All but one GPU are held, so that each of the two has to cut away the other's slice.
  for (int gpu = 0; gpu < 7; ++gpu) TRY_VOID(jobs.hold("a100"));
  return measure(jobs, {"mig-7g.40gb", "mig-4g.20gb"}, true, bench.seconds(), "start-cut",
                 "submit to process where an idle slice must be destroyed and another made");
}

}  // namespace nav::bench
