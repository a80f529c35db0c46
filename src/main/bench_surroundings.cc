// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sched.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "main/bench.h"
#include "main/local_agents.h"

#ifndef NAV_BUILD_TYPE
#define NAV_BUILD_TYPE "unknown"
#endif

namespace nav::bench {

namespace fs = std::filesystem;

namespace {

std::string time_text() {
  std::time_t const now = std::time(nullptr);
  char text[32] = {};
  std::tm parts{};
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", gmtime_r(&now, &parts));
  return text;
}

/// The field of a file of lines like "model name : ...".
std::string field_of(char const* file, std::string const& name) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(name))
      if (auto const colon = line.find(':'); colon != std::string::npos && colon + 2 <= line.size()) return line.substr(colon + 2);
  return {};
}

std::string disk_of(std::string const& folder) {
  struct statfs disk {};
  if (statfs(folder.c_str(), &disk) != 0) return {};
  switch (static_cast<unsigned long>(disk.f_type)) {  // linux/magic.h
    case 0xEF53: return "ext4";
    case 0x58465342: return "xfs";
    case 0x9123683E: return "btrfs";
    case 0x01021994: return "tmpfs: memory, not a disk";
    case 0x794C7630: return "overlay";
    case 0x01021997: return "9p";
    case 0x6969: return "nfs";
    default: return fmt::format("file system {:#x}", static_cast<unsigned long>(disk.f_type));
  }
}

/// What the working tree the program lies in says of itself, if it lies in one. It may have moved on since the program was built.
std::string commit_of(fs::path folder) {
  while (!fs::exists(folder / ".git")) {
    if (!folder.has_relative_path()) return {};
    folder = folder.parent_path();
  }
  std::string const program = fmt::format("git -C '{}' describe --always --dirty=' and changes' 2>/dev/null", folder.string());
  std::FILE* const git = popen(program.c_str(), "re");
  if (!git) return {};
  char line[128] = {};
  std::string said = std::fgets(line, sizeof line, git) ? line : "";
  pclose(git);
  while (!said.empty() && said.back() == '\n') said.pop_back();
  return said;
}

std::uint32_t cpus_allowed() {
  cpu_set_t allowed;
  return sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? static_cast<std::uint32_t>(CPU_COUNT(&allowed)) : 1;
}

}  // namespace

double load_average() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

Surroundings surroundings(std::string const& folder) {
  auto const pages = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)), page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return {.at = time_text(),
          .version = cli::LocalCommands{}.version,
          .build = NAV_BUILD_TYPE,
          .commit = commit_of(fs::path(own_program()).parent_path()),
          .processor = field_of("/proc/cpuinfo", "model name"),
          .cpus = cpus_allowed(),
          .memory_mib = pages * (page / 1024) / 1024,
          .folder = folder,
          .disk = disk_of(folder),
          .load_before = load_average(),
          .load_after = 0};
}

}  // namespace nav::bench
