// SPDX-License-Identifier: Apache-2.0
#include "supervisor/folder_lock.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nav::supervisor {

Checked<LockAttempt> try_lock(std::string const& folder) {
  std::string const path = folder + "/lock";
  for (;;) {
    Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) return Refused(errno_text("open " + path));
    struct flock whole {};
    whole.l_type = F_WRLCK;
    if (::fcntl(fd.get(), F_OFD_SETLK, &whole) != 0) {
      if (errno == EAGAIN || errno == EACCES) return LockAttempt{};
      return Refused(errno_text("lock " + path));
    }
    // The folder may have been removed, and made anew, between the two calls: then this is the lock of nothing.
    struct stat ours {
    }, there{};
    if (::fstat(fd.get(), &ours) == 0 && ::stat(path.c_str(), &there) == 0 && ours.st_ino == there.st_ino && ours.st_dev == there.st_dev)
      return LockAttempt{true, std::move(fd)};
  }
}

bool is_held(std::string const& folder) {
  Fd const lock(::open((folder + "/lock").c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!lock) return false;
  struct flock whole {};
  whole.l_type = F_WRLCK;
  return ::fcntl(lock.get(), F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
}

}  // namespace nav::supervisor
