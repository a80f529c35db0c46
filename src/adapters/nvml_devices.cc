// SPDX-License-Identifier: Apache-2.0
#include "adapters/nvml_devices.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <sstream>

#include "base/id.h"
#include "base/text.h"

namespace nav::nvml {

namespace {

bool is_there(std::string const& path) { return ::access(path.c_str(), F_OK) == 0; }

/// The number after `name` at a line's begin.
std::optional<std::uint32_t> number_of(std::string_view text, std::string_view name) {
  for (auto line : split(text, '\n')) {
    std::uint64_t number = 0;
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ' ' && read_number(line.substr(name.size() + 1), number))
      return static_cast<std::uint32_t>(number);
  }
  return std::nullopt;
}

/// The major number of a character device by its driver's name, from /proc/devices.
std::optional<unsigned> major_of(std::string const& proc, std::string_view driver) {
  std::ifstream devices(proc + "/devices");
  std::string line;
  while (std::getline(devices, line)) {
    if (line.starts_with("Block")) break;
    std::istringstream words(line);
    unsigned major = 0;
    std::string name;
    if (words >> major >> name && name == driver) return major;
  }
  return std::nullopt;
}

}  // namespace

CapMinors cap_minors(std::string_view mig_minors, std::uint32_t gpu_minor, unsigned gpu_instance, unsigned compute_instance) {
  std::uint32_t const by_rule = 3 + gpu_minor * 135 + gpu_instance * 9;
  auto const gi = number_of(mig_minors, fmt::format("gpu{}/gi{}/access", gpu_minor, gpu_instance));
  auto const ci = number_of(mig_minors, fmt::format("gpu{}/gi{}/ci{}/access", gpu_minor, gpu_instance, compute_instance));
  return {gi.value_or(by_rule), ci.value_or(by_rule + 1 + compute_instance)};
}

std::vector<std::string> gpu_files(DeviceFolders const& folders, std::uint32_t gpu_minor) {
  std::vector<std::string> files;
  for (auto const& name : {fmt::format("nvidia{}", gpu_minor), std::string("nvidiactl"), std::string("nvidia-uvm"), std::string("nvidia-uvm-tools")})
    if (auto path = fmt::format("{}/{}", folders.dev, name); is_there(path)) files.push_back(std::move(path));
  return files;
}

std::vector<std::string> cap_files(DeviceFolders const& folders, CapMinors minors) {
  std::vector<std::string> files;
  auto const major = major_of(folders.proc, "nvidia-caps");
  for (auto minor : {minors.gpu_instance, minors.compute_instance}) {
    auto path = fmt::format("{}/nvidia-caps/nvidia-cap{}", folders.dev, minor);
    if (!is_there(path) && major) {
      ::mkdir((folders.dev + "/nvidia-caps").c_str(), 0755);
      ::mknod(path.c_str(), S_IFCHR | 0444, makedev(*major, minor));  // without the right to, the job will say what it misses
    }
    if (is_there(path)) files.push_back(std::move(path));
  }
  return files;
}

}  // namespace nav::nvml
