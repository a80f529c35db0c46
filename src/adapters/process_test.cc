// SPDX-License-Identifier: Apache-2.0
#include "adapters/process.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "adapters/attempt_logs.h"
#include "adapters/job_environment.h"
#include "adapters/service_watch.h"
#include "supervisor/attempt_folder.h"
#include "supervisor/files.h"

namespace nav {
namespace {

namespace fs = std::filesystem;

bool soon(std::function<bool()> const& what) {
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!what()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

AttemptId const first{JobId{42}, 1}, second{JobId{43}, 1};

/// An agent's data folder with the port over it. What the port promises is tested through the port alone; a second port is the next agent.
class Processes : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = NAV_BUILD_DIR "/process-test-XXXXXX";  // not below /tmp, which is another one for a job
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    settings_.data_folder = name;
    settings_.supervisor = NAV_BUILD_DIR "/bin/nav-supervisor";
    jobs_ = agent();
  }
  void TearDown() override {
    for (auto const& local : jobs_->look()) {
      (void)supervisor::stop(jobs_->folder_of(local.status.id), {});
      EXPECT_TRUE(soon([&] {
        jobs_->forget(local.status.id);
        return !fs::exists(jobs_->folder_of(local.status.id));
      }));
    }
    fs::remove_all(settings_.data_folder);
  }

  std::unique_ptr<ProcessJobs> agent() const {
    auto opened = ProcessJobs::open(settings_);
    EXPECT_TRUE(opened) << to_text(opened.error());
    return opened ? std::move(*opened) : nullptr;
  }
  static Launch launch(std::string const& script, AttemptId attempt = first) {
    Launch made{.attempt = attempt, .request = {.command = {"sh", "-c", script}}, .token = "secret", .project = "vision", .controller = "http://there"};
    made.lease = minutes(10);
    return made;
  }
  LocalAttempt local(AttemptId attempt = first) const {
    for (auto const& local : jobs_->look())
      if (local.status.id == attempt) return local;
    return {};
  }
  LocalAttempt end_of(AttemptId attempt = first) const {
    EXPECT_TRUE(soon([&] { return local(attempt).status.phase == AttemptPhase::Ended; }));
    return local(attempt);
  }
  LocalAttempt run(Launch const& launch) {
    auto started = jobs_->start(launch);
    EXPECT_TRUE(started) << to_text(started.error());
    return end_of(launch.attempt);
  }
  static std::string text_of(LocalAttempt const& local) {
    auto const& s = local.status;
    return fmt::format("{} {} {} {}", enum_text(s.outcome), s.exit_code, s.signal, s.message);
  }
  /// All the controller would store, with how many deliveries it took.
  std::string deliver(AttemptId attempt = first, std::size_t max = 1 << 20) const {
    AttemptLogs const logs(settings_.data_folder);
    std::string stored;
    for (auto news = logs.next(attempt, max).value(); news; news = logs.next(attempt, max).value()) {
      EXPECT_EQ(news->offset, stored.size());
      stored += news->bytes;
      EXPECT_TRUE(logs.delivered(attempt, *news));
    }
    return stored;
  }

  ProcessSettings settings_;
  std::unique_ptr<ProcessJobs> jobs_;
};

TEST_F(Processes, AJobThatServesIsFoundAtThePortItWasTold) {
  EXPECT_EQ(jobs_->service_of(first).error().kind, ErrorKind::Conflict);
  ASSERT_TRUE(jobs_->start(launch("sleep 600")));
  ASSERT_TRUE(
      jobs_->start(launch("exec python3 -c 'import os, socket, time\n"
                          "s = socket.create_server((\"127.0.0.1\", int(os.environ[\"NAV_PORT\"])))\ntime.sleep(600)'",
                          second)));
  ASSERT_TRUE(soon([&] { return jobs_->service_of(second).has_value(); })) << to_text(jobs_->service_of(second).error());
  auto const next = agent();  // knows it from the attempt's folder
  EXPECT_EQ(next->service_of(second)->port, jobs_->service_of(second)->port);
  // A socket in its folder is meant before its port.
  ASSERT_TRUE(
      jobs_->start(launch("exec python3 -c 'import os, socket, time\n"
                          "s = socket.socket(socket.AF_UNIX)\ns.bind(os.environ[\"NAV_SOCKET\"])\ns.listen()\ntime.sleep(600)'",
                          AttemptId{JobId{44}, 1})));
  std::string const socket = jobs_->folder_of({JobId{44}, 1}) + "/work/service.sock";
  ASSERT_TRUE(soon([&] { return fs::exists(socket); }));
  EXPECT_EQ(jobs_->service_of({JobId{44}, 1})->unix_socket, socket);
  (void)supervisor::stop(jobs_->folder_of(second), {});
  end_of(second);
  EXPECT_EQ(jobs_->service_of(second).error().kind, ErrorKind::Conflict);
}

/// What is seen of the first attempt, when it is as wanted.
bool is_seen(ServiceWatch const& watch, LocalAttempt attempt, std::function<bool(ServiceStatus const&)> const& wanted) {
  return soon([&] {
    std::vector<LocalAttempt> all{attempt};
    watch.add_to(all);
    return all[0].status.service && wanted(*all[0].status.service);
  });
}

TEST_F(Processes, AServiceIsReadyOnceItAnswersAndUnhealthyWhenItNoMoreDoesAlsoToTheNextAgent) {
  auto job = launch(
      "exec python3 -c '\n"
      "import http.server, os\n"
      "class Health(http.server.BaseHTTPRequestHandler):\n"
      "    def do_GET(self):\n"
      "        self.send_response(200 if os.path.exists(\"well\") and self.path == \"/healthz\" else 503)\n"
      "        self.end_headers()\n"
      "http.server.HTTPServer((\"127.0.0.1\", int(os.environ[\"NAV_PORT\"])), Health).serve_forever()'");
  job.request.service = Service{ServiceKind::Endpoint, "/healthz", hours(1)};
  ASSERT_TRUE(jobs_->start(job));
  ASSERT_TRUE(soon([&] { return local().status.phase == AttemptPhase::Running; }));
  auto const running = local();
  ASSERT_EQ(running.service, job.request.service);
  std::atomic<int> changes = 0;
  auto const watch_by = [&](ProcessJobs& jobs) {
    auto watch = std::make_unique<ServiceWatch>(ServiceWatch::Options{
        .jobs_folder = settings_.data_folder + "/jobs",
        .address_of = [&jobs](AttemptId attempt) { return jobs.service_of(attempt); },
        .last_traffic = [](AttemptId) { return std::nullopt; },
        .changed = [&changes] { ++changes; },
        .patience = {.until_ready = milliseconds(20), .between = milliseconds(20), .failures = 3, .least_processors = 1000.0, .quiet = milliseconds(200)}});
    watch->keep({{first, *jobs.look().at(0).service}});
    return watch;
  };
  auto watch = watch_by(*jobs_);
  auto const phase = [](ServicePhase wanted) { return [wanted](ServiceStatus const& seen) { return seen.phase == wanted; }; };
  EXPECT_TRUE(is_seen(*watch, running, [](ServiceStatus const& seen) { return seen.reason == "GET /healthz: 503"; }));
  EXPECT_TRUE(is_seen(*watch, running, phase(ServicePhase::Starting)));
  std::string const well = jobs_->folder_of(first) + "/work/well";
  std::ofstream(well) << "yes";
  EXPECT_TRUE(is_seen(*watch, running, phase(ServicePhase::Ready)));
  EXPECT_TRUE(is_seen(*watch, running, [](ServiceStatus const& seen) { return static_cast<bool>(seen.idle_since); })) << "nobody came, and it rests";
  EXPECT_GE(changes.load(), 3);
  watch.reset();

  // It fails while no agent is there. The next one knows from the attempt's folder that it is not just starting.
  fs::remove(well);
  auto const next = agent();
  watch = watch_by(*next);
  EXPECT_TRUE(is_seen(*watch, running, phase(ServicePhase::Unhealthy)));
  watch->keep({});
  std::vector<LocalAttempt> forgotten{running};
  watch->add_to(forgotten);
  EXPECT_EQ(forgotten[0].status.service, std::nullopt);
}

TEST_F(Processes, APortOnWhichAnotherListensIsNotTheJobs) {
  if (::geteuid() != 0) GTEST_SKIP() << "jobs run as this very user";
  ASSERT_TRUE(jobs_->start(launch("echo $NAV_PORT > port; sleep 600")));
  std::string const file = jobs_->folder_of(first) + "/work/port";
  ASSERT_TRUE(soon([&] { return fs::exists(file) && fs::file_size(file) > 0; }));
  ASSERT_TRUE(soon([&] { return local().status.phase == AttemptPhase::Running; }));
  EXPECT_NE(jobs_->service_of(first).error().message.find("nothing of job 42 listens"), std::string::npos);
  std::uint16_t port = 0;
  std::ifstream(file) >> port;
  supervisor::Fd const quicker(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  ASSERT_EQ(::bind(quicker.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(quicker.get(), 1), 0);
  EXPECT_NE(jobs_->service_of(first).error().message.find("somebody else listens"), std::string::npos);
}

TEST_F(Processes, AJobRunsToItsEndWithWhatItWasGiven) {
  auto job = launch(
      "echo $CUDA_VISIBLE_DEVICES $NVIDIA_VISIBLE_DEVICES $NAV_JOB_ID $NAV_ATTEMPT $NAV_PROJECT $NAV_URL $NAV_PLACEMENT $EPOCHS; cat $NAV_TOKEN_FILE; exit 3");
  job.gpu_of_instance = "GPU-1";
  job.instance_uuid = "MIG-7";
  job.placement = "1g.5gb@4";
  job.request.env = {{"EPOCHS", "12"}, {"CUDA_VISIBLE_DEVICES", "MIG-of-somebody-else"}};
  auto const seen = run(job);
  EXPECT_EQ(text_of(seen), "exited 3 0 ");
  EXPECT_EQ(seen.gpus, std::vector<std::string>{"GPU-1"});
  EXPECT_EQ(seen.placement, "1g.5gb@4");
  EXPECT_EQ(seen.status.instance_uuid, "MIG-7");
  EXPECT_GE(seen.status.ended, seen.status.started);
  EXPECT_EQ(deliver(), "MIG-7 MIG-7 42 42.1 vision http://there 1g.5gb@4 12\nsecret");
}

TEST_F(Processes, AJobWithoutAGpuSeesNone) {
  auto const environment = environment_of(launch("true"), {{"NVML", "simulated"}});
  EXPECT_EQ(environment.at("CUDA_VISIBLE_DEVICES"), "");
  EXPECT_EQ(environment.at("NVIDIA_VISIBLE_DEVICES"), "void");
  EXPECT_EQ(environment.at("NVML"), "simulated");
  auto whole = launch("true");
  whole.gpus = {"GPU-1", "GPU-2"};
  EXPECT_EQ(environment_of(whole, {}).at("CUDA_VISIBLE_DEVICES"), "GPU-1,GPU-2");
}

TEST_F(Processes, OnASimulatedGpuAJobsOwnMemoryCountsAsItsGpus) {
  auto job = launch("head -c 100M /dev/zero | tail | sleep 1000");
  job.gpu_memory_mib = 32;
  settings_.simulated_gpus = true;
  jobs_ = agent();
  auto const seen = run(job);
  EXPECT_EQ(seen.status.outcome, Outcome::OutOfMemory);
  EXPECT_EQ(seen.status.short_of, Memory::Gpu);
}

TEST_F(Processes, ASecondStartIsRefusedAndHarmsNothing) {
  ASSERT_TRUE(jobs_->start(launch("exec sleep 1000")));
  EXPECT_EQ(jobs_->start(launch("echo again")).error().kind, ErrorKind::Conflict);
  jobs_->stop(first);
  EXPECT_EQ(text_of(end_of()), "stopped 0 15 ");
  EXPECT_EQ(jobs_->start(launch("echo again")).error().kind, ErrorKind::Conflict);
}

TEST_F(Processes, WhatTheRequestGotWrongIsTheAttemptsOutcome) {
  auto wrong = launch("");
  wrong.request.command = {"no-such-thing"};
  EXPECT_EQ(text_of(run(wrong)), "could_not_start 0 0 no such command: no-such-thing");
  auto impossible = launch("true", second);
  impossible.request.workdir = "not/a/whole/path";
  EXPECT_EQ(text_of(run(impossible)), "could_not_start 0 0 workdir must be a whole path, not \"not/a/whole/path\"");
}

TEST_F(Processes, TheNextAgentFindsAllAsItIs) {
  auto job = launch("echo up; exec sleep 1000");
  job.gpus = {"GPU-1", "GPU-2"};
  ASSERT_TRUE(jobs_->start(job));
  ASSERT_TRUE(jobs_->start(launch("exit 5", second)));
  ASSERT_TRUE(soon([&] { return local(first).status.phase == AttemptPhase::Running; }));
  end_of(second);
  jobs_ = agent();
  auto const all = jobs_->look();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].status.id, first);
  EXPECT_EQ(all[0].status.phase, AttemptPhase::Running);
  EXPECT_EQ(all[0].gpus, (std::vector<std::string>{"GPU-1", "GPU-2"}));
  EXPECT_EQ(text_of(all[1]), "exited 5 0 ");
  jobs_->stop(first);
  EXPECT_EQ(text_of(end_of()), "stopped 0 15 ");
}

TEST_F(Processes, WhatAnAgentOnlyBeganToStartIsClearedByTheNext) {
  supervisor::Spec half;
  half.attempt = "42.1";
  half.command = {"true"};
  ASSERT_TRUE(supervisor::prepare(jobs_->folder_of(first), half));
  EXPECT_TRUE(jobs_->look().empty());
  EXPECT_TRUE(agent()->look().empty());
  EXPECT_FALSE(fs::exists(jobs_->folder_of(first)));
  ASSERT_TRUE(supervisor::prepare(jobs_->folder_of(first), half));
  EXPECT_EQ(text_of(run(launch("exit 4"))), "exited 4 0 ");
}

TEST_F(Processes, AKilledSupervisorMakesALostAttempt) {
  ASSERT_TRUE(jobs_->start(launch("echo up; exec sleep 1000")));
  ASSERT_TRUE(soon([&] { return AttemptLogs(settings_.data_folder).next(first, 1).value().has_value(); }));  // running and heard of
  ::kill(static_cast<pid_t>(supervisor::look(jobs_->folder_of(first))->status.supervisor_pid), SIGKILL);
  auto const seen = end_of();
  EXPECT_EQ(text_of(seen), "lost 0 0 its supervisor was killed, and everything of it with it");
  EXPECT_EQ(local().status, seen.status);
  EXPECT_EQ(deliver(), "up\n");
  EXPECT_TRUE(local().log_delivered);
}

TEST_F(Processes, ALeaseEndsARestartableJobUnlessItIsRenewed) {
  auto job = launch("exec sleep 1000");
  job.restartable = true;
  job.lease = milliseconds(800);
  ASSERT_TRUE(jobs_->start(job));
  jobs_->renew(first, minutes(10));
  job.attempt = second;
  job.lease = milliseconds(900);
  ASSERT_TRUE(jobs_->start(job));
  EXPECT_EQ(text_of(end_of(second)), "lease_expired 0 15 ");
  EXPECT_NE(local(first).status.phase, AttemptPhase::Ended);
}

TEST_F(Processes, WhatHasEndedIsForgottenAndWhatRunsIsNot) {
  ASSERT_TRUE(jobs_->start(launch("exec sleep 1000")));
  jobs_->forget(first);
  EXPECT_EQ(jobs_->look().size(), 1u);
  jobs_->stop(first);
  end_of();
  EXPECT_TRUE(soon([&] {
    jobs_->forget(first);
    return jobs_->look().empty();
  }));
  jobs_->forget(first);
  jobs_->stop(second);
  jobs_->renew(second, minutes(1));
  EXPECT_TRUE(jobs_->look().empty());
}

TEST_F(Processes, NewsOfASupervisorAreHeardAtOnce) {
  std::atomic<int> heard = 0;
  ASSERT_TRUE(jobs_->watch([&] { ++heard; }));
  ASSERT_TRUE(jobs_->start(launch("while [ ! -e done ]; do sleep 0.01; done")));
  ASSERT_TRUE(soon([&] { return local().status.phase == AttemptPhase::Running && heard > 0; }));
  int const before = heard;
  std::ofstream(jobs_->folder_of(first) + "/work/done");
  EXPECT_TRUE(soon([&] { return heard > before; }));
  EXPECT_EQ(text_of(end_of()), "exited 0 0 ");
}

TEST_F(Processes, ALogIsDeliveredInPiecesAndGoesOnWithTheNextAgent) {
  settings_.log_bytes = 4096;
  jobs_ = agent();
  EXPECT_EQ(text_of(run(launch("i=1000; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); done"))), "exited 0 0 ");
  EXPECT_FALSE(local().log_delivered);
  auto const text = deliver(first, 100);
  EXPECT_EQ(text.substr(0, 10), "1000\n1001\n");
  EXPECT_NE(text.find("\n[nav: 5904 bytes of the log were left out here]\n"), std::string::npos) << text;
  EXPECT_EQ(text.substr(text.size() - 5), "2999\n");
  EXPECT_TRUE(local().log_delivered);
  EXPECT_TRUE(agent()->look().at(0).log_delivered);
  ASSERT_TRUE(AttemptLogs(settings_.data_folder).deliver_again(first));
  EXPECT_EQ(deliver(first), text);
}

TEST_F(Processes, UnderRootAJobIsSomebodyOfItsOwnOrItsProjectsUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  settings_.project_users = {{"vision", "nobody"}, {"sound", "nobody-such"}};
  jobs_ = agent();
  run(launch("id -un"));
  EXPECT_EQ(deliver(first), "nobody\n");
  auto own = launch("id -u; id -G", second);
  own.project = "speech";
  run(own);
  auto const uid = std::to_string(0x70000000 + 43 * 64 + 1);
  EXPECT_EQ(deliver(second), uid + "\n" + uid + "\n");
  own.project = "sound";
  own.attempt.number = 2;
  EXPECT_EQ(jobs_->start(own).error().message, "there is no unix user nobody-such on this node");
}

TEST_F(Processes, AMissingSupervisorIsNamedAtOnce) {
  settings_.supervisor = "/no/such/nav-supervisor";
  EXPECT_EQ(ProcessJobs::open(settings_).error().kind, ErrorKind::Unavailable);
}

}  // namespace
}  // namespace nav
