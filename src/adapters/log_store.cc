// SPDX-License-Identifier: Apache-2.0
#include "adapters/log_store.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/disk_failure.h"
#include "supervisor/files.h"

namespace nav {

namespace {

constexpr mode_t growing = 0600, complete = 0400;

int open_to_append(std::string const& path) {
  constexpr int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
  int const fd = ::open(path.c_str(), flags, growing);
  if (fd >= 0 || errno != ENOENT) return fd;
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) return errno = error.value(), -1;
  return ::open(path.c_str(), flags, growing);
}

Result<void> write_at(int fd, std::string_view bytes, std::uint64_t offset, std::string const& path) {
  while (!bytes.empty()) {
    ssize_t const n = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return disk_failure("write", path);  // what got in stays: it is the log, and the next try goes on behind it
    offset += static_cast<std::uint64_t>(n);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

}  // namespace

std::string FileLogStore::path_of(AttemptId attempt) const {
  return fmt::format("{}/{}/{}/{}.log", folder_, attempt.job.value / 1000, attempt.job.value, attempt.number);
}

Result<std::uint64_t> FileLogStore::append(AttemptId attempt, std::uint64_t offset, std::string_view bytes, bool last) {
  std::lock_guard lock(appending_[std::hash<AttemptId>{}(attempt) % appending_.size()]);
  std::string const path = path_of(attempt);
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && (info.st_mode & S_IWUSR) == 0) {  // root may write what is read-only, so ask the mode itself
    auto const size = static_cast<std::uint64_t>(info.st_size);
    if (offset + bytes.size() <= size) return size;
    return fail(ErrorKind::Conflict, "the log of {} is complete", to_text(attempt));
  }
  supervisor::Fd const file(open_to_append(path));
  if (!file) return disk_failure("open", path);
  if (::fstat(file.get(), &info) != 0) return disk_failure("look at", path);
  auto size = static_cast<std::uint64_t>(info.st_size);
  if (offset > size)
    return Unexpected(
        Error{ErrorKind::Conflict, fmt::format("the log of {} goes on at {}, not at {}", to_text(attempt), size, offset), fmt::format("{}", size), "offset"});
  if (offset + bytes.size() > limits_.bytes_an_attempt) return fail(ErrorKind::TooLarge, "a log may have {} bytes", limits_.bytes_an_attempt);
  bytes.remove_prefix(std::min<std::uint64_t>(bytes.size(), size - offset));
  TRY_VOID(write_at(file.get(), bytes, size, path));
  size += bytes.size();
  // The agent clears a complete log away, so that must be on the disk; before that a lost tail is sent again.
  if (last && (::fsync(file.get()) != 0 || ::fchmod(file.get(), complete) != 0)) return disk_failure("complete", path);
  return size;
}

Result<LogStore::Part> FileLogStore::read(AttemptId attempt, std::uint64_t offset, std::size_t limit) const {
  std::string const path = path_of(attempt);
  Part part;
  supervisor::Fd const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return errno == ENOENT ? Result<Part>(part) : Result<Part>(disk_failure("open", path));
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return disk_failure("look at", path);
  part.size = static_cast<std::uint64_t>(info.st_size);
  part.complete = (info.st_mode & S_IWUSR) == 0;
  part.next = std::min(offset, part.size);
  part.bytes.resize(std::min<std::uint64_t>(limit, part.size - part.next));
  std::size_t done = 0;
  while (done < part.bytes.size()) {
    ssize_t const n = ::pread(file.get(), part.bytes.data() + done, part.bytes.size() - done, static_cast<off_t>(part.next + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return disk_failure("read", path);
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  part.bytes.resize(done);
  part.next += done;
  return part;
}

}  // namespace nav
