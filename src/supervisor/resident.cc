// SPDX-License-Identifier: Apache-2.0
#include "supervisor/resident.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

#include "supervisor/files.h"
#include "supervisor/machine.h"

namespace nav::supervisor {
namespace {

namespace fs = std::filesystem;

std::string folder_of(std::int64_t pid) { return "/proc/" + std::to_string(pid); }

void add_children(std::int64_t pid, std::vector<std::int64_t>& to) {
  std::error_code error;
  for (fs::directory_iterator at(folder_of(pid) + "/task", error), end; !error && at != end; at.increment(error)) {
    auto const children = children_of(at->path());
    to.insert(to.end(), children.begin(), children.end());
  }
}

/// The second number of /proc/PID/statm, in pages.
std::int64_t resident_of(std::int64_t pid) {
  auto const text = read_whole(folder_of(pid) + "/statm");
  auto const at = text ? text->find(' ') : std::string::npos;
  return at == std::string::npos ? 0 : std::strtoll(text->c_str() + at, nullptr, 10) * ::sysconf(_SC_PAGESIZE);
}

/// Its pages, those that are shared by so many divided among them; what is resident where we may not look closer.
std::int64_t share_of(std::int64_t pid) {
  constexpr std::string_view key = "\nPss:";
  auto const text = read_whole(folder_of(pid) + "/smaps_rollup");
  auto const at = text ? text->find(key) : std::string::npos;
  return at == std::string::npos ? resident_of(pid) : std::strtoll(text->c_str() + at + key.size(), nullptr, 10) * 1024;
}

}  // namespace

std::int64_t resident_bytes_below(std::int64_t pid, std::int64_t limit) {
  std::vector<std::int64_t> tree{pid};
  std::int64_t all = 0;
  for (std::size_t i = 0; i < tree.size(); ++i) {
    all += resident_of(tree[i]);
    add_children(tree[i], tree);
  }
  if (all <= limit) return all;
  all = 0;
  for (auto const one : tree) all += share_of(one);
  return all;
}

}  // namespace nav::supervisor
