// SPDX-License-Identifier: Apache-2.0
#include "supervisor/log_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <unistd.h>

namespace nav::supervisor {
namespace {

/// How many bytes were written before an error or a full disk.
std::size_t write_at(int fd, std::string_view bytes, std::int64_t position) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    auto const n = ::pwrite(fd, bytes.data() + done, bytes.size() - done, position + static_cast<std::int64_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

std::string_view raw(std::int64_t const& number) { return {reinterpret_cast<char const*>(&number), sizeof number}; }

bool write_field(int fd, std::size_t position, std::int64_t value) { return write_at(fd, raw(value), static_cast<std::int64_t>(position)) == sizeof value; }

}  // namespace

LogWriter::LogWriter(std::string folder, std::uint64_t limit_bytes)
    : folder_(std::move(folder)),
      head_limit_(static_cast<std::int64_t>(limit_bytes / 2)),
      capacity_(static_cast<std::int64_t>(limit_bytes - limit_bytes / 2)),
      head_(::open((folder_ + "/log").c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) {
  if (!head_) failed("log");
  head_open_ = static_cast<bool>(head_);
}

void LogWriter::write(std::string_view bytes) {
  if (head_open_ && !write_head(bytes)) return;
  if (!bytes.empty()) write_tail(bytes);
}

/// Takes what fits into the head off `bytes`; false when that was all.
bool LogWriter::write_head(std::string_view& bytes) {
  auto const room = static_cast<std::size_t>(head_limit_ - total_);
  auto const part = bytes.substr(0, room);
  auto const done = write_at(head_.get(), part, total_);
  total_ += static_cast<std::int64_t>(done);
  bytes.remove_prefix(done);
  // A head that could not be written in full ends here: a hole in it would look like zeros that the job wrote.
  if (done < part.size()) failed("log");
  if (done < part.size() || total_ == head_limit_) {
    head_open_ = false;
    kept_from_ = total_;
  }
  return !bytes.empty();
}

void LogWriter::write_tail(std::string_view bytes) {
  auto const end = total_ + static_cast<std::int64_t>(bytes.size());
  auto const begin = std::max(kept_from_, end - capacity_);
  auto const kept = bytes.substr(bytes.size() - static_cast<std::size_t>(std::min<std::int64_t>(static_cast<std::int64_t>(bytes.size()), capacity_)));
  bool const stored = open_tail() && write_field(tail_.get(), offsetof(TailHeader, begin), begin) &&
                      write_ring(kept, end - static_cast<std::int64_t>(kept.size())) && write_field(tail_.get(), offsetof(TailHeader, end), end);
  total_ = end;
  kept_from_ = stored ? begin : end;
  if (stored) return;
  failed("log.tail");
  // The ring begins again behind what could not be stored.
  if (tail_) {
    write_field(tail_.get(), offsetof(TailHeader, begin), end);
    write_field(tail_.get(), offsetof(TailHeader, end), end);
  }
}

bool LogWriter::open_tail() {
  if (tail_) return true;
  std::string const path = folder_ + "/.log.tail.next";
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return false;
  // All room is taken now: a ring that fails half way round would cost what it already holds.
  TailHeader const header{TailHeader::expected_magic, capacity_, total_, total_};
  int const error = ::posix_fallocate(fd.get(), 0, TailHeader::ring_starts_at + capacity_);
  if (error != 0 || write_at(fd.get(), {reinterpret_cast<char const*>(&header), sizeof header}, 0) != sizeof header ||
      ::rename(path.c_str(), (folder_ + "/log.tail").c_str()) != 0) {
    int const why = error != 0 ? error : errno;
    ::unlink(path.c_str());
    errno = why;
    return false;
  }
  kept_from_ = total_;
  tail_ = std::move(fd);
  return true;
}

bool LogWriter::write_ring(std::string_view bytes, std::int64_t offset) {
  while (!bytes.empty()) {
    auto const place = offset % capacity_;
    auto const part = bytes.substr(0, static_cast<std::size_t>(capacity_ - place));
    if (write_at(tail_.get(), part, TailHeader::ring_starts_at + place) != part.size()) return false;
    bytes.remove_prefix(part.size());
    offset += static_cast<std::int64_t>(part.size());
  }
  return true;
}

void LogWriter::failed(char const* file) {
  if (trouble_.empty()) trouble_ = errno_text(std::string("some of the log was left out: write ") + file);
}

}  // namespace nav::supervisor
