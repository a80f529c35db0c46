// SPDX-License-Identifier: Apache-2.0
#include "supervisor/cgroup.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/files.h"

namespace nav::supervisor {
namespace {

bool has_word(std::string_view list, std::string_view word, char separator) {
  while (!list.empty()) {
    auto const end = std::min(list.find(separator), list.size());
    if (list.substr(0, end) == word) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

/// Calls `see` with every line of a file until it answers true.
template <class See>
bool any_line(std::string const& path, See see) {
  auto const text = read_whole(path);
  if (!text) return false;
  std::string_view rest = *text;
  while (!rest.empty()) {
    auto const end = std::min(rest.find('\n'), rest.size());
    if (see(rest.substr(0, end))) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

std::string_view field(std::string_view line, int number, char separator) {
  for (; number > 0; --number) line.remove_prefix(std::min(line.find(separator), line.size() - 1) + 1);
  return line.substr(0, line.find(separator));
}

/// Where a hierarchy is mounted: that of a v1 controller, or for "" the unified one. Empty: nowhere.
std::string mount_of(std::string const& controller) {
  std::string found;
  any_line("/proc/self/mounts", [&](std::string_view line) {
    bool const matches = controller.empty() ? field(line, 2, ' ') == "cgroup2"
                                            : field(line, 2, ' ') == "cgroup" && has_word(field(line, 3, ' '), controller, ',');
    if (matches) found = field(line, 1, ' ');
    return matches;
  });
  return found;
}

/// The group this process is in, as a path below the mount.
std::string own_group(std::string const& controller) {
  std::string found;
  any_line("/proc/self/cgroup", [&](std::string_view line) {
    auto const second = field(line, 1, ':');
    bool const matches = controller.empty() ? second.empty() : has_word(second, controller, ',');
    if (matches) found = line.substr(line.find('/') == std::string_view::npos ? line.size() : line.find('/'));
    return matches;
  });
  return found == "/" ? "" : found;
}

bool is_folder(std::string const& path) {
  struct stat there {};
  return ::stat(path.c_str(), &there) == 0 && S_ISDIR(there.st_mode);
}

/// The number behind `key` in a file of "key number" lines.
std::int64_t counter(std::string const& path, std::string_view key) {
  std::int64_t value = 0;
  any_line(path, [&](std::string_view line) {
    if (field(line, 0, ' ') != key) return false;
    value = std::strtoll(std::string(field(line, 1, ' ')).c_str(), nullptr, 10);
    return true;
  });
  return value;
}

constexpr std::int64_t period_us = 100'000;

std::string quota_us(double cpus) { return std::to_string(static_cast<std::int64_t>(cpus * period_us)); }

}  // namespace

Cgroups Cgroups::make(std::string const& name, Limits const& limits, std::vector<std::string>& notes) {
  Cgroups groups;
  bool memory = limits.memory_mib > 0, cpu = limits.cpus > 0;
  std::string const bytes = std::to_string(limits.memory_mib << 20);
  std::string why;
  // A controller lives in one hierarchy only: where v1 has it, v2 does not.
  if (memory && !mount_of("memory").empty()) {
    if (groups.make_v1("memory", name, {{"memory.limit_in_bytes", bytes}, {"memory.memsw.limit_in_bytes", bytes}}, why)) {
      groups.memory_folder_ = groups.folders_.back();
    } else {
      notes.push_back("limits not enforced: memory: " + why);
    }
    memory = false;
  }
  if (cpu && !mount_of("cpu").empty()) {
    if (!groups.make_v1("cpu", name, {{"cpu.cfs_period_us", std::to_string(period_us)}, {"cpu.cfs_quota_us", quota_us(limits.cpus)}}, why))
      notes.push_back("limits not enforced: cpus: " + why);
    cpu = false;
  }
  if (memory || cpu) {
    Limits rest;
    rest.memory_mib = memory ? limits.memory_mib : 0;
    rest.cpus = cpu ? limits.cpus : 0;
    if (!groups.make_v2(name, rest, why))
      notes.push_back(std::string("limits not enforced: ") + (memory && cpu ? "memory, cpus: " : memory ? "memory: " : "cpus: ") + why);
  }
  return groups;
}

bool Cgroups::make_v1(std::string const& controller, std::string const& name, std::vector<std::pair<std::string, std::string>> const& settings,
                      std::string& why) {
  std::string const mount = mount_of(controller);
  // Below our own group, so that what limits us limits the job; in a container our path may not be visible.
  std::string const own = mount + own_group(controller);
  std::string const folder = (is_folder(own) ? own : mount) + "/" + name;
  if (::mkdir(folder.c_str(), 0755) != 0) {
    why = errno_text("make " + folder);
    return false;
  }
  for (auto const& [file, value] : settings) {
    // Not every kernel accounts for swap.
    if (file == "memory.memsw.limit_in_bytes" && ::access((folder + "/" + file).c_str(), F_OK) != 0) continue;
    if (auto written = write_kernel(folder + "/" + file, value); !written) {
      why = written.error();
      ::rmdir(folder.c_str());
      return false;
    }
  }
  folders_.push_back(folder);
  return true;
}

bool Cgroups::make_v2(std::string const& name, Limits const& limits, std::string& why) {
  std::string const mount = mount_of("");
  if (mount.empty()) {
    why = "no control groups are mounted";
    return false;
  }
  std::string wanted = limits.memory_mib > 0 ? "+memory" : "";
  if (limits.cpus > 0) wanted += wanted.empty() ? "+cpu" : " +cpu";
  why = "no control group gives out these controllers";
  // A group that has processes cannot hand controllers on: so upwards, until one can.
  for (std::string path = own_group("");; path.resize(path.rfind('/'))) {
    std::string const parent = mount + path;
    std::string const folder = parent + "/" + name;
    auto const enabled = write_kernel(parent + "/cgroup.subtree_control", wanted);
    if (!enabled) why = enabled.error();
    if (enabled && ::mkdir(folder.c_str(), 0755) == 0) {
      Checked<void> set;
      if (limits.memory_mib > 0) {
        set = write_kernel(folder + "/memory.max", std::to_string(limits.memory_mib << 20));
        write_kernel(folder + "/memory.swap.max", "0");
        write_kernel(folder + "/memory.oom.group", "1");
      }
      if (set && limits.cpus > 0) set = write_kernel(folder + "/cpu.max", quota_us(limits.cpus) + " " + std::to_string(period_us));
      if (set) {
        folders_.push_back(folder);
        if (limits.memory_mib > 0) memory_folder_ = folder;
        memory_is_v2_ = true;
        return true;
      }
      why = set.error();
      ::rmdir(folder.c_str());
    }
    if (path.empty()) return false;
  }
}

void Cgroups::add(std::int64_t pid, std::vector<std::string>& notes) const {
  for (auto const& folder : folders_)
    if (auto added = write_kernel(folder + "/cgroup.procs", std::to_string(pid)); !added) notes.push_back("limits not enforced: " + added.error());
}

std::int64_t Cgroups::oom_kills() const {
  if (memory_folder_.empty()) return 0;
  return counter(memory_folder_ + (memory_is_v2_ ? "/memory.events" : "/memory.oom_control"), "oom_kill");
}

std::int64_t Cgroups::peak_memory_bytes() const {
  if (memory_folder_.empty()) return 0;
  auto const text = read_whole(memory_folder_ + (memory_is_v2_ ? "/memory.peak" : "/memory.max_usage_in_bytes"));
  return text ? std::strtoll(text->c_str(), nullptr, 10) : 0;
}

bool remove_cgroups(std::vector<std::string> const& folders) {
  bool all = true;
  for (auto const& folder : folders) {
    bool gone = false;
    for (int attempt = 0; attempt < 50 && !gone; ++attempt) {
      gone = ::rmdir(folder.c_str()) == 0 || errno == ENOENT;
      if (gone) break;
      timespec const pause{0, 2'000'000};
      ::nanosleep(&pause, nullptr);
    }
    all = all && gone;
  }
  return all;
}

}  // namespace nav::supervisor
