// SPDX-License-Identifier: Apache-2.0
#include "supervisor/machine.h"

#include <cstdlib>
#include <ctime>

#include "supervisor/files.h"

namespace nav::supervisor {
namespace {

std::int64_t clock_us(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000ll + now.tv_nsec / 1000;
}

}  // namespace

std::int64_t boot_clock_us() { return clock_us(CLOCK_BOOTTIME); }
Time utc_now() { return {clock_us(CLOCK_REALTIME)}; }

std::string this_boot() {
  auto text = read_whole("/proc/sys/kernel/random/boot_id");
  if (!text) return {};
  while (!text->empty() && text->back() == '\n') text->pop_back();
  return *text;
}

std::int64_t start_of_process(std::int64_t pid) {
  if (pid <= 0) return 0;
  auto const text = read_whole("/proc/" + std::to_string(pid) + "/stat");
  if (!text) return 0;
  // The name in brackets may hold anything; behind the last bracket come state (field 3) and, as field 22, the start.
  auto const bracket = text->rfind(')');
  if (bracket == std::string::npos || bracket + 2 >= text->size()) return 0;
  char const* at = text->c_str() + bracket + 2;
  if (*at == 'Z' || *at == 'X') return 0;
  for (int field = 3; field < 22; ++field) {
    while (*at != '\0' && *at != ' ') ++at;
    if (*at == ' ') ++at;
  }
  return std::strtoll(at, nullptr, 10);
}

bool is_alive(std::int64_t pid, std::int64_t start) { return start != 0 && start_of_process(pid) == start; }

std::vector<std::int64_t> children_of(std::string const& task) {
  std::vector<std::int64_t> pids;
  auto const text = read_whole(task + "/children");
  char const* at = text ? text->c_str() : "";
  for (char* end = nullptr;; at = end) {
    auto const pid = std::strtoll(at, &end, 10);
    if (end == at) return pids;
    pids.push_back(pid);
  }
}

}  // namespace nav::supervisor
