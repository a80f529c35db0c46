// SPDX-License-Identifier: Apache-2.0
// What waiting jobs cost: memory of each, and the time to take them up again after a restart.
#include "main/bench_queue.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adapters/clock.h"
#include "adapters/sqlite_journal.h"
#include "controller/checkpoint.h"
#include "main/bench.h"
#include "main/bench_pool.h"

namespace nav::bench {

namespace fs = std::filesystem;

Ask submission(std::uint64_t number, std::uint32_t count) {
  SubmitJobs submit;
  submit.request.name = "bench";
  submit.request.project = "default";
  submit.request.on = {"mig-1g.5gb"};
  submit.request.command = {"true", std::to_string(number)};
  submit.count = count;
  submit.body = Digest{1, number};
  submit.project = ProjectId{1};
  Ask ask;
  ask.by = UserId{1};
  ask.blob = Blob{submit.body, json_write(submit.request)};
  ask.command = PoolCommand{std::move(submit)};
  return ask;
}

std::vector<Ask> node_that_takes_no_jobs() {
  std::vector<Ask> asks(3);
  asks[0].command = PoolCommand{JoinNode{"dgx-0", "here", {}}};
  asks[1].command = PoolCommand{ReportNode{first_status(NodeId{1}, dgx_inventory("dgx-0"))}};
  asks[2].command = PoolCommand{DrainNode{NodeId{1}, "nothing is to start here"}};
  for (auto& ask : asks) ask.by = UserId{1};
  return asks;
}

namespace {

constexpr std::uint64_t most_jobs = 1'000'000;

/// The controller's step machine over a real journal, stepped by hand in this thread.
struct Stepped {
  std::unique_ptr<SqliteJournal> journal;
  std::unique_ptr<Controller> controller;
  std::vector<CheckpointDue> due;

  static Result<Stepped> open(std::string const& folder, ControllerOptions options = {}) {
    Stepped made;
    TRY(made.journal, SqliteJournal::open(folder));
    made.controller = std::make_unique<Controller>(*made.journal, std::move(options));
    TRY_VOID(made.controller->start(clock_now()));
    return made;
  }

  Result<void> step(std::vector<Ask> asks) {
    std::vector<ControllerInput> inputs;
    std::uint64_t ticket = 0;
    for (auto& ask : asks) inputs.push_back(AskInput{++ticket, std::move(ask)});
    for (auto& output : controller->step(std::move(inputs), clock_now())) {
      if (auto* answer = std::get_if<AskAnswered>(&output); answer && !answer->done) return Unexpected(answer->done.error());
      if (auto* checkpoint = std::get_if<CheckpointDue>(&output)) due.push_back(std::move(*checkpoint));
    }
    return {};
  }

  /// Jobs until there are so many or the time is over; how many there are.
  Result<std::uint64_t> fill(bool shared, double seconds) {
    std::uint64_t jobs = 0;
    for (Budget budget(seconds); jobs < most_jobs && budget.is_left();) {
      std::vector<Ask> asks;
      if (shared) asks.push_back(submission(1, 100'000));
      else
        for (std::uint64_t i = 0; i < 2'000; ++i) asks.push_back(submission(jobs + i));
      jobs += shared ? 100'000 : 2'000;
      TRY_VOID(step(std::move(asks)));
      due.clear();
    }
    return jobs;
  }
};

std::uint64_t resident_bytes() {
  malloc_trim(0);
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

struct Grown {
  std::uint64_t jobs = 0;
  double bytes = 0;
};

Result<Grown> grow(std::string const& folder, bool shared, double seconds) {
  TRY(auto stepped, Stepped::open(folder));
  for (auto& ask : node_that_takes_no_jobs()) TRY_VOID(stepped.step({ask}));
  // Once round, so that what does not grow with the jobs is there before.
  TRY_VOID(stepped.step({submission(most_jobs + 1)}));
  std::uint64_t const before = resident_bytes();
  TRY(auto const jobs, stepped.fill(shared, seconds));
  std::uint64_t const after = resident_bytes();
  return Grown{jobs, static_cast<double>(after) - static_cast<double>(before)};
}

/// In a process of its own, whose memory nobody has used before.
Result<Figure> memory_of(Bench const& bench, bool shared, std::string name) {
  std::string const folder = bench.folder + "/" + name;
  int ends[2];
  if (pipe(ends) != 0) return fail(ErrorKind::Internal, "no pipe could be made");
  pid_t const child = fork();
  if (child < 0) return fail(ErrorKind::Internal, "no process could be made");
  if (child == 0) {
    auto const grown = grow(folder, shared, bench.seconds());
    if (!grown) std::fprintf(stderr, "%s: %s\n", name.c_str(), to_text(grown.error()).c_str());
    Grown const said = grown.value_or(Grown{});
    _exit(write(ends[1], &said, sizeof said) == sizeof said ? 0 : 1);
  }
  close(ends[1]);
  Grown grown;
  bool const heard = read(ends[0], &grown, sizeof grown) == sizeof grown;
  close(ends[0]);
  waitpid(child, nullptr, 0);
  fs::remove_all(folder);
  if (!heard || grown.jobs == 0) return fail(ErrorKind::Internal, "the process that was to be measured ended");
  Figure figure = rate_of(std::move(name), "bytes/job", {grown.bytes / static_cast<double>(grown.jobs)});
  figure.goal = "S3: 200 (10 million in 2 GB)";
  figure.note = fmt::format("growth of resident memory of controller and journal over {} queued jobs {}; without views, read once", grown.jobs,
                            shared ? "submitted 100,000 at a time, one request for all" : "each with a request of its own");
  return figure;
}

Result<std::vector<double>> times_to_open(std::string const& folder, std::uint64_t jobs, double seconds) {
  std::vector<double> times;
  Budget budget(seconds);
  while (times.size() < 3 || (times.size() < 20 && budget.is_left())) {
    double const before = now_s();
    TRY(auto const stepped, Stepped::open(folder));
    times.push_back(now_s() - before);
    if (auto const waiting = stepped.controller->snapshot()->pool.waiting; waiting != jobs)
      return fail(ErrorKind::Internal, "{} of {} jobs were taken up", waiting, jobs);
  }
  return times;
}

}  // namespace

Figures memory(Bench& bench) {
  TRY(auto shared, memory_of(bench, true, "memory-shared"));
  TRY(auto distinct, memory_of(bench, false, "memory-distinct"));
  return std::vector{std::move(shared), std::move(distinct)};
}

Figures recovery(Bench& bench) {
  std::string const folder = bench.folder + "/recovery";
  std::uint64_t jobs = 0;
  {
    TRY(auto stepped, Stepped::open(folder));
    for (auto& ask : node_that_takes_no_jobs()) TRY_VOID(stepped.step({ask}));
    TRY(jobs, stepped.fill(false, bench.seconds()));
  }
  std::string const what = fmt::format(
      "opening the journal and taking up {} queued jobs, each submitted by itself; "
      "files are in the page cache; without views",
      jobs);
  TRY(auto replayed, times_to_open(folder, jobs, bench.seconds() / 2));
  Figure replay = figure_of("recovery-replay", "s", std::move(replayed));
  replay.note = what + "; every event is read";
  {
    TRY(auto stepped, Stepped::open(folder, {.checkpoint_every = 1}));
    TRY_VOID(stepped.step({submission(most_jobs + 1)}));
    if (stepped.due.empty()) return fail(ErrorKind::Internal, "no checkpoint came due");
    auto const& due = stepped.due.back();
    TRY_VOID(stepped.journal->save({due.snapshot->sequence(), save_checkpoint(due.snapshot->pool, *due.snapshot->access, *due.snapshot->flows, *due.answers)}));
  }
  TRY(auto restored, times_to_open(folder, jobs + 1, bench.seconds() / 2));
  Figure checkpoint = figure_of("recovery-checkpoint", "s", std::move(restored));
  checkpoint.note = what + "; from a checkpoint after the last of them";
  replay.p99.reset();  // of so few there is none
  checkpoint.p99.reset();
  replay.goal = checkpoint.goal = "S4: 3 s for 1 million";
  fs::remove_all(folder);
  return std::vector{std::move(replay), std::move(checkpoint)};
}

}  // namespace nav::bench
