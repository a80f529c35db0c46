// SPDX-License-Identifier: Apache-2.0
// A job's port through the door, and the same port asked directly: over the controller, an agent's tunnel with TLS, and a small service in Python,
// which is a job. What the door costs is the difference.
#include <atomic>
#include <functional>
#include <mutex>
#include <thread>
#include <unistd.h>

#include "adapters/clock.h"
#include "api/jobs.h"
#include "main/bench.h"
#include "main/bench_site.h"

namespace nav::bench {

namespace {

constexpr char service_of_job[] = R"(
import http.server, os
block = bytes(1 << 20)
class Service(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536
    def log_message(self, *words): pass
    def head(self, size):
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()
    def do_GET(self):
        if self.path.endswith("/many"):
            self.head(256 << 20)
            for _ in range(256): self.wfile.write(block)
            return
        port = os.environ["NAV_PORT"].encode()
        self.head(len(port))
        self.wfile.write(port)
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.head(len(body))
        self.wfile.write(body)
class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
Server(("127.0.0.1", int(os.environ["NAV_PORT"])), Service).serve_forever()
)";
constexpr double many_mb = 256 * 1.048576;

/// The job with the service, which ends with this.
class ServiceJob {
 public:
  explicit ServiceJob(Site& site) : http_(site.as_admin()) {}
  ~ServiceJob() {
    if (job_) (void)http_.call({.method = "POST", .path = fmt::format("/v1/jobs/{}/cancel", to_text(job_)), .body = "{}"});
  }

  Result<void> start(client::Options door) {
    api::SubmitJobs wanted;
    wanted.on = {"cpu"};
    wanted.command = {"python3", "-c", service_of_job};
    wanted.time_limit = minutes(30);
    TRY(auto const answer, http_.call({.method = "POST", .path = "/v1/jobs", .body = json_write(wanted)}));
    TRY(auto const submitted, json_read<api::SubmittedJobs>(answer.body, Unknown::Ignore));
    job_ = submitted.first;
    path_ = fmt::format("/jobs/{}/", to_text(job_));
    client::HttpClient visitor(std::move(door));
    for (Time const patience = clock_now() + minutes(1); clock_now() < patience; usleep(50'000)) {
      auto const seen = visitor.exchange({.path = path_});
      if (!seen || seen->status != 200) continue;
      port_ = seen->body;
      return {};
    }
    return fail(ErrorKind::Timeout, "the job with the service did not answer through the door within a minute: is there a python3 that jobs may use?");
  }

  std::string const& path() const { return path_; }
  std::string direct() const { return "http://127.0.0.1:" + port_; }

 private:
  client::HttpClient http_;
  JobId job_;
  std::string path_, port_;
};

Result<Figure> latency(client::Options const& where, ServiceJob const& job, double seconds, std::string const& name) {
  client::HttpClient http(where);
  std::vector<double> times;
  for (int warm_up = 0; warm_up < 50; ++warm_up) TRY_VOID(http.call({.path = job.path()}));
  for (Budget budget(seconds); budget.is_left();) {
    double const began = now_s();
    TRY_VOID(http.call({.path = job.path()}));
    times.push_back((now_s() - began) * 1e3);
  }
  return figure_of(name, "ms", std::move(times));
}

Result<Figure> download(client::Options const& where, ServiceJob const& job, double seconds, std::string const& name) {
  client::HttpClient http(where);
  std::vector<double> rates;
  for (Budget budget(seconds); budget.is_left() || rates.size() < 2;) {
    std::size_t got = 0;
    double const began = now_s();
    TRY_VOID(http.stream({.path = job.path() + "many", .timeout = Duration{}}, [&](std::string_view bytes) {
      got += bytes.size();
      return true;
    }));
    if (got != 256u << 20) return fail(ErrorKind::Internal, "{} bytes came of {}", got, 256u << 20);
    rates.push_back(many_mb / (now_s() - began));
  }
  return rate_of(name, "MB/s", std::move(rates));
}

/// Each on a connection of its own to the door, and with a body, so that each takes a tunnel of its own too.
Result<Figure> new_visits(client::Options const& where, ServiceJob const& job, double seconds, std::uint32_t clients) {
  std::atomic<std::uint64_t> done = 0, failed = 0;
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (std::uint32_t i = 0; i < clients; ++i)
    threads.emplace_back([&] {
      while (!stop) {
        client::HttpClient http(where);
        auto const answer = http.exchange({.method = "POST", .path = job.path(), .body = "hello"});
        if (answer && answer->status == 200) ++done;
        else ++failed;
      }
    });
  std::vector<double> windows;
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  for (Budget budget(seconds); budget.is_left();) {
    std::uint64_t const before = done;
    double const began = now_s();
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    windows.push_back(static_cast<double>(done - before) / (now_s() - began));
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  Figure figure = rate_of("door-new-visits", "visits/s", std::move(windows));
  figure.note = fmt::format("{} clients, each request on a new connection to the door and through a new tunnel (TLS, both ends here); {} failed", clients,
                            failed.load());
  return figure;
}

}  // namespace

Figures door(Bench& bench) {
  TRY(Site* const site, site_of(bench));
  client::Options const through = site->through_door();
  ServiceJob job(*site);
  TRY_VOID(job.start(through));
  client::Options directly = through;
  directly.url = job.direct();
  directly.token.clear();
  constexpr char service_note[] = "a job's service in Python, on this machine; one client, one connection";
  TRY(auto latency_direct, latency(directly, job, bench.seconds(), "door-latency-direct"));
  TRY(auto latency_through, latency(through, job, bench.seconds(), "door-latency"));
  TRY(auto download_direct, download(directly, job, bench.seconds(), "door-download-direct"));
  TRY(auto download_through, download(through, job, bench.seconds(), "door-download"));
  latency_direct.note = fmt::format("a small GET, {}; without the door", service_note);
  latency_through.note = fmt::format("the same through the door, an agent's tunnel and {}", service_note);
  download_direct.note = fmt::format("256 MiB, {}; without the door", service_note);
  download_through.note = "the same through the door and an agent's tunnel with TLS, all ends on this machine";
  TRY(auto visits, new_visits(through, job, bench.seconds(), 8));
  return std::vector{std::move(latency_direct), std::move(latency_through), std::move(download_direct), std::move(download_through), std::move(visits)};
}

}  // namespace nav::bench
