// SPDX-License-Identifier: Apache-2.0
// A whole agent on this machine: real threads, real supervisors, the simulated driver, and a small controller that hands out what it is told.
#include "adapters/agent_runtime.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <list>
#include <mutex>
#include <optional>

#include "adapters/machine.h"
#include "agent/conversation.h"
#include "api/agent_api.h"
#include "http/server.h"
#include "nvmlsim/control.h"

namespace nav {
namespace {

using Clock = std::chrono::steady_clock;

/// Answers agents as the controller does: a sync without news is held, one with a status is answered at once.
class SmallController {
 public:
  SmallController() {
    auto started = http::Server::start({.threads = 2}, [this](http::Request const& asked, http::Reply reply) { handle(asked, std::move(reply)); });
    EXPECT_TRUE(started) << to_text(started.error());
    server.emplace(std::move(*started));
  }
  ~SmallController() {
    {
      std::lock_guard lock(mutex);
      for (auto& h : held) h.reply.send(http::error_response(Error{ErrorKind::Unavailable, "going", "", ""}));
      held.clear();
    }
    server.reset();
  }

  void change(std::function<void(NodeSpec&)> const& how) {
    std::lock_guard lock(mutex);
    how(spec);
    ++spec.generation.sequence;
    changed = Clock::now();
    for (auto& h : held) h.reply.send({.body = json_write(answer_to(h.request))});
    held.clear();
  }

  /// Waits for a report of which this is true.
  bool wait(std::function<bool(NodeStatus const&)> const& is_so) {
    std::unique_lock lock(mutex);
    return bell.wait_for(lock, std::chrono::seconds(30), [&] { return reported && is_so(*reported); });
  }
  AttemptStatus attempt(AttemptId id) {
    std::lock_guard lock(mutex);
    if (reported)
      for (auto const& a : reported->attempts)
        if (a.id == id) return a;
    return {};
  }
  bool wait_for(AttemptId id, AttemptPhase phase) {
    return wait([&](NodeStatus const& status) {
      return std::any_of(status.attempts.begin(), status.attempts.end(), [&](auto const& a) { return a.id == id && a.phase == phase; });
    });
  }
  bool wait_for_log(AttemptId id, std::string const& text) {
    std::unique_lock lock(mutex);
    return bell.wait_for(lock, std::chrono::seconds(30), [&] { return logs[id] == text; });
  }
  /// Once it is complete.
  std::string log_of(AttemptId id) {
    std::unique_lock lock(mutex);
    bell.wait_for(lock, std::chrono::seconds(30), [&] { return complete.contains(id); });
    return logs[id];
  }

  /// As after a restore from a backup of before the log.
  void lose_log(AttemptId id) {
    std::lock_guard lock(mutex);
    logs.erase(id);
  }

  NodeSpec spec{.installation = "here", .node = NodeId{7}, .generation = {1, 1}};
  JobRequest request;  ///< what every attempt runs
  std::optional<NodeStatus> reported;
  Clock::time_point changed, reported_at;
  std::mutex mutex;
  std::condition_variable bell;
  std::optional<http::Server> server;

 private:
  struct Held {
    SyncRequest request;
    http::Reply reply;
  };

  SyncAnswer answer_to(SyncRequest const& r) {
    SyncAnswer answer{.status_hash = reported ? hash_of(*reported) : "", .lease = minutes(10)};
    if (r.have < spec.generation) answer.spec = spec;
    return answer;
  }

  void handle(http::Request const& r, http::Reply reply) {
    std::lock_guard lock(mutex);
    if (r.path == "/v1/agent/sync") {
      auto sync = json_read<SyncRequest>(r.body);
      if (!sync) return reply.send(sync.error());
      bool const is_report = sync->status.has_value();
      if (is_report) {
        reported = std::move(sync->status);
        reported_at = Clock::now();
        bell.notify_all();
      }
      bool const has_news = sync->have < spec.generation || !reported || hash_of(*reported) != sync->status_hash;
      if (is_report || has_news) return reply.send({.body = json_write(answer_to(*sync))});
      held.push_back({std::move(*sync), std::move(reply)});
      return;
    }
    if (r.path.ends_with("/launch")) return reply.send({.body = json_write(LaunchAnswer{request, "job-token"})});
    if (r.path.ends_with("/log")) {
      auto const id = *parse_attempt_id(r.segments.at(3));
      std::uint64_t offset = 0;
      EXPECT_TRUE(read_number(*r.parameter("offset"), offset));
      auto& log = logs[id];
      if (offset > log.size()) return reply.send(Error{ErrorKind::Conflict, "a gap", "", "offset"});
      log.resize(offset);
      log += r.body;
      if (*r.parameter("last") == "true") complete.insert(id);
      bell.notify_all();
      return reply.send({.body = json_write(api::StoredLog{log.size()})});
    }
    reply.send(Error{ErrorKind::NotFound, "no such route", "", ""});
  }

  std::list<Held> held;
  std::map<AttemptId, std::string> logs;
  std::set<AttemptId> complete;
};

class WholeAgent : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = NAV_BUILD_DIR "/agent-test-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder = name;
    ASSERT_TRUE(nvmlsim::create_node(folder + "/driver", *nvmlsim::find_machine(machine()), "node-a", 1));
    ::setenv("NAV_NVMLSIM_STATE", (folder + "/driver").c_str(), 1);
    ASSERT_TRUE(save_identity(folder, {.url = controller.server->url(), .installation = "here", .node = NodeId{7}, .name = "node-a"}));
    controller.request.command = {"sh", "-c", "echo on $CUDA_VISIBLE_DEVICES"};
    start_agent();
    ASSERT_TRUE(controller.wait([](NodeStatus const& s) { return !s.gpus.empty(); }));
    gpu = controller.reported->inventory.gpus[0].uuid;
  }
  virtual char const* machine() const { return "a100-40gb"; }
  void TearDown() override {
    if (agent) {
      controller.change([&](NodeSpec& spec) { spec.attempts.clear(); });
      EXPECT_TRUE(controller.wait([](NodeStatus const& s) { return s.attempts.empty(); }));
    }
    agent.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  void start_agent() {
    std::map<std::string, std::string> environment;
    for (auto const& [key, value] : nvmlsim::env_for(folder + "/driver", NAV_BUILD_DIR "/bin/nvmlsim")) environment[key] = value;
    auto started = AgentRuntime::start({.data = folder,
                                        .version = "test",
                                        .machine = this_machine(),
                                        .supervisor = NAV_BUILD_DIR "/bin/nav-supervisor",
                                        .nvml = NAV_BUILD_DIR "/bin/nvmlsim/libnvidia-ml.so.1",
                                        .simulated = true,
                                        .job_environment = environment,
                                        .say = [](std::string const& line) { std::fprintf(stderr, "agent: %s\n", line.c_str()); }});
    ASSERT_TRUE(started) << to_text(started.error());
    agent = std::move(*started);
  }

  void cut(std::vector<std::string> layout) {
    controller.change([&](NodeSpec& spec) { spec.gpus = {{.uuid = gpu, .mode = GpuMode::Mig, .managed = true, .layout = layout}}; });
  }
  AttemptId run(std::uint64_t job, std::string const& placement) {
    AttemptId const id{JobId{job}, 1};
    controller.change([&](NodeSpec& spec) { spec.attempts.push_back({.id = id, .body = "", .gpus = {gpu}, .placement = placement}); });
    return id;
  }

  SmallController controller;
  std::string folder, gpu;
  std::unique_ptr<AgentRuntime> agent;
};

TEST_F(WholeAgent, CutsASliceRunsAJobOnItAndBringsItsLog) {
  cut({"1g.5gb@4"});
  auto const id = run(42, "1g.5gb@4");
  ASSERT_TRUE(controller.wait_for(id, AttemptPhase::Ended));
  auto const end = controller.attempt(id);
  EXPECT_EQ(end.outcome, Outcome::Exited) << end.message;
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_TRUE(end.instance_uuid.starts_with("MIG-"));
  EXPECT_EQ(controller.log_of(id), "on " + end.instance_uuid + "\n");
}

TEST_F(WholeAgent, TheNextAgentTakesUpWhatRuns) {
  controller.request.command = {"sh", "-c", "echo begun; while [ ! -e \"$HOME/go\" ]; do sleep 0.02; done; echo done"};
  cut({"1g.5gb@0"});
  auto const id = run(1, "1g.5gb@0");
  ASSERT_TRUE(controller.wait_for(id, AttemptPhase::Running));
  agent.reset();
  {
    std::lock_guard lock(controller.mutex);
    controller.reported.reset();
  }
  start_agent();
  ASSERT_TRUE(controller.wait_for(id, AttemptPhase::Running));
  ASSERT_EQ(::system(("touch " + folder + "/jobs/1.1/work/go").c_str()), 0);
  ASSERT_TRUE(controller.wait_for(id, AttemptPhase::Ended));
  EXPECT_EQ(controller.attempt(id).exit_code, 0);
  EXPECT_EQ(controller.log_of(id), "begun\ndone\n");
}

TEST_F(WholeAgent, StartsOnAnIdleSliceWithoutDelay) {
  controller.request.command = {"sleep", "30"};
  cut({"1g.5gb@0", "1g.5gb@1", "1g.5gb@2", "1g.5gb@3"});
  ASSERT_TRUE(controller.wait([](NodeStatus const& s) { return s.gpus[0].instances.size() == 4; }));
  double best = 1e9;
  for (std::uint64_t job = 1; job <= 4; ++job) {
    auto const id = run(job, fmt::format("1g.5gb@{}", job - 1));
    ASSERT_TRUE(controller.wait_for(id, AttemptPhase::Running));
    std::lock_guard lock(controller.mutex);
    best = std::min(best, std::chrono::duration<double, std::milli>(controller.reported_at - controller.changed).count());
  }
  RecordProperty("ms_from_spec_to_running", std::to_string(best));
  std::fprintf(stderr, "from a spec to a running job: %.1f ms\n", best);
  EXPECT_LT(best, 500) << "a loaded machine may be slow, but nothing here may wait for a tick";
}

TEST_F(WholeAgent, SendsALogAgainThatTheControllerLost) {
  controller.request.command = {"sh", "-c", "echo begun; while [ ! -e \"$HOME/go\" ]; do sleep 0.02; done; echo done"};
  cut({"1g.5gb@0"});
  auto const id = run(1, "1g.5gb@0");
  ASSERT_TRUE(controller.wait_for_log(id, "begun\n"));
  controller.lose_log(id);
  ASSERT_EQ(::system(("touch " + folder + "/jobs/1.1/work/go").c_str()), 0);
  EXPECT_EQ(controller.log_of(id), "begun\ndone\n");
}

TEST_F(WholeAgent, ASecondAgentInTheFolderIsRefused) {
  auto second = AgentRuntime::start({.data = folder, .version = "test", .machine = {}, .supervisor = NAV_BUILD_DIR "/bin/nav-supervisor"});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::Conflict);
}

/// Eight GPUs, one of which answers nothing any more.
class StuckDriver : public WholeAgent {
 protected:
  char const* machine() const override { return "dgx-a100"; }
};

TEST_F(StuckDriver, KeepsNobodyFromTheOtherGpus) {
  auto const other = controller.reported->inventory.gpus[1].uuid;
  ASSERT_TRUE(nvmlsim::slow_down(folder + "/driver", 0, 60'000));
  cut({"1g.5gb@0"});
  controller.change([&](NodeSpec& spec) { spec.gpus.push_back({.uuid = other, .mode = GpuMode::Mig, .managed = true, .layout = {"1g.5gb@0"}}); });
  gpu = other;
  auto const id = run(1, "1g.5gb@0");
  ASSERT_TRUE(controller.wait_for(id, AttemptPhase::Ended));
  EXPECT_EQ(controller.attempt(id).exit_code, 0) << controller.attempt(id).message;
  agent.reset();
  // A new agent does not wait for the stuck one for ever either; it goes without it.
  ASSERT_TRUE(nvmlsim::clear_faults(folder + "/driver"));
}

}  // namespace
}  // namespace nav
