// SPDX-License-Identifier: Apache-2.0
#include "supervisor/files.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nav::supervisor {
namespace {

Checked<void> write_all(int fd, std::string_view text, std::string const& path) {
  while (!text.empty()) {
    auto const n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Refused(errno_text("write " + path));
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Checked<void> rename_in(std::string const& folder, std::string const& from, std::string const& name, Durability durability) {
  if (::rename((folder + "/" + from).c_str(), (folder + "/" + name).c_str()) != 0) return Refused(errno_text("rename " + folder + "/" + from));
  if (durability == Durability::Process) return {};
  Fd const dir(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!dir || ::fsync(dir.get()) != 0) return Refused(errno_text("sync " + folder));
  return {};
}

}  // namespace

void Fd::reset(int fd) {
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

std::string errno_text(std::string_view what) {
  int const error = errno;
  return std::string(what) + ": " + std::strerror(error) + " (" + std::to_string(error) + ")";
}

Checked<std::string> read_whole(std::string const& path) {
  // Not following links and not blocking: whatever stands at this place, reading it ends.
  Fd const fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd) return Refused(errno_text("open " + path));
  std::string text;
  char buffer[4096];
  for (;;) {
    auto const n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Refused(errno_text("read " + path));
    if (n == 0) return text;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > largest_file) return Refused(path + " is larger than any we write");
  }
}

Checked<void> write_kernel(std::string const& path, std::string_view text) {
  Fd const fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) return Refused(errno_text("open " + path));
  if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) return Refused(errno_text("write " + path));
  return {};
}

Checked<void> replace_file(std::string const& folder, std::string const& name, std::string_view text, unsigned mode, Durability durability) {
  std::string const next = "." + name + ".next";
  std::string const path = folder + "/" + next;
  ::unlink(path.c_str());
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (!fd) return Refused(errno_text("create " + path));
  if (auto written = write_all(fd.get(), text, path); !written) return written;
  if (durability == Durability::Power && ::fsync(fd.get()) != 0) return Refused(errno_text("sync " + path));
  fd.reset();
  return rename_in(folder, next, name, durability);
}

Checked<ReservedFile> ReservedFile::take(std::string const& folder, std::string const& name, std::size_t room) {
  ReservedFile file;
  file.folder_ = folder;
  file.name_ = name;
  std::string const path = folder + "/." + name + ".last";
  file.fd_.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.fd_) return Refused(errno_text("create " + path));
  if (int const error = ::posix_fallocate(file.fd_.get(), 0, static_cast<off_t>(room)); error != 0) {
    errno = error;
    return Refused(errno_text("take room for " + path));
  }
  return file;
}

Checked<void> ReservedFile::replace(std::string_view text) {
  std::string const last = "." + name_ + ".last";
  std::string const path = folder_ + "/" + last;
  if (::pwrite(fd_.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()) || ::ftruncate(fd_.get(), static_cast<off_t>(text.size())) != 0 ||
      ::fsync(fd_.get()) != 0)
    return Refused(errno_text("write " + path));
  return rename_in(folder_, last, name_, Durability::Power);
}

Checked<void> make_folder(std::string const& path, unsigned mode) {
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return Refused(errno_text("make folder " + path));
  struct stat there {};
  if (::lstat(path.c_str(), &there) != 0 || !S_ISDIR(there.st_mode)) return Refused(path + " is not a folder");
  if (::chmod(path.c_str(), mode) != 0) return Refused(errno_text("chmod " + path));
  return {};
}

}  // namespace nav::supervisor
