// SPDX-License-Identifier: Apache-2.0
// Submissions through the real HTTP API by many clients, each a thread with a connection of its own. First all send as fast as they are
// answered, which gives the rate; then they send on a timetable at a part of that rate, whether or not earlier answers have come (open loop), and
// each answer is timed from when its request was due.
#include <atomic>
#include <cmath>
#include <functional>
#include <mutex>
#include <thread>

#include "api/jobs.h"
#include "main/bench.h"
#include "main/bench_site.h"

namespace nav::bench {

namespace {

struct Kind {
  std::string name;
  std::string path;
  std::uint32_t jobs = 1;  ///< in one request
  std::uint32_t clients = 1;
  std::function<std::string(std::uint64_t number)> body;
};

api::SubmitJobs job_of(std::uint64_t number) {
  api::SubmitJobs wanted;
  wanted.on = {"mig-1g.5gb"};
  wanted.command = {"true", std::to_string(number)};
  return wanted;
}

struct Outcome {
  std::vector<double> times_ms;
  std::uint64_t refused = 0;  ///< busy, said the server
  std::optional<Error> error;
  double took = 0;
};

/// With a timetable of `rate` requests a second over all clients, or without one (0).
Outcome send(Site& site, Kind const& kind, double rate, double seconds, std::atomic<std::uint64_t>& number) {
  Outcome all;
  std::mutex mutex;
  double const begin = now_s();
  auto const client = [&](std::uint32_t which) {
    client::HttpClient http(site.as_admin());
    Outcome mine;
    for (std::uint64_t turn = 0;; ++turn) {
      double due = now_s();
      if (rate > 0) {
        due = begin + (static_cast<double>(turn) * kind.clients + which) / rate;
        if (due >= begin + seconds) break;
        if (double const early = due - now_s(); early > 0) std::this_thread::sleep_for(std::chrono::duration<double>(early));
      }
      // One that has fallen far behind does not go on for ever.
      if (now_s() >= begin + (rate > 0 ? 2 * seconds : seconds)) break;
      auto const answer = http.exchange({.method = "POST", .path = kind.path, .body = kind.body(number.fetch_add(kind.jobs))});
      if (!answer) {
        mine.error = answer.error();
        break;
      }
      if (answer->status == 429 || answer->status == 503) {
        ++mine.refused;
        continue;
      }
      if (!answer->is_success()) {
        mine.error = client::error_of(*answer);
        break;
      }
      mine.times_ms.push_back((now_s() - due) * 1000);
    }
    std::lock_guard lock(mutex);
    all.times_ms.insert(all.times_ms.end(), mine.times_ms.begin(), mine.times_ms.end());
    all.refused += mine.refused;
    if (mine.error) all.error = mine.error;
  };
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < kind.clients; ++i) threads.emplace_back(client, i);
  for (auto& thread : threads) thread.join();
  all.took = now_s() - begin;
  return all;
}

/// Jobs wait here; none is to start.
Result<void> drain(Site& site) {
  client::HttpClient http(site.as_admin());
  TRY_VOID(http.call({.method = "POST", .path = "/v1/nodes/" + site.node() + "/drain", .body = R"({"message":"nothing is to start here"})"}));
  return {};
}

Figures measure(Bench& bench, Kind const& kind) {
  TRY(Site* const site, site_of(bench));
  TRY_VOID(drain(*site));
  std::atomic<std::uint64_t> number = 0;
  double const seconds = bench.seconds();
  auto const warm = send(*site, kind, 0, seconds / 10, number);
  if (warm.error) return Unexpected(*warm.error);
  std::vector<double> windows;
  for (int window = 0; window < 3; ++window) {
    auto const closed = send(*site, kind, 0, seconds / 8, number);
    if (closed.error) return Unexpected(*closed.error);
    windows.push_back(static_cast<double>(closed.times_ms.size()) * kind.jobs / closed.took);
  }
  Figure most = rate_of(kind.name + "-rate", "jobs/s", std::move(windows));
  most.note = fmt::format("{} clients in this process send as fast as they are answered, {} job{} a request, durable when answered; jobs queue, views follow",
                          kind.clients, kind.jobs, kind.jobs == 1 ? "" : "s, all different");
  most.goal = "others: Slurm about 500, kube-scheduler 300 to 800";

  double const offered = 0.5 * most.median;
  auto open = send(*site, kind, offered / kind.jobs, seconds / 2, number);
  if (open.error) return Unexpected(*open.error);
  if (open.times_ms.empty()) return fail(ErrorKind::TooMany, "all {} requests were refused", open.refused);
  double const reached = static_cast<double>(open.times_ms.size()) * kind.jobs / open.took;
  Figure latency = figure_of(kind.name + "-latency", "ms", std::move(open.times_ms));
  latency.note = fmt::format(
      "open loop: {:.0f} jobs/s offered (half the rate above), {:.0f} answered, {} refused; "
      "from when a request was due until its answer",
      offered, reached, open.refused * kind.jobs);
  return std::vector{std::move(most), std::move(latency)};
}

}  // namespace

Figures api_single(Bench& bench) {
  return measure(bench, {"api-single", "/v1/jobs", 1, bench.options.clients, [](std::uint64_t number) { return json_write(job_of(number)); }});
}

Figures api_batch(Bench& bench) {
  constexpr std::uint32_t at_once = 1'000;
  auto const body = [](std::uint64_t number) {
    api::SubmitBatch batch;
    for (std::uint64_t i = 0; i < at_once; ++i) batch.jobs.push_back(job_of(number + i));
    return json_write(batch);
  };
  return measure(bench, {"api-batch", "/v1/jobs/batch", at_once, std::max(1u, std::min(bench.options.clients, 4u)), body});
}

}  // namespace nav::bench
