// SPDX-License-Identifier: Apache-2.0
// A simulated node for one test, in a folder of its own, with the driver open on it.
#pragma once

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "nvmlsim/control.h"
#include "nvmlsim/nvml_calls.h"

namespace nav::nvmlsim {

inline void PrintTo(Return code, std::ostream* out) { *out << "NVML return " << static_cast<int>(code); }

class TestNode {
 public:
  explicit TestNode(std::string const& machine, std::string const& name = "node-a", std::uint64_t seed = 1) {
    char pattern[] = "/tmp/nvmlsim-test-XXXXXX";
    folder = ::mkdtemp(pattern);
    EXPECT_TRUE(create_node(folder, *find_machine(machine), name, seed));
    open();
  }
  ~TestNode() {
    nvmlShutdown();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  TestNode(TestNode const&) = delete;
  TestNode& operator=(TestNode const&) = delete;

  void open() {
    ::setenv("NAV_NVMLSIM_STATE", folder.c_str(), 1);
    EXPECT_EQ(nvmlInit_v2(), Return::Success);
  }

  NvmlDevice gpu(unsigned index = 0) const {
    NvmlDevice device = nullptr;
    EXPECT_EQ(nvmlDeviceGetHandleByIndex_v2(index, &device), Return::Success);
    return device;
  }

  /// GPU 0 with MIG on.
  NvmlDevice mig_gpu() const {
    NvmlDevice device = gpu();
    Return activation = Return::Unknown;
    EXPECT_EQ(nvmlDeviceSetMigMode(device, 1, &activation), Return::Success);
    EXPECT_EQ(activation, Return::Success);
    return device;
  }

  std::string folder;
};

inline Return create(NvmlDevice device, unsigned profile, unsigned start, unsigned size, NvmlGpuInstance* made = nullptr) {
  Placement placement{start, size};
  NvmlGpuInstance ignored;
  return nvmlDeviceCreateGpuInstanceWithPlacement(device, profile, &placement, made ? made : &ignored);
}

inline std::string uuid_of(NvmlDevice device) {
  char uuid[96] = "";
  EXPECT_EQ(nvmlDeviceGetUUID(device, uuid, sizeof uuid), Return::Success);
  return uuid;
}

/// A GPU instance of a profile with a compute instance that fills it, and its MIG device.
struct Cut {
  NvmlGpuInstance instance = nullptr;
  NvmlComputeInstance compute = nullptr;
  NvmlDevice device = nullptr;
};

inline Cut cut(NvmlDevice gpu, unsigned profile, unsigned start, unsigned size, unsigned compute_profile) {
  Cut made;
  EXPECT_EQ(create(gpu, profile, start, size, &made.instance), Return::Success);
  EXPECT_EQ(nvmlGpuInstanceCreateComputeInstance(made.instance, compute_profile, &made.compute), Return::Success);
  ComputeInstanceInfo info;
  EXPECT_EQ(nvmlComputeInstanceGetInfo_v2(made.compute, &info), Return::Success);
  made.device = info.device;
  return made;
}

/// A real process that says it runs on `visible` of the node, until it is destroyed.
class JobProcess {
 public:
  JobProcess(TestNode const& node, std::string const& visible) {
    int ready[2];
    EXPECT_EQ(::pipe(ready), 0);
    pid = ::fork();
    if (pid == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // it does not outlive a test that failed
      ::dup2(ready[1], 1);
      ::close(ready[0]);
      ::setenv("NAV_NVMLSIM_STATE", node.folder.c_str(), 1);
      ::setenv("CUDA_VISIBLE_DEVICES", visible.c_str(), 1);
      // Speaks once its new environment is in place, then keeps a processor busy.
      ::execl("/bin/sh", "sh", "-c", "echo ready; while :; do :; done", nullptr);
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
  JobProcess(JobProcess const&) = delete;
  JobProcess& operator=(JobProcess const&) = delete;

  pid_t pid;
};

}  // namespace nav::nvmlsim
