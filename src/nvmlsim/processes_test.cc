// SPDX-License-Identifier: Apache-2.0
#include "nvmlsim/processes.h"

#include "nvmlsim/identity.h"
#include "nvmlsim/test_node.h"

namespace nav::nvmlsim {
namespace {

std::vector<ProcessInfo> processes_on(NvmlDevice device) {
  unsigned count = 16;
  std::vector<ProcessInfo> infos(count);
  EXPECT_EQ(nvmlDeviceGetComputeRunningProcesses_v3(device, &count, infos.data()), Return::Success);
  infos.resize(count);
  return infos;
}

TEST(Processes, HoldTheInstanceTheyRunOn) {
  TestNode node("dgx-a100");
  NvmlDevice gpu = node.mig_gpu();
  Cut used = cut(gpu, 19, 0, 1, 0), idle = cut(gpu, 19, 3, 1, 0);
  {
    JobProcess job(node, uuid_of(used.device));
    EXPECT_EQ(nvmlComputeInstanceDestroy(used.compute), Return::InUse);
    EXPECT_EQ(nvmlComputeInstanceDestroy(idle.compute), Return::Success);
    auto there = processes_on(used.device);
    ASSERT_EQ(there.size(), 1u);
    EXPECT_EQ(there[0].pid, static_cast<unsigned>(job.pid));
    EXPECT_EQ(there[0].gpu_instance_id, 7u);
    EXPECT_GT(there[0].used_gpu_memory, 0u);
    ASSERT_EQ(processes_on(gpu).size(), 1u);
    Memory memory;
    ASSERT_EQ(nvmlDeviceGetMemoryInfo(used.device, &memory), Return::Success);
    EXPECT_EQ(memory.used, there[0].used_gpu_memory);
    Return activation;
    EXPECT_EQ(nvmlDeviceSetMigMode(gpu, 0, &activation), Return::Success);
    EXPECT_EQ(activation, Return::InUse);
    EXPECT_EQ(reset_gpu(node.folder, 0).error().kind, ErrorKind::Conflict);
  }
  EXPECT_EQ(nvmlComputeInstanceDestroy(used.compute), Return::Success);
}

TEST(Processes, OnTheWholeGpuKeepItFromBeingCut) {
  TestNode node("dgx-a100");
  NvmlDevice gpu = node.gpu(1);
  JobProcess job(node, "1");
  auto there = processes_on(gpu);
  ASSERT_EQ(there.size(), 1u);
  EXPECT_EQ(there[0].gpu_instance_id, no_instance);
  Return activation;
  EXPECT_EQ(nvmlDeviceSetMigMode(gpu, 1, &activation), Return::Success);
  EXPECT_EQ(activation, Return::InUse);
  unsigned current, pending;
  ASSERT_EQ(nvmlDeviceGetMigMode(gpu, &current, &pending), Return::Success);
  EXPECT_EQ(current, 0u);
  EXPECT_EQ(pending, 1u);
}

TEST(Processes, OfAnotherNodeDoNotCount) {
  TestNode other("dgx-a100", "node-b");
  JobProcess job(other, "0");
  nvmlShutdown();
  TestNode node("dgx-a100");
  EXPECT_TRUE(processes_on(node.gpu(0)).empty());
  nvmlShutdown();
  other.open();
  EXPECT_EQ(processes_on(other.gpu(0)).size(), 1u);
  nvmlShutdown();
  node.open();
  other.open();
}

TEST(Processes, KeepTheInstanceBusy) {
  TestNode node("dgx-h100");
  NvmlDevice gpu = node.mig_gpu();
  Cut used = cut(gpu, 19, 0, 1, 0);
  JobProcess job(node, uuid_of(used.device));
  GpmSample *first, *second;
  ASSERT_EQ(nvmlGpmSampleAlloc(&first), Return::Success);
  ASSERT_EQ(nvmlGpmSampleAlloc(&second), Return::Success);
  ASSERT_EQ(nvmlGpmMigSampleGet(gpu, 7, first), Return::Success);
  double value = 0;
  // Processor time moves in ticks, so look until it did.
  for (int look = 0; look < 100 && value == 0; ++look) {
    ::usleep(20000);
    ASSERT_EQ(nvmlGpmMigSampleGet(gpu, 7, second), Return::Success);
    GpmMetricsGet request{.version = 1, .count = 1, .first = first, .second = second, .metrics = {}};
    request.metrics[0].id = 1;
    ASSERT_EQ(nvmlGpmMetricsGet(&request), Return::Success);
    ASSERT_EQ(request.metrics[0].result, Return::Success);
    value = request.metrics[0].value;
  }
  EXPECT_GT(value, 0);
  EXPECT_LE(value, 100);
  nvmlGpmSampleFree(first);
  nvmlGpmSampleFree(second);
}

TEST(VisibleDevices, AreReadAsCudaReadsThem) {
  NodeIdentity node{};
  std::snprintf(node.name, sizeof node.name, "node-a");
  Machine const& machine = *find_machine("dgx-a100");
  auto state = std::make_unique<NodeState>();
  state->gpus[1].mig = true;
  GpuInstance& instance = state->gpus[1].instances[7];
  instance = {.exists = true, .id = 7, .profile_id = 19, .start = 0, .size = 1, .born = 1, .compute = {}};
  instance.compute[0] = {.exists = true, .id = 0, .profile_id = 0, .start = 0, .size = 1, .born = 2};
  auto places = [&](std::string const& visible) {
    std::vector<Process> one{{.pid = 1, .visible_devices = visible, .memory_bytes = 0, .cpu_us = 0, .activity = 0}};
    std::string text;
    for (Use const& use : uses_of(one, node, machine, *state)) {
      text += std::to_string(use.gpu);
      if (use.gpu_instance != no_instance) text += "/" + std::to_string(use.gpu_instance) + "/" + std::to_string(use.compute_instance);
      text += " ";
    }
    return text;
  };
  std::string uuid = gpu_uuid(node, 1), mig = mig_uuid(node, 1, instance, instance.compute[0]);
  EXPECT_EQ(places("0,2"), "0 2 ");
  EXPECT_EQ(places("1"), "1/7/0 ");  // a GPU with MIG: its first MIG device
  EXPECT_EQ(places(gpu_uuid(node, 3)), "3 ");
  EXPECT_EQ(places(mig), "1/7/0 ");
  EXPECT_EQ(places("MIG-" + uuid + "/7/0"), "1/7/0 ");
  EXPECT_EQ(places("0,nonsense,2"), "0 ");  // CUDA stops at the first it does not know
  EXPECT_EQ(places("0,0,2"), "0 ");
  EXPECT_EQ(places("1," + mig), "1/7/0 ");
  EXPECT_EQ(places(",0"), "");
  EXPECT_EQ(places("NoDevFiles"), "");
}

}  // namespace
}  // namespace nav::nvmlsim
