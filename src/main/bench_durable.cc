// SPDX-License-Identifier: Apache-2.0
// From a submission at the controller's door until the journal has it on disk.
#include <atomic>
#include <future>
#include <mutex>

#include "adapters/controller_thread.h"
#include "adapters/sqlite_journal.h"
#include "adapters/sqlite_views.h"
#include "main/bench.h"
#include "main/bench_queue.h"

namespace nav::bench {

namespace {

/// Clients that each submit a job, wait until it is durable, and submit the next. They are not threads but turns of the controller's answers.
class Load {
 public:
  Load(ControllerThread& controller, std::uint32_t clients) : controller_(controller), left_(clients) {}

  /// What it took each time, in milliseconds, after a warm-up of a tenth.
  Result<std::vector<double>> run(double seconds) {
    double const now = now_s();
    warm_ = now + seconds / 10;
    until_ = now + seconds;
    std::uint32_t const clients = left_;
    for (std::uint32_t i = 0; i < clients; ++i) submit();
    done_.get_future().wait();
    if (error_) return Unexpected(*error_);
    if (times_.empty()) return fail(ErrorKind::Timeout, "no submission was durable within {} s", seconds);
    return std::move(times_);
  }

 private:
  void submit() {
    double const begun = now_s();
    controller_.ask(submission(++number_), [this, begun](Result<Accepted> done) {
      double const now = now_s();
      bool last = false;
      {
        std::lock_guard lock(mutex_);
        if (!done) error_ = done.error();
        else if (begun >= warm_) times_.push_back((now - begun) * 1000);
        last = (error_ || now >= until_) && --left_ == 0;
        if (error_ || now >= until_) {
          if (last) done_.set_value();
          return;
        }
      }
      submit();
    });
  }

  ControllerThread& controller_;
  std::atomic<std::uint64_t> number_ = 0;
  double warm_ = 0, until_ = 0;
  std::mutex mutex_;
  std::uint32_t left_;
  std::vector<double> times_;
  std::optional<Error> error_;
  std::promise<void> done_;
};

Figures with_clients(Bench const& bench, std::uint32_t clients) {
  std::string const folder = fmt::format("{}/durable-{}", bench.folder, clients);
  TRY(auto const journal, SqliteJournal::open(folder));
  TRY(auto const views, SqliteViews::open(folder, *journal));
  ControllerThread controller(*journal, *views, ControllerOptions{}, AttemptTokens(std::string(32, 'b')));
  TRY_VOID(controller.start());
  for (auto& ask : node_that_takes_no_jobs()) {
    std::promise<Result<void>> answer;
    controller.ask(std::move(ask), [&](Result<Accepted> done) { answer.set_value(done ? Result<void>{} : Unexpected(done.error())); });
    TRY_VOID(answer.get_future().get());
  }
  Load load(controller, clients);
  TRY(auto times, load.run(bench.seconds()));
  controller.stop();

  double const rate = static_cast<double>(times.size()) / (bench.seconds() * 0.9);
  std::string const who = fmt::format("{} client{} at the controller's door, each submitting one job after another", clients, clients == 1 ? "" : "s");
  Figure latency = figure_of(fmt::format("submit-durable-{}", clients), "ms", std::move(times));
  latency.note = who + "; one fsync a group of submissions; views follow";
  latency.goal = "S2: p99 2 ms at 50,000/s";
  Figure jobs = rate_of(fmt::format("submit-durable-{}-rate", clients), "jobs/s", {rate});
  jobs.note = "of the same run";
  jobs.goal = "S2: 100,000/s, batched";
  return std::vector{std::move(latency), std::move(jobs)};
}

}  // namespace

Figures durable(Bench& bench) {
  TRY(auto figures, with_clients(bench, 1));
  TRY(auto more, with_clients(bench, bench.options.clients));
  for (auto& figure : more) figures.push_back(std::move(figure));
  return figures;
}

}  // namespace nav::bench
