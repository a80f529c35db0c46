// SPDX-License-Identifier: Apache-2.0
#include "adapters/folder_lock.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nav {

namespace {

/// "4711 (nav up)", for the message another process gets.
std::string this_process() {
  std::ifstream file("/proc/self/cmdline");
  std::string command{std::istreambuf_iterator<char>(file), {}};
  std::replace(command.begin(), command.end(), '\0', ' ');
  while (!command.empty() && command.back() == ' ') command.pop_back();
  return fmt::format("{} ({})", ::getpid(), command.substr(0, 120));
}

}  // namespace

Result<FolderLock> FolderLock::take(std::string const& folder) {
  std::error_code made;
  std::filesystem::path const path(folder);
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), made);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return fail(ErrorKind::Internal, "make the folder {}: {}", folder, std::strerror(errno));
  std::string const file = folder + "/lock";
  int const fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return fail(ErrorKind::Internal, "open {}: {}", file, std::strerror(errno));
  FolderLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    char holder[200] = {};
    ssize_t const size = ::pread(fd, holder, sizeof holder - 1, 0);
    return Unexpected(Error{ErrorKind::Conflict, fmt::format("the data folder {} is in use by process {}", folder, size > 0 ? holder : "(unknown)"),
                            "stop that one first, or choose another folder with --data", ""});
  }
  std::string const text = this_process();
  // On a full disk the name is missing, which hurts nobody: the lock itself needs no room.
  if (::ftruncate(fd, 0) == 0 && ::pwrite(fd, text.data(), text.size(), 0) < 0) errno = 0;
  return lock;
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace nav
