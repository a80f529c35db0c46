// SPDX-License-Identifier: Apache-2.0
#include "adapters/machine.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "base/id.h"
#include "supervisor/machine.h"

namespace nav {

namespace {

std::string first_line(std::string const& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string os_name() {
  std::ifstream file("/etc/os-release");
  std::string line;
  static constexpr std::string_view key = "PRETTY_NAME=";
  while (std::getline(file, line)) {
    if (!line.starts_with(key)) continue;
    line.erase(0, key.size());
    std::erase(line, '"');
    return line;
  }
  return "Linux";
}

std::uint32_t usable_cpus() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return static_cast<std::uint32_t>(CPU_COUNT(&set));
  return std::max(1u, std::thread::hardware_concurrency());
}

std::uint64_t usable_memory_mib() {
  auto mib = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) >> 20;
  // Inside a container the limit of its control group is what there is: version 2, then version 1.
  for (auto const* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::uint64_t limit = 0;
    if (read_number(first_line(path), limit) && limit >> 20 > 0) mib = std::min(mib, limit >> 20);
  }
  return mib;
}

}  // namespace

Machine this_machine() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return {.hostname = name, .os = os_name(), .boot = supervisor::this_boot(), .cpus = usable_cpus(), .memory_mib = usable_memory_mib()};
}

}  // namespace nav
