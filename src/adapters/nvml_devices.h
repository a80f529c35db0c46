// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The files under /dev through which a process reaches a GPU or one MIG instance of it.
namespace nav::nvml {

struct CapMinors {
  std::uint32_t gpu_instance = 0, compute_instance = 0;
};

/// Minor numbers of an instance's two capabilities, from the driver's list (/proc/driver/nvidia-caps/mig-minors, lines as
/// "gpu0/gi1/ci0/access 13"), where a GPU goes by the minor of its device file. Where the list does not name them, by the rule it follows: 15
/// instances a GPU with 8 compute instances each, after the two of configuring and monitoring.
CapMinors cap_minors(std::string_view mig_minors, std::uint32_t gpu_minor, unsigned gpu_instance, unsigned compute_instance);

/// Where the files are looked for.
struct DeviceFolders {
  std::string dev = "/dev";
  std::string proc = "/proc";
};

/// Files of a whole GPU that are there.
std::vector<std::string> gpu_files(DeviceFolders const& folders, std::uint32_t gpu_minor);
/// Files of the capabilities of an instance. The driver does not make them by itself, so those missing are made if we may.
std::vector<std::string> cap_files(DeviceFolders const& folders, CapMinors minors);

}  // namespace nav::nvml
