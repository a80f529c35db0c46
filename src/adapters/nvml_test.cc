// SPDX-License-Identifier: Apache-2.0
// The NVML port against the simulated driver, over the same door as against a real one.
#include "adapters/nvml.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "nvmlsim/control.h"

namespace nav {
namespace {

std::string const library = NAV_BUILD_DIR "/bin/nvmlsim/libnvidia-ml.so.1";

class SimulatedNode {
 public:
  explicit SimulatedNode(std::string const& machine) {
    std::string pattern = NAV_BUILD_DIR "/nvml-test-XXXXXX";
    folder = ::mkdtemp(pattern.data());
    EXPECT_TRUE(nvmlsim::create_node(folder, *nvmlsim::find_machine(machine), "node-a", 1));
    ::setenv("NAV_NVMLSIM_STATE", folder.c_str(), 1);
    port.emplace(NvmlOptions{.library = library, .simulated = true, .on_xid = [this] {
                               std::lock_guard lock(mutex);
                               noticed = true;
                               bell.notify_all();
                             }});
    auto found = port->discover();
    EXPECT_TRUE(found) << (found ? "" : to_text(found.error()));
    if (found) inventory = *found;
  }
  ~SimulatedNode() {
    port.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  std::string gpu(std::size_t index = 0) const { return inventory.gpus.at(index).uuid; }
  void turn_mig_on(std::size_t index = 0) { EXPECT_TRUE(port->set_mode(gpu(index), GpuMode::Mig)); }
  std::vector<std::string> layout(std::size_t index = 0) {
    std::vector<std::string> placements;
    auto status = port->look(gpu(index));
    EXPECT_TRUE(status) << (status ? "" : to_text(status.error()));
    if (status)
      for (auto const& i : status->instances) placements.push_back(i.placement + (i.uuid.empty() ? " half" : ""));
    return placements;
  }

  std::string folder;
  std::optional<NvmlPort> port;
  Inventory inventory;
  std::mutex mutex;
  std::condition_variable bell;
  bool noticed = false;
};

/// A process that says it runs on a device of the node.
class JobProcess {
 public:
  JobProcess(SimulatedNode const& node, std::string const& visible, char const* attempt = "42.1") {
    int ready[2];
    EXPECT_EQ(::pipe(ready), 0);
    pid = ::fork();
    if (pid == 0) {
      ::dup2(ready[1], 1);
      ::close(ready[0]);
      ::setenv("NAV_NVMLSIM_STATE", node.folder.c_str(), 1);
      ::setenv("CUDA_VISIBLE_DEVICES", visible.c_str(), 1);
      if (attempt) ::setenv("NAV_ATTEMPT", attempt, 1);
      ::execl("/bin/sh", "sh", "-c", "echo ready; kill -STOP $$", nullptr);  // stays there until it is killed
      ::_exit(127);
    }
    ::close(ready[1]);
    char byte;
    EXPECT_EQ(::read(ready[0], &byte, 1), 1);
    ::close(ready[0]);
  }
  ~JobProcess() {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  pid_t pid;
};

using Placements = std::vector<std::string>;

TEST(Nvml, FindsTheGpusOfADgxWithTheirBoardAndLinks) {
  SimulatedNode node("dgx-a100");
  auto const& found = node.inventory;
  ASSERT_EQ(found.gpus.size(), 8u);
  EXPECT_TRUE(found.simulated);
  EXPECT_FALSE(found.driver_version.empty());
  ASSERT_EQ(found.boards.size(), 1u);
  EXPECT_TRUE(mig::check(found.boards[0]));
  EXPECT_EQ(found.boards[0].memory_slices, 8u);
  EXPECT_EQ(found.boards[0].compute_slices, 7u);
  std::string names;
  for (auto const& p : found.boards[0].profiles) names += p.name + " ";
  EXPECT_EQ(names, "1g.5gb 2g.10gb 3g.20gb 4g.20gb 7g.40gb 1g.5gb+me 1g.10gb ");
  EXPECT_EQ(found.gpus[0].architecture, "Ampere");
  EXPECT_TRUE(found.gpus[0].mig_capable);
  EXPECT_EQ(found.gpus[0].nvlink_peers.size(), 7u) << "all reach all over the switches";
  EXPECT_FALSE(found.gpus[0].pci_bus_id.empty());
}

TEST(Nvml, TellsTheSameBoardWhetherMigIsOnOrOff) {
  for (auto const& machine : nvmlsim::machines()) {
    SCOPED_TRACE(machine.name);
    SimulatedNode node{std::string(machine.name)};
    if (node.inventory.gpus.empty() || !node.inventory.gpus[0].mig_capable) continue;
    ASSERT_EQ(node.inventory.boards.size(), 1u);
    EXPECT_FALSE(node.inventory.boards[0].profiles.empty());
    node.turn_mig_on();
    auto again = node.port->discover();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->boards, node.inventory.boards);
  }
}

TEST(Nvml, AGpuWithoutMigIsGivenWhole) {
  SimulatedNode node("dgx-1");
  if (node.inventory.gpus.empty()) GTEST_SKIP();
  EXPECT_FALSE(node.inventory.gpus[0].mig_capable);
  auto status = node.port->look(node.gpu());
  ASSERT_TRUE(status);
  EXPECT_EQ(*status, (GpuStatus{.uuid = node.gpu()}));
}

TEST(Nvml, AGpuWhoseMemoryHasNoSpareRowLeftIsAProblemUntilTheDriverSaysOtherwise) {
  SimulatedNode node("dgx-a100");
  node.turn_mig_on();
  EXPECT_EQ(node.port->look(node.gpu())->problem, "");
  ASSERT_TRUE(nvmlsim::wear_out(node.folder, 0));
  EXPECT_EQ(node.port->look(node.gpu())->problem, "a bad row of its memory could not be replaced by a spare one: have the board tested, and replaced");
  ASSERT_TRUE(node.port->create(node.gpu(), "1g.5gb@0"));
  EXPECT_NE(node.port->look(node.gpu())->problem, "") << "the driver does not answer beside instances: what it said last holds";
  ASSERT_TRUE(node.port->destroy(node.gpu(), "1g.5gb@0"));
  ASSERT_TRUE(nvmlsim::clear_faults(node.folder));
  EXPECT_EQ(node.port->look(node.gpu())->problem, "");
}

TEST(Nvml, MakesAndRemovesSlicesWhereTheyAreAskedFor) {
  SimulatedNode node("dgx-a100");
  node.turn_mig_on();
  for (auto const* placement : {"3g.20gb@4", "1g.5gb@2", "2g.10gb@0", "1g.5gb@3"}) {
    auto made = node.port->create(node.gpu(), placement);
    ASSERT_TRUE(made) << to_text(made.error());
    EXPECT_TRUE(made->uuid.starts_with("MIG-"));
    EXPECT_EQ(made->placement, placement);
  }
  EXPECT_EQ(node.layout(), (Placements{"1g.5gb@2", "1g.5gb@3", "2g.10gb@0", "3g.20gb@4"}));
  auto const status = node.port->look(node.gpu());
  EXPECT_EQ(node.port->create(node.gpu(), "1g.5gb@2")->uuid, status->instances[0].uuid) << "made already: the same";
  EXPECT_TRUE(node.port->destroy(node.gpu(), "2g.10gb@0"));
  EXPECT_TRUE(node.port->destroy(node.gpu(), "2g.10gb@0")) << "gone already is as good";
  EXPECT_EQ(node.layout(), (Placements{"1g.5gb@2", "1g.5gb@3", "3g.20gb@4"}));
}

TEST(Nvml, RefusesWhatHasNoRoomOrDoesNotExist) {
  SimulatedNode node("dgx-a100");
  auto const off = node.port->create(node.gpu(), "1g.5gb@0");
  ASSERT_FALSE(off) << "MIG is off";
  EXPECT_EQ(off.error().kind, ErrorKind::Unsupported);
  node.turn_mig_on();
  ASSERT_TRUE(node.port->create(node.gpu(), "4g.20gb@0"));
  auto const full = node.port->create(node.gpu(), "2g.10gb@2");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(full.error().message.substr(0, 18), "create 2g.10gb@2: ");
  EXPECT_EQ(node.port->create(node.gpu(), "5g.99gb@0").error().kind, ErrorKind::InvalidArgument);
  EXPECT_EQ(node.port->look("GPU-none").error().kind, ErrorKind::NotFound);
}

TEST(Nvml, ARefusedCreationLeavesNothingBehind) {
  SimulatedNode node("dgx-a100");
  node.turn_mig_on();
  ASSERT_TRUE(nvmlsim::refuse_creations(node.folder, 0, 1, nvmlsim::Refusal::InUse));
  auto const refused = node.port->create(node.gpu(), "1g.5gb@0");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::Unavailable);
  EXPECT_EQ(node.layout(), Placements{});
  EXPECT_TRUE(node.port->create(node.gpu(), "1g.5gb@0"));
}

TEST(Nvml, NamesTheProcessThatKeepsASliceFromGoing) {
  SimulatedNode node("dgx-a100");
  node.turn_mig_on();
  auto const made = node.port->create(node.gpu(), "1g.5gb@0");
  ASSERT_TRUE(made);
  {
    JobProcess job(node, made->uuid);
    auto const refused = node.port->destroy(node.gpu(), "1g.5gb@0");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Conflict);
    EXPECT_NE(refused.error().message.find(fmt::format("process {} (sh", job.pid)), std::string::npos) << refused.error().message;
    EXPECT_NE(refused.error().message.find(", of attempt 42.1)"), std::string::npos) << refused.error().message;
    auto const status = node.port->look(node.gpu());
    ASSERT_EQ(status->instances[0].processes.size(), 1u);
    EXPECT_EQ(to_text(status->instances[0].processes[0].attempt), "42.1");
  }
  EXPECT_TRUE(node.port->destroy(node.gpu(), "1g.5gb@0"));
}

TEST(Nvml, DoesNotLeaveAModePendingOnAGpuInUse) {
  SimulatedNode node("dgx-a100");
  {
    JobProcess job(node, node.gpu());
    auto const refused = node.port->set_mode(node.gpu(), GpuMode::Mig);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Conflict);
    EXPECT_NE(refused.error().hint.find(fmt::format("process {} (s", job.pid)), std::string::npos) << refused.error().hint;
    EXPECT_FALSE(node.port->look(node.gpu())->reset_needed);
  }
  EXPECT_TRUE(node.port->set_mode(node.gpu(), GpuMode::Mig));
  EXPECT_EQ(node.port->look(node.gpu())->mode, GpuMode::Mig);
  EXPECT_TRUE(node.port->set_mode(node.gpu(), GpuMode::Whole));
  EXPECT_EQ(node.port->look(node.gpu())->mode, GpuMode::Whole);
}

TEST(Nvml, NamesAStrangerOnAWholeGpuButNotAnAttempt) {
  SimulatedNode node("dgx-1");
  {
    JobProcess job(node, node.gpu());
    EXPECT_EQ(node.port->look(node.gpu())->problem, "");
  }
  JobProcess stranger(node, node.gpu(), nullptr);
  // The driver's list of processes may be a moment old.
  std::string problem;
  for (auto const until = std::chrono::steady_clock::now() + std::chrono::seconds(20); problem.empty() && std::chrono::steady_clock::now() < until;)
    problem = node.port->look(node.gpu())->problem;
  EXPECT_NE(problem.find(fmt::format("process {} (s", stranger.pid)), std::string::npos) << problem;
  EXPECT_NE(problem.find("was not started here"), std::string::npos) << problem;
}

TEST(Nvml, SaysThatAGpuIsLost) {
  SimulatedNode node("dgx-a100");
  ASSERT_TRUE(nvmlsim::lose_gpu(node.folder, 0));
  EXPECT_EQ(node.port->look(node.gpu()).error().kind, ErrorKind::NotFound);
  EXPECT_TRUE(node.port->look(node.gpu(1)));
}

TEST(Nvml, TellsXidsWithTheSliceTheyStruck) {
  SimulatedNode node("dgx-a100");
  node.turn_mig_on();
  ASSERT_TRUE(node.port->create(node.gpu(), "1g.5gb@5"));
  ASSERT_TRUE(node.port->discover()) << "the watch begins anew and still knows the slice";
  std::vector<XidStatus> xids;
  // The watch takes hold in a thread of its own; what it has not seen yet is sent again.
  for (int i = 0; i < 50 && xids.empty(); ++i) {
    for (unsigned id = 0; id < 15; ++id) ASSERT_TRUE(nvmlsim::inject_xid(node.folder, 0, 94, id, 0) || id > 0);
    std::unique_lock lock(node.mutex);
    node.bell.wait_for(lock, std::chrono::milliseconds(200), [&] { return node.noticed; });
    lock.unlock();
    for (auto const& xid : node.port->xids())
      if (!xid.placement.empty()) xids.push_back(xid);
  }
  ASSERT_FALSE(xids.empty());
  EXPECT_EQ(xids[0].gpu, node.gpu());
  EXPECT_EQ(xids[0].placement, "1g.5gb@5");
  EXPECT_EQ(xids[0].xid, 94u);
  EXPECT_NE(xids[0].at.us, 0);
}

TEST(Nvml, AMachineWithoutADriverHasNoGpusAndThatIsNoError) {
  NvmlPort port(NvmlOptions{.library = ""});
  auto found = port.discover();
  // On a machine with a driver this says what it has.
  if (found && found->gpus.empty()) { EXPECT_EQ(found->boards.size(), 0u); }
  NvmlPort named(NvmlOptions{.library = "/nowhere/libnvidia-ml.so.1"});
  EXPECT_EQ(named.discover().error().kind, ErrorKind::NotFound) << "one that was asked for has to be there";
}

TEST(NvmlDevices, CapabilitiesAreReadFromTheDriversListAndElseFollowTheRule) {
  std::string const list = "config 1\nmonitor 2\ngpu0/gi0/access 3\ngpu0/gi0/ci0/access 4\ngpu3/gi2/access 777\ngpu3/gi2/ci1/access 778\n";
  EXPECT_EQ(nvml::cap_minors(list, 3, 2, 1).gpu_instance, 777u);
  EXPECT_EQ(nvml::cap_minors(list, 3, 2, 1).compute_instance, 778u);
  EXPECT_EQ(nvml::cap_minors("", 31, 14, 7).compute_instance, 4322u);
  EXPECT_EQ(nvml::cap_minors("", 0, 0, 0).gpu_instance, 3u);
}

}  // namespace
}  // namespace nav
