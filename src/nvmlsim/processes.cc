// SPDX-License-Identifier: Apache-2.0
#include "nvmlsim/processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <string_view>

#include "nvmlsim/identity.h"

namespace nav::nvmlsim {
namespace {

std::uint64_t boot_time_us() {
  timespec now;
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000 + static_cast<std::uint64_t>(now.tv_nsec) / 1000;
}

/// Fills `into` with a file of /proc; false where it is gone or closed to us.
bool read_file(char const* path, std::string& into) {
  into.clear();
  int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  char buffer[4096];
  ssize_t n;
  while ((n = ::read(fd, buffer, sizeof buffer)) > 0) into.append(buffer, static_cast<std::size_t>(n));
  ::close(fd);
  return n == 0;
}

/// The process's environment block; false if it cannot be had.
bool read_environment(std::string const& folder, std::string& into) {
  for (unsigned tries = 1; tries <= 90; ++tries) {  // 0.2 s in all
    if (!read_file((folder + "/environ").c_str(), into)) return false;
    if (!into.empty()) return true;
    // While a process becomes another program it has neither environment nor arguments for a moment, and yet holds what it holds. What
    // has no program is a thread of the kernel or dead, and what has arguments was given no environment.
    char first;
    if (::readlink((folder + "/exe").c_str(), &first, 1) < 0) return false;
    if (!read_file((folder + "/cmdline").c_str(), into) || !into.empty()) return false;
    ::usleep(50 * tries);
  }
  return false;
}

/// The value of a variable in an environment block, empty if absent.
std::string_view variable(std::string const& environment, std::string_view name) {
  std::string_view rest = environment;
  while (!rest.empty()) {
    std::string_view entry = rest.substr(0, rest.find('\0'));
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') return entry.substr(name.size() + 1);
    rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
  }
  return {};
}

std::string_view without_slash(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

struct Times {
  std::uint64_t cpu_us = 0, started_us = 0;
};

/// Fields 14, 15 and 22 of /proc/PID/stat, counted after the command's closing parenthesis since a command may hold anything.
Times times_of(std::string const& stat) {
  std::size_t end = stat.rfind(')');
  if (end == std::string::npos) return {};
  std::uint64_t field[23] = {};
  char const* at = stat.c_str() + end + 1;
  at += std::strspn(at, " ");
  at += std::strcspn(at, " ");  // the state letter, field 3
  for (int i = 4; i <= 22; ++i) {
    char* next = nullptr;
    field[i] = static_cast<std::uint64_t>(std::strtoll(at, &next, 10));
    at = next;
  }
  std::uint64_t const tick_us = 1000000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  return {(field[14] + field[15]) * tick_us, field[22] * tick_us};
}

}  // namespace

std::vector<Process> const& ProcessTable::recent() {
  if (scanned_us_ != 0 && boot_time_us() - scanned_us_ < 200000) return processes_;
  return now();
}

std::vector<Process> const& ProcessTable::now() {
  std::vector<Process> before = std::move(processes_);
  processes_.clear();
  std::uint64_t const now_us = boot_time_us();
  static std::uint64_t const page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  DIR* proc = ::opendir("/proc");
  if (!proc) return processes_;
  std::string text;
  while (dirent* entry = ::readdir(proc)) {
    int pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    std::string const folder = std::string("/proc/") + entry->d_name;
    if (!read_environment(folder, text)) continue;
    std::string_view visible = variable(text, "CUDA_VISIBLE_DEVICES");
    if (visible.empty() || without_slash(variable(text, "NAV_NVMLSIM_STATE")) != folder_) continue;
    Process process{.pid = pid, .visible_devices = std::string(visible), .memory_bytes = 0, .cpu_us = 0, .activity = 0};
    if (!read_file((folder + "/stat").c_str(), text)) continue;
    Times times = times_of(text);
    process.cpu_us = times.cpu_us;
    if (read_file((folder + "/statm").c_str(), text)) {
      char const* second = std::strchr(text.c_str(), ' ');
      if (second) process.memory_bytes = std::strtoull(second, nullptr, 10) * page;
    }
    // Against the last look where there was one, else over the process's life.
    std::uint64_t since_us = times.started_us, cpu_then = 0;
    for (Process const& old : before)
      if (old.pid == pid && old.cpu_us <= process.cpu_us && scanned_us_ >= times.started_us) {
        since_us = scanned_us_;
        cpu_then = old.cpu_us;
        // Processor time moves in ticks of 10 ms, so looks that lie closer together would show noise.
        if (now_us - since_us < 50000) process.activity = old.activity;
      }
    if (now_us - since_us >= 50000) process.activity = std::min(1.0, static_cast<double>(process.cpu_us - cpu_then) / static_cast<double>(now_us - since_us));
    processes_.push_back(std::move(process));
  }
  ::closedir(proc);
  scanned_us_ = now_us;
  return processes_;
}

std::vector<Use> uses_of(std::vector<Process> const& processes, NodeIdentity const& node, Machine const& machine, NodeState const& state) {
  std::vector<Use> uses;
  if (processes.empty()) return uses;

  std::map<std::string, Use, std::less<>> devices;  // by every name CUDA takes for it
  for (unsigned gpu = 0; gpu < machine.gpus; ++gpu) {
    std::string const uuid = gpu_uuid(node, gpu);
    Use first{nullptr, gpu, no_instance, no_instance};
    bool usable = !state.gpus[gpu].mig;
    for (auto const& instance : state.gpus[gpu].instances) {
      if (!instance.exists) continue;
      for (auto const& compute : instance.compute) {
        if (!compute.exists) continue;
        Use use{nullptr, gpu, instance.id, compute.id};
        std::string const place = "/" + std::to_string(instance.id) + "/" + std::to_string(compute.id);
        devices[mig_uuid(node, gpu, instance, compute)] = use;
        devices["MIG-" + uuid + place] = use;
        if (!usable) first = use;
        usable = true;
      }
    }
    if (usable) devices[std::to_string(gpu)] = devices[uuid] = first;
  }

  for (Process const& process : processes) {
    std::string_view rest = process.visible_devices;
    std::size_t const mine = uses.size();
    while (!rest.empty()) {
      std::string_view name = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(name.size() + 1, rest.size()));
      auto found = devices.find(name);
      if (found == devices.end()) break;
      Use const& place = found->second;
      bool const twice = std::any_of(uses.begin() + static_cast<std::ptrdiff_t>(mine), uses.end(), [&](Use const& use) {
        return use.gpu == place.gpu && use.gpu_instance == place.gpu_instance && use.compute_instance == place.compute_instance;
      });
      if (twice) break;
      uses.push_back(found->second);
      uses.back().process = &process;
    }
  }
  return uses;
}

}  // namespace nav::nvmlsim
