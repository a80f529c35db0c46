// SPDX-License-Identifier: Apache-2.0
// The driver's MIG rules and error codes, asked through the ABI as any client would.
#include <memory>
#include <set>

#include "nvmlsim/boards.h"
#include "nvmlsim/test_node.h"

namespace nav::nvmlsim {
namespace {

Return place(NvmlDevice device, unsigned profile, unsigned& start) {
  NvmlGpuInstance made;
  Return result = nvmlDeviceCreateGpuInstance(device, profile, &made);
  if (result != Return::Success) return result;
  GpuInstanceInfo info;
  EXPECT_EQ(nvmlGpuInstanceGetInfo(made, &info), Return::Success);
  start = info.placement.start;
  return result;
}

std::vector<unsigned> starts_of(NvmlDevice device, std::vector<unsigned> const& profiles) {
  std::vector<unsigned> starts;
  for (unsigned profile : profiles) {
    unsigned start = 99;
    EXPECT_EQ(place(device, profile, start), Return::Success);
    starts.push_back(start);
  }
  return starts;
}

TEST(Mig, ProfileIdsAreNotProfileIndices) {
  TestNode node("dgx-a100");
  NvmlDevice gpu = node.mig_gpu();
  std::vector<std::pair<unsigned, unsigned>> found;
  for (unsigned index = 0;; ++index) {
    GpuInstanceProfileInfo info;
    Return result = nvmlDeviceGetGpuInstanceProfileInfo(gpu, index, &info);
    if (result == Return::InvalidArgument) break;
    if (result == Return::Success) found.emplace_back(index, info.id);
    else EXPECT_EQ(result, Return::NotSupported);
  }
  EXPECT_EQ(found, (std::vector<std::pair<unsigned, unsigned>>{{0, 19}, {1, 14}, {2, 9}, {3, 5}, {4, 0}, {7, 20}, {9, 15}}));
}

TEST(Mig, BothVersionsOfProfileInfoComeThroughOneCall) {
  TestNode node("dgx-a100");
  NvmlDevice gpu = node.mig_gpu();
  GpuInstanceProfileInfoV2 v2{};
  v2.version = versioned<GpuInstanceProfileInfoV2>(2);
  ASSERT_EQ(nvmlDeviceGetGpuInstanceProfileInfoV(gpu, 2, &v2), Return::Success);
  EXPECT_STREQ(v2.name, "MIG 3g.20gb");
  EXPECT_EQ(v2.memory_mib, 19968u);
  GpuInstanceProfileInfoV3 v3{};
  v3.version = versioned<GpuInstanceProfileInfoV3>(3);
  ASSERT_EQ(nvmlDeviceGetGpuInstanceProfileInfoV(gpu, 2, &v3), Return::Success);
  EXPECT_STREQ(v3.name, "MIG 3g.20gb");
  EXPECT_EQ(v3.memory_mib, 19968u);
  v3.version = versioned<GpuInstanceProfileInfoV3>(9);
  EXPECT_EQ(nvmlDeviceGetGpuInstanceProfileInfoV(gpu, 2, &v3), Return::ArgumentVersionMismatch);
}

TEST(Mig, WithMigOffOnlyLaterBoardsAnswerTheVersionedQuery) {
  for (auto const& [machine, answers] : {std::pair("dgx-a100", false), std::pair("dgx-h100", true)}) {
    TestNode node(machine);
    NvmlDevice gpu = node.gpu();
    GpuInstanceProfileInfoV3 info{};
    info.version = versioned<GpuInstanceProfileInfoV3>(3);
    EXPECT_EQ(nvmlDeviceGetGpuInstanceProfileInfoV(gpu, 0, &info), answers ? Return::Success : Return::NotSupported) << machine;
    FieldValue field{};
    field.field_id = field::mig_query_without_mig_mode;
    ASSERT_EQ(nvmlDeviceGetFieldValues(gpu, 1, &field), Return::Success);
    EXPECT_EQ(field.value.u, answers) << machine;
    unsigned count = 0;
    EXPECT_EQ(nvmlDeviceGetGpuInstancePossiblePlacements_v2(gpu, 9, nullptr, &count), Return::Success);
    EXPECT_EQ(count, 2u);
    EXPECT_EQ(create(gpu, 9, 0, 4), Return::NotSupported);
  }
}

TEST(Mig, AGpuWithoutMigSaysSo) {
  TestNode node("dgx-1");
  unsigned current, pending, count = 7;
  Return activation;
  EXPECT_EQ(nvmlDeviceGetMigMode(node.gpu(), &current, &pending), Return::NotSupported);
  EXPECT_EQ(nvmlDeviceSetMigMode(node.gpu(), 1, &activation), Return::NotSupported);
  EXPECT_EQ(nvmlDeviceGetMaxMigDeviceCount(node.gpu(), &count), Return::Success);
  EXPECT_EQ(count, 0u);
}

TEST(Mig, DefaultPlacementShowsTheOrderEffectsOfTheGuide) {
  {
    TestNode node("dgx-a100");
    NvmlDevice gpu = node.mig_gpu();
    EXPECT_EQ(starts_of(gpu, {19, 19, 14}), (std::vector<unsigned>{6, 4, 0}));
    unsigned start;
    EXPECT_EQ(place(gpu, 9, start), Return::InsufficientResources);
  }
  {
    TestNode node("dgx-a100");
    starts_of(node.mig_gpu(), {9, 19, 14, 19});
  }
  {
    TestNode node("dgx-a100");
    EXPECT_EQ(starts_of(node.mig_gpu(), {14, 19, 19, 19, 19, 19}), (std::vector<unsigned>{4, 6, 0, 1, 2, 3}));
  }
}

TEST(Mig, ATakenPlacementIsInsufficientResourcesAndAWrongOneInvalid) {
  TestNode node("dgx-a100");
  NvmlDevice gpu = node.mig_gpu();
  EXPECT_EQ(create(gpu, 9, 4, 4), Return::Success);
  EXPECT_EQ(create(gpu, 9, 4, 4), Return::InsufficientResources);
  EXPECT_EQ(create(gpu, 19, 5, 1), Return::InsufficientResources);
  EXPECT_EQ(create(gpu, 19, 7, 1), Return::InvalidArgument);
  EXPECT_EQ(create(gpu, 9, 0, 3), Return::InvalidArgument);
  EXPECT_EQ(create(gpu, 77, 0, 1), Return::InvalidArgument);
  unsigned left = 99;
  EXPECT_EQ(nvmlDeviceGetGpuInstanceRemainingCapacity(gpu, 19, &left), Return::Success);
  EXPECT_EQ(left, 4u);
}

TEST(Mig, InstanceIdsAreNotInOrderOfCreation) {
  TestNode node("dgx-a100");
  NvmlDevice gpu = node.mig_gpu();
  std::vector<unsigned> ids;
  for (unsigned start : {6u, 0u, 3u}) {
    NvmlGpuInstance made;
    ASSERT_EQ(create(gpu, 19, start, 1, &made), Return::Success);
    GpuInstanceInfo info;
    ASSERT_EQ(nvmlGpuInstanceGetInfo(made, &info), Return::Success);
    ids.push_back(info.id);
  }
  EXPECT_EQ(ids, (std::vector<unsigned>{13, 7, 10}));
}

TEST(Mig, OneMediaProfileAGpu) {
  TestNode node("dgx-a100");
  NvmlDevice gpu = node.mig_gpu();
  EXPECT_EQ(create(gpu, 20, 2, 1), Return::Success);
  EXPECT_EQ(create(gpu, 20, 3, 1), Return::InsufficientResources);
  EXPECT_EQ(create(gpu, 19, 3, 1), Return::Success);
}

TEST(Mig, AllMediaEnginesLeaveRoomForProfilesWithoutThemAlone) {
  TestNode node("rtx-pro-6000");
  NvmlDevice gpu = node.mig_gpu();
  EXPECT_EQ(create(gpu, 65, 0, 3), Return::Success);
  EXPECT_EQ(create(gpu, 14, 3, 3), Return::InsufficientResources);
  EXPECT_EQ(create(gpu, 67, 3, 3), Return::Success);
  EXPECT_EQ(create(gpu, 66, 6, 6), Return::Success);
}

TEST(Mig, DestroyingGoesFromTheInsideOut) {
  TestNode node("dgx-a100");
  Cut made = cut(node.mig_gpu(), 9, 0, 4, 2);
  EXPECT_EQ(nvmlGpuInstanceDestroy(made.instance), Return::InUse);
  EXPECT_EQ(nvmlComputeInstanceDestroy(made.compute), Return::Success);
  EXPECT_EQ(nvmlComputeInstanceDestroy(made.compute), Return::NotFound);
  EXPECT_EQ(nvmlGpuInstanceDestroy(made.instance), Return::Success);
  EXPECT_EQ(nvmlGpuInstanceDestroy(made.instance), Return::NotFound);
}

TEST(Mig, AHandleOfADestroyedInstanceDoesNotComeToMeanALaterOne) {
  TestNode node("dgx-a100");
  NvmlDevice gpu = node.mig_gpu();
  Cut first = cut(gpu, 19, 0, 1, 0);
  std::string uuid = uuid_of(first.device);
  nvmlComputeInstanceDestroy(first.compute);
  nvmlGpuInstanceDestroy(first.instance);
  Cut second = cut(gpu, 19, 0, 1, 0);
  EXPECT_EQ(uuid_of(second.device), uuid);  // same geometry, same UUID
  EXPECT_EQ(nvmlGpuInstanceDestroy(first.instance), Return::NotFound);
  char buffer[96];
  EXPECT_EQ(nvmlDeviceGetUUID(first.device, buffer, sizeof buffer), Return::NotFound);
}

TEST(Mig, ComputeInstancesCutAGpuInstanceFurther) {
  TestNode node("dgx-a100");
  NvmlGpuInstance instance;
  NvmlDevice gpu = node.mig_gpu();
  ASSERT_EQ(create(gpu, 9, 0, 4, &instance), Return::Success);
  NvmlComputeInstance two, one, none;
  EXPECT_EQ(nvmlGpuInstanceCreateComputeInstance(instance, 1, &two), Return::Success);
  EXPECT_EQ(nvmlGpuInstanceCreateComputeInstance(instance, 1, &none), Return::InsufficientResources);
  EXPECT_EQ(nvmlGpuInstanceCreateComputeInstance(instance, 0, &one), Return::Success);
  EXPECT_EQ(nvmlGpuInstanceCreateComputeInstance(instance, 0, &none), Return::InsufficientResources);
  EXPECT_EQ(nvmlGpuInstanceCreateComputeInstance(instance, 4, &none), Return::NotSupported);
  ComputeInstanceInfo info;
  ASSERT_EQ(nvmlComputeInstanceGetInfo_v2(one, &info), Return::Success);
  EXPECT_EQ(info.placement.start, 2u);
  char name[96];
  ASSERT_EQ(nvmlDeviceGetName(info.device, name, sizeof name), Return::Success);
  EXPECT_STREQ(name, "NVIDIA A100-SXM4-40GB MIG 1c.3g.20gb");
  DeviceAttributes attributes;
  ASSERT_EQ(nvmlDeviceGetAttributes_v2(info.device, &attributes), Return::Success);
  EXPECT_EQ(attributes.multiprocessors, 14u);
  EXPECT_EQ(attributes.gpu_instance_slices, 3u);
  EXPECT_EQ(attributes.memory_mib, 19968u);
}

TEST(Mig, TheDeviceOfAComputeInstanceIsItsMigDevice) {
  TestNode node("dgx-a100");
  NvmlDevice gpu = node.mig_gpu();
  Cut made = cut(gpu, 9, 4, 4, 2);
  EXPECT_EQ(uuid_of(made.device).substr(0, 4), "MIG-");
  NvmlDevice by_index, by_uuid, parent;
  ASSERT_EQ(nvmlDeviceGetMigDeviceHandleByIndex(gpu, 0, &by_index), Return::Success);
  EXPECT_EQ(by_index, made.device);
  ASSERT_EQ(nvmlDeviceGetHandleByUUID(uuid_of(made.device).c_str(), &by_uuid), Return::Success);
  EXPECT_EQ(by_uuid, made.device);
  ASSERT_EQ(nvmlDeviceGetDeviceHandleFromMigDeviceHandle(made.device, &parent), Return::Success);
  EXPECT_EQ(parent, gpu);
  EXPECT_EQ(nvmlDeviceGetMigDeviceHandleByIndex(gpu, 1, &by_index), Return::NotFound);
  EXPECT_EQ(nvmlDeviceGetMigDeviceHandleByIndex(gpu, 7, &by_index), Return::InvalidArgument);
}

TEST(Mig, UtilizationIsNotAnsweredWithMigOn) {
  TestNode node("dgx-a100");
  Utilization utilization;
  EXPECT_EQ(nvmlDeviceGetUtilizationRates(node.gpu(), &utilization), Return::Success);
  NvmlDevice gpu = node.mig_gpu();
  Cut made = cut(gpu, 19, 0, 1, 0);
  EXPECT_EQ(nvmlDeviceGetUtilizationRates(gpu, &utilization), Return::NotSupported);
  EXPECT_EQ(nvmlDeviceGetUtilizationRates(made.device, &utilization), Return::NotSupported);
}

TEST(MigMode, WaitsForAResetWhileInstancesExist) {
  TestNode node("dgx-a100");
  NvmlDevice gpu = node.mig_gpu();
  cut(gpu, 19, 0, 1, 0);
  Return activation;
  EXPECT_EQ(nvmlDeviceSetMigMode(gpu, 0, &activation), Return::Success);
  EXPECT_EQ(activation, Return::InUse);
  unsigned current, pending;
  ASSERT_EQ(nvmlDeviceGetMigMode(gpu, &current, &pending), Return::Success);
  EXPECT_EQ(current, 1u);
  EXPECT_EQ(pending, 0u);
  ASSERT_TRUE(reset_gpu(node.folder, 0));
  ASSERT_EQ(nvmlDeviceGetMigMode(gpu, &current, &pending), Return::Success);
  EXPECT_EQ(current, 0u);
}

TEST(MigMode, ResetsTheGpuUntilHopper) {
  for (auto const& [machine, kept] : {std::pair("dgx-a100", 0u), std::pair("dgx-h100", 3u)}) {
    TestNode node(machine);
    NvmlDevice gpu = node.gpu();
    ASSERT_EQ(nvmlDeviceSetComputeMode(gpu, 3), Return::Success);
    node.mig_gpu();
    unsigned mode = 99;
    ASSERT_EQ(nvmlDeviceGetComputeMode(gpu, &mode), Return::Success);
    EXPECT_EQ(mode, kept) << machine;
  }
}

TEST(MigMode, OutlivesARebootOnAmpereAloneAndInstancesNever) {
  for (auto const& [machine, survives] : {std::pair("dgx-a100", 1u), std::pair("dgx-h100", 0u)}) {
    TestNode node(machine);
    NvmlDevice gpu = node.mig_gpu();
    Cut made = cut(gpu, 19, 0, 1, 0);
    ASSERT_TRUE(reboot_node(node.folder));
    unsigned current, pending;
    ASSERT_EQ(nvmlDeviceGetMigMode(gpu, &current, &pending), Return::Success);
    EXPECT_EQ(current, survives) << machine;
    EXPECT_EQ(nvmlGpuInstanceDestroy(made.instance), Return::NotFound);
  }
}

TEST(Identity, UuidsAreUniqueAmongNodesAndStableOnOne) {
  std::set<std::string> uuids;
  std::string first;
  for (char const* name : {"node-a", "node-b", "node-c"}) {
    TestNode node("dgx-a100", name);
    for (unsigned i = 0; i < 8; ++i) uuids.insert(uuid_of(node.gpu(i)));
    if (first.empty()) first = uuid_of(node.gpu(0));
  }
  EXPECT_EQ(uuids.size(), 24u);
  TestNode again("dgx-a100", "node-a");
  EXPECT_EQ(uuid_of(again.gpu(0)), first);
}

TEST(Identity, MinorNumbersAreNotIndices) {
  TestNode node("dgx-a100");
  unsigned minor = 99;
  ASSERT_EQ(nvmlDeviceGetMinorNumber(node.gpu(2), &minor), Return::Success);
  EXPECT_EQ(minor, 3u);
}

TEST(Identity, BothFormsOfAPciBusIdFindTheGpu) {
  TestNode node("dgx-a100");
  NvmlDevice shorter, longer;
  EXPECT_EQ(nvmlDeviceGetHandleByPciBusId_v2("0000:0f:00.0", &shorter), Return::Success);
  EXPECT_EQ(nvmlDeviceGetHandleByPciBusId_v2("00000000:0F:00.0", &longer), Return::Success);
  EXPECT_EQ(shorter, node.gpu(1));
  EXPECT_EQ(longer, node.gpu(1));
  EXPECT_EQ(nvmlDeviceGetHandleByPciBusId_v2("0000:10:00.0", &longer), Return::NotFound);
  EXPECT_EQ(nvmlDeviceGetHandleByPciBusId_v2("nonsense", &longer), Return::InvalidArgument);
}

TEST(Links, TheGpusOfADgxReachEachOtherOverNvlink) {
  unsigned active = 0, level = 0;
  auto dgx = std::make_unique<TestNode>("dgx-a100");
  TestNode& node = *dgx;
  EXPECT_EQ(nvmlDeviceGetNvLinkState(node.gpu(), 11, &active), Return::Success);
  EXPECT_EQ(active, 1u);
  EXPECT_EQ(nvmlDeviceGetNvLinkState(node.gpu(), 12, &active), Return::InvalidArgument);
  EXPECT_EQ(nvmlDeviceGetTopologyCommonAncestor(node.gpu(0), node.gpu(5), &level), Return::Success);
  EXPECT_EQ(level, 50u);
  dgx = nullptr;
  TestNode plain("a30");
  EXPECT_EQ(nvmlDeviceGetNvLinkState(plain.gpu(), 0, &active), Return::NotSupported);
}

TEST(Session, WithoutANodeTheDriverIsNotLoaded) {
  ::setenv("NAV_NVMLSIM_STATE", "/nonexistent", 1);
  EXPECT_EQ(nvmlInit_v2(), Return::DriverNotLoaded);
  ::unsetenv("NAV_NVMLSIM_STATE");
  EXPECT_EQ(nvmlInit_v2(), Return::DriverNotLoaded);
  unsigned count;
  EXPECT_EQ(nvmlDeviceGetCount_v2(&count), Return::Uninitialized);
  EXPECT_EQ(nvmlShutdown(), Return::Uninitialized);
}

TEST(Session, AHandleThatIsNotOneIsInvalid) {
  TestNode node("a30");
  int nothing = 0;
  unsigned index;
  EXPECT_EQ(nvmlDeviceGetIndex(reinterpret_cast<NvmlDevice>(&nothing), &index), Return::InvalidArgument);
  EXPECT_EQ(nvmlDeviceGetIndex(nullptr, &index), Return::InvalidArgument);
}

}  // namespace
}  // namespace nav::nvmlsim
