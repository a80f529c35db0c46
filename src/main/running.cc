// SPDX-License-Identifier: Apache-2.0
#include "main/running.h"

#include <unistd.h>

#include "base/id.h"
#include "base/text.h"

namespace nav {

namespace {

/// When the process was started, in clock ticks since boot: tells it from a later one of the same number. Empty if there is none.
std::string start_of(pid_t pid) {
  auto const stat = read_file(fmt::format("/proc/{}/stat", pid));
  if (!stat) return {};
  auto const parts = split(std::string_view(*stat).substr(stat->rfind(')') + 1), ' ');
  // Field 22 of stat(5), counted from the pid; the state after the name is field 3. A zombie does not serve.
  if (parts.size() < 21 || parts[1] == "Z") return {};
  return std::string(parts[20]);
}

}  // namespace

Result<void> write_running(DataFolder const& folder) { return write_private_file(folder.pid(), fmt::format("{} {}\n", getpid(), start_of(getpid()))); }

void forget_running(DataFolder const& folder) { unlink(folder.pid().c_str()); }

Result<std::optional<pid_t>> running_in(DataFolder const& folder) {
  auto const text = read_file(folder.pid());
  if (!text && text.error().kind == ErrorKind::Forbidden)
    return Unexpected(Error{ErrorKind::Forbidden, text.error().message, "use sudo, or be the user that runs it", {}});
  if (!text) return std::nullopt;
  auto const parts = split(std::string_view(*text).substr(0, text->find('\n')), ' ');
  std::uint64_t pid = 0;
  if (parts.size() != 2 || !read_number(parts[0], pid) || pid == 0 || pid > 0x7FFFFFFF) return std::nullopt;
  if (start_of(static_cast<pid_t>(pid)) != parts[1]) return std::nullopt;
  return static_cast<pid_t>(pid);
}

}  // namespace nav
