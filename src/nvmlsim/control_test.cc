// SPDX-License-Identifier: Apache-2.0
#include "nvmlsim/control.h"

#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "nvmlsim/command.h"
#include "nvmlsim/identity.h"
#include "nvmlsim/test_node.h"

namespace nav::nvmlsim {
namespace {

TEST(Simulation, NamesAMachineAndHowMany) {
  auto three = parse_simulation("dgx-a100:3");
  ASSERT_TRUE(three);
  EXPECT_EQ(three->machine->name, "dgx-a100");
  EXPECT_EQ(three->count, 3u);
  EXPECT_EQ(parse_simulation("a30")->count, 1u);
}

TEST(Simulation, RefusesWhatItCannotDoAndSaysWhatItCan) {
  Error unknown = parse_simulation("dgx-a10").error();
  EXPECT_EQ(to_text(unknown), "there is no machine dgx-a10 to simulate (did you mean dgx-a100, dgx-a100-80gb, dgx-1)");
  Error uncertain = parse_simulation("gb200:2").error();
  EXPECT_NE(uncertain.message.find("not known well enough"), std::string::npos);
  EXPECT_NE(uncertain.hint.find("dgx-h100"), std::string::npos);
  for (char const* text : {"dgx-a100:", "dgx-a100:0", "dgx-a100:x", "dgx-a100:3x", "dgx-a100:-1", "dgx-a100:99999999999"})
    EXPECT_FALSE(parse_simulation(text)) << text;
}

TEST(Node, ReportsTheSizeOfTheMachineItModels) {
  TestNode node("dgx-a100");
  auto it = describe_node(node.folder);
  ASSERT_TRUE(it);
  EXPECT_EQ(it->gpus, 8u);
  EXPECT_EQ(it->cpus, 256u);
  EXPECT_EQ(it->memory_mib, 1024u * 1024u);
}

TEST(Node, IsMadeOnceAndKept) {
  TestNode node("dgx-a100", "node-a", 5);
  EXPECT_TRUE(create_node(node.folder, *find_machine("dgx-a100"), "node-a", 5));
  EXPECT_EQ(create_node(node.folder, *find_machine("a30"), "node-a", 5).error().kind, ErrorKind::Conflict);
  EXPECT_EQ(describe_node("/nonexistent").error().kind, ErrorKind::NotFound);
}

TEST(Node, ListsTheMinorsOfItsDeviceNodes) {
  TestNode node("dgx-a100");
  std::ifstream file(node.folder + "/mig-minors");
  std::string line, last;
  bool seen = false;
  while (std::getline(file, line)) {
    seen |= line == "gpu0/gi0/ci0/access 4";
    last = line;
  }
  EXPECT_TRUE(seen);
  EXPECT_EQ(last, "gpu31/gi14/ci7/access 4322");
}

TEST(Faults, RefusedCreationsRunOut) {
  TestNode node("dgx-a100");
  NvmlDevice gpu = node.mig_gpu();
  ASSERT_TRUE(refuse_creations(node.folder, 0, 2, Refusal::InUse));
  EXPECT_EQ(create(gpu, 19, 0, 1), Return::InUse);
  EXPECT_EQ(create(gpu, 19, 0, 1), Return::InUse);
  EXPECT_EQ(create(gpu, 19, 0, 1), Return::Success);
}

TEST(Faults, ABusyInstanceIsDestroyedOnceCleared) {
  TestNode node("dgx-a100");
  NvmlGpuInstance instance;
  ASSERT_EQ(create(node.mig_gpu(), 19, 0, 1, &instance), Return::Success);
  ASSERT_TRUE(keep_busy(node.folder, 0, until_cleared));
  EXPECT_EQ(nvmlGpuInstanceDestroy(instance), Return::InUse);
  EXPECT_EQ(nvmlGpuInstanceDestroy(instance), Return::InUse);
  ASSERT_TRUE(clear_faults(node.folder));
  EXPECT_EQ(nvmlGpuInstanceDestroy(instance), Return::Success);
}

TEST(Faults, ALostGpuAnswersNothingButThat) {
  TestNode node("dgx-a100");
  NvmlDevice gpu = node.gpu(1), handle;
  unsigned minor;
  ASSERT_TRUE(lose_gpu(node.folder, 1));
  EXPECT_EQ(nvmlDeviceGetMinorNumber(gpu, &minor), Return::GpuIsLost);
  EXPECT_EQ(nvmlDeviceGetHandleByIndex_v2(1, &handle), Return::GpuIsLost);
  EXPECT_EQ(nvmlDeviceGetMinorNumber(node.gpu(0), &minor), Return::Success);
  ASSERT_TRUE(reboot_node(node.folder));
  EXPECT_EQ(nvmlDeviceGetMinorNumber(gpu, &minor), Return::Success);
}

TEST(Faults, AWornOutGpuSaysSoWhileNoInstanceIsOnIt) {
  TestNode node("dgx-a100");
  NvmlDevice gpu = node.gpu(0);
  unsigned corrected, uncorrected, pending, failed;
  ASSERT_EQ(nvmlDeviceGetRemappedRows(gpu, &corrected, &uncorrected, &pending, &failed), Return::Success);
  EXPECT_EQ(failed, 0u);
  ASSERT_TRUE(wear_out(node.folder, 0));
  ASSERT_EQ(nvmlDeviceGetRemappedRows(gpu, &corrected, &uncorrected, &pending, &failed), Return::Success);
  EXPECT_EQ(failed, 1u);
  ASSERT_TRUE(reboot_node(node.folder));
  ASSERT_EQ(nvmlDeviceGetRemappedRows(gpu, &corrected, &uncorrected, &pending, &failed), Return::Success);
  EXPECT_EQ(failed, 1u) << "for good";
  ASSERT_TRUE(clear_faults(node.folder));
  ASSERT_EQ(nvmlDeviceGetRemappedRows(gpu, &corrected, &uncorrected, &pending, &failed), Return::Success);
  EXPECT_EQ(failed, 0u);
}

TEST(Faults, ASlowGpuBlocksNoOther) {
  TestNode node("dgx-a100");
  NvmlDevice slow = node.gpu(0), quick = node.gpu(1);
  ASSERT_TRUE(slow_down(node.folder, 0, 300));
  unsigned minor;
  auto start = std::chrono::steady_clock::now();
  std::thread waiter([&] { nvmlDeviceGetMinorNumber(slow, &minor); });
  unsigned other;
  EXPECT_EQ(nvmlDeviceGetMinorNumber(quick, &other), Return::Success);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(250));
  waiter.join();
  EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(300));
}

TEST(Faults, ACallThatHangsEndsWithTheFault) {
  TestNode node("dgx-a100");
  NvmlDevice gpu = node.gpu(0);
  ASSERT_TRUE(slow_down(node.folder, 0, 3600000));
  std::thread stuck([&] {
    unsigned minor;
    EXPECT_EQ(nvmlDeviceGetMinorNumber(gpu, &minor), Return::Success);
  });
  ASSERT_TRUE(clear_faults(node.folder));
  stuck.join();
}

TEST(Rights, WhoDoesNotOwnTheNodeMayLookAndNotChange) {
  TestNode node("dgx-a100");
  NvmlGpuInstance instance;
  ASSERT_EQ(create(node.mig_gpu(), 19, 0, 1, &instance), Return::Success);
  nvmlShutdown();
  ASSERT_EQ(::chmod(node.folder.c_str(), 0755), 0);
  ASSERT_EQ(::chmod((node.folder + "/driver").c_str(), 0444), 0);
  pid_t child = ::fork();
  if (child == 0) {
    // Root may write what nobody may, so it steps down first.
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(1);
    NvmlDevice gpu;
    Memory memory;
    unsigned count;
    NvmlGpuInstance instances[7];
    Return activation;
    if (nvmlInit_v2() != Return::Success || nvmlDeviceGetHandleByIndex_v2(0, &gpu) != Return::Success) ::_exit(2);
    if (nvmlDeviceGetMemoryInfo(gpu, &memory) != Return::Success) ::_exit(3);
    if (create(gpu, 19, 1, 1) != Return::NoPermission) ::_exit(4);
    if (nvmlDeviceGetGpuInstances(gpu, 19, instances, &count) != Return::NoPermission) ::_exit(5);
    if (nvmlDeviceSetMigMode(gpu, 0, &activation) != Return::NoPermission) ::_exit(6);
    ::_exit(0);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0) << "step " << WEXITSTATUS(status);
  ::chmod((node.folder + "/driver").c_str(), 0644);
  node.open();
}

TEST(Faults, AnXidReachesWhoWaitsForIt) {
  TestNode node("dgx-a100");
  EventSet* set = nullptr;
  ASSERT_EQ(nvmlEventSetCreate(&set), Return::Success);
  ASSERT_EQ(nvmlDeviceRegisterEvents(node.gpu(2), event_type::xid_critical_error, set), Return::Success);
  EventData data;
  EXPECT_EQ(nvmlEventSetWait_v2(set, &data, 1), Return::Timeout);
  std::thread other([&] {
    EXPECT_TRUE(inject_xid(node.folder, 3, 48));  // nobody asked about this GPU
    EXPECT_TRUE(inject_xid(node.folder, 2, 94, 7, 0));
  });
  ASSERT_EQ(nvmlEventSetWait_v2(set, &data, 10000), Return::Success);
  other.join();
  EXPECT_EQ(data.device, node.gpu(2));
  EXPECT_EQ(data.data, 94u);
  EXPECT_EQ(data.gpu_instance_id, 7u);
  EXPECT_EQ(data.compute_instance_id, 0u);
  EXPECT_EQ(nvmlEventSetWait_v2(set, &data, 1), Return::Timeout);
  ASSERT_TRUE(inject_xid(node.folder, 2, 79));
  ASSERT_EQ(nvmlEventSetWait_v2(set, &data, 0), Return::Success);
  EXPECT_EQ(data.gpu_instance_id, no_instance);
  EXPECT_EQ(nvmlEventSetFree(set), Return::Success);
}

TEST(Faults, AreRefusedForAGpuThatIsNotThere) {
  TestNode node("a30");
  EXPECT_EQ(to_text(lose_gpu(node.folder, 4).error()), "there is no GPU 4 (0 to 3)");
}

TEST(CommandLine, DoesWhatTheLibraryDoes) {
  TestNode node("a30");
  EXPECT_EQ(run_command({"describe", node.folder}).value(),
            "node-a: PCIe server with 4 A30 (4 GPUs, 64 threads, 256 GiB), simulated; "
            "that one media set serves both +me profiles is assumed\n");
  EXPECT_TRUE(run_command({"lose", node.folder, "0"}));
  EXPECT_TRUE(run_command({"clear", node.folder}));
  EXPECT_EQ(run_command({"los", node.folder}).error().hint, "did you mean lose");
  EXPECT_FALSE(run_command({"xid", node.folder, "0"}));
}

}  // namespace
}  // namespace nav::nvmlsim
