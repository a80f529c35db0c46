// SPDX-License-Identifier: Apache-2.0
// What several processes share: nobody gets what another holds, and killing one at any instant leaves a legal state.
#include "nvmlsim/state.h"

#include <sys/mman.h>
#include <sys/prctl.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "base/random.h"
#include "nvmlsim/boards.h"
#include "nvmlsim/test_node.h"

namespace nav::nvmlsim {
namespace {

/// What no history of calls may break.
void expect_legal(Board const& board, Gpu const& gpu) {
  unsigned taken[64] = {};
  for (unsigned id = 0; id < max_gpu_instances; ++id) {
    GpuInstance const& instance = gpu.instances[id];
    if (!instance.exists) continue;
    EXPECT_EQ(instance.id, id);
    GpuInstanceProfile const* profile = profile_by_id(board, instance.profile_id);
    ASSERT_TRUE(profile);
    EXPECT_EQ(instance.size, profile->size);
    for (unsigned slice = instance.start; slice < instance.start + instance.size + 0u; ++slice) EXPECT_EQ(taken[slice]++, 0u);
    for (unsigned compute = 0; compute < max_compute_instances; ++compute)
      EXPECT_TRUE(!instance.compute[compute].exists || instance.compute[compute].id == compute);
  }
}

/// Cuts and clears GPU 0 until killed. Runs in a forked child, so it reports by its exit status alone.
[[noreturn]] void cut_at_random(std::uint64_t seed) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // no child outlives a test that failed
  Random random(seed);
  NvmlDevice gpu;
  if (nvmlInit_v2() != Return::Success || nvmlDeviceGetHandleByIndex_v2(0, &gpu) != Return::Success) ::_exit(3);
  constexpr unsigned profiles[] = {19, 14, 9, 15, 20};
  while (true) {
    NvmlGpuInstance made;
    if (nvmlDeviceCreateGpuInstance(gpu, profiles[random.below(std::size(profiles))], &made) == Return::Success) {
      NvmlComputeInstance compute;
      // NotFound: another child has cleared it already.
      if (nvmlGpuInstanceCreateComputeInstance(made, 0, &compute) != Return::Success) continue;
      if (random.chance(0.5)) {
        nvmlComputeInstanceDestroy(compute);
        nvmlGpuInstanceDestroy(made);
      }
      continue;
    }
    // Full: clear what anybody left.
    for (unsigned id = 0; id < max_gpu_instances; ++id) {
      if (nvmlDeviceGetGpuInstanceById(gpu, id, &made) != Return::Success) continue;
      NvmlComputeInstance compute;
      if (nvmlGpuInstanceGetComputeInstanceById(made, 0, &compute) == Return::Success) nvmlComputeInstanceDestroy(compute);
      nvmlGpuInstanceDestroy(made);
    }
  }
}

TEST(State, SurvivesKillNineAtAnyInstant) {
  TestNode node("a100-40gb");
  node.mig_gpu();
  nvmlShutdown();  // so that children open a session of their own
  auto file = StateFile::open(node.folder + "/driver");
  ASSERT_TRUE(file);
  Board const& board = *find_board("a100-40gb");
  Random random(42);
  constexpr unsigned children = 3, kills = 200;
  pid_t pids[children] = {};
  std::uint64_t births = 0;
  auto spawn = [&](unsigned slot, std::uint64_t seed) {
    pids[slot] = ::fork();
    if (pids[slot] == 0) cut_at_random(seed);
  };
  for (unsigned slot = 0; slot < children; ++slot) spawn(slot, slot);
  for (unsigned kill = 0; kill < kills; ++kill) {
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(8000)));
    unsigned slot = static_cast<unsigned>(random.below(children));
    ::kill(pids[slot], SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(pids[slot], &status, 0), pids[slot]);
    ASSERT_TRUE(WIFSIGNALED(status)) << "a child gave up with " << WEXITSTATUS(status);
    NodeState const& state = file->read();
    expect_legal(board, state.gpus[0]);
    EXPECT_GE(state.births, births);
    births = state.births;
    spawn(slot, 100 + kill);
  }
  for (pid_t pid : pids) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  EXPECT_GT(births, 100u) << "the children did nothing worth killing";
  // No lock is left behind and the GPU is as usable as ever.
  node.open();
  ASSERT_TRUE(reset_gpu(node.folder, 0));
  EXPECT_EQ(create(node.gpu(), 0, 0, 8), Return::Success);
}

TEST(State, ProcessesNeverGetTheSameSlice) {
  TestNode node("a100-40gb");
  node.mig_gpu();
  nvmlShutdown();
  struct Board {
    std::atomic<int> owner[8];
    std::atomic<int> clashes, cuts;
  };
  auto* board = static_cast<Board*>(::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(board, MAP_FAILED);
  std::vector<pid_t> pids;
  for (int child = 1; child <= 4; ++child) {
    pid_t pid = ::fork();
    if (pid == 0) {
      Random random(static_cast<std::uint64_t>(child));
      nvmlInit_v2();
      NvmlDevice gpu;
      nvmlDeviceGetHandleByIndex_v2(0, &gpu);
      for (int i = 0; i < 400; ++i) {
        unsigned start = static_cast<unsigned>(random.below(7));
        NvmlGpuInstance made;
        Placement placement{start, 1};
        if (nvmlDeviceCreateGpuInstanceWithPlacement(gpu, 19, &placement, &made) != Return::Success) continue;
        board->clashes += board->owner[start].exchange(child) != 0;
        ++board->cuts;
        board->clashes += board->owner[start].exchange(0) != child;
        if (nvmlGpuInstanceDestroy(made) != Return::Success) ::_exit(2);
      }
      ::_exit(0);
    }
    pids.push_back(pid);
  }
  for (pid_t pid : pids) {
    int status = 1;
    ::waitpid(pid, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(board->clashes, 0);
  EXPECT_GT(board->cuts, 400);
  ::munmap(board, sizeof(Board));
  node.open();
}

TEST(State, AWaiterWakesWhenAnotherChangesSomething) {
  TestNode node("a30");
  auto file = StateFile::open(node.folder + "/driver");
  ASSERT_TRUE(file);
  std::uint32_t seen = file->version();
  EXPECT_FALSE(file->wait_for_change(seen, 1));
  std::thread other([&] { EXPECT_TRUE(lose_gpu(node.folder, 0)); });
  EXPECT_TRUE(file->wait_for_change(seen, 10000));
  other.join();
  EXPECT_TRUE(file->read().gpus[0].lost);
}

TEST(State, AFileOfAnotherVersionIsNotTaken) {
  TestNode node("a30");
  std::filesystem::resize_file(node.folder + "/driver", 100);
  EXPECT_FALSE(StateFile::open(node.folder + "/driver"));
  EXPECT_EQ(errno, EPROTO);
}

}  // namespace
}  // namespace nav::nvmlsim
