// SPDX-License-Identifier: Apache-2.0
#include "supervisor/log.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/files.h"
#include "supervisor/log_writer.h"

namespace nav::supervisor {
namespace {

Fd open_file(std::string const& path) { return Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)); }

Result<std::string> read_at(int fd, std::int64_t position, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    auto const n = ::pread(fd, bytes.data() + done, size - done, position + static_cast<std::int64_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(ErrorKind::Internal, "{}", errno_text("read the log"));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  bytes.resize(done);
  return bytes;
}

Result<std::int64_t> size_of(int fd) {
  struct stat there {};
  if (::fstat(fd, &there) != 0) return fail(ErrorKind::Internal, "{}", errno_text("look at the log"));
  return there.st_size;
}

Result<TailHeader> read_header(int tail) {
  TailHeader header;
  auto const n = ::pread(tail, &header, sizeof header, 0);
  if (n != sizeof header || header.magic != TailHeader::expected_magic || header.capacity <= 0 || header.begin < 0 ||
      header.end < header.begin - header.capacity)
    return fail(ErrorKind::Internal, "log.tail is not what a supervisor wrote");
  return header;
}

/// Reads [from, from + size) of the ring, which may go over its end.
Result<std::string> read_ring(int tail, TailHeader const& header, std::int64_t from, std::size_t size) {
  auto const place = from % header.capacity;
  auto const first = std::min(size, static_cast<std::size_t>(header.capacity - place));
  TRY(auto bytes, read_at(tail, TailHeader::ring_starts_at + place, first));
  if (bytes.size() == first && first < size) {
    TRY(auto const more, read_at(tail, TailHeader::ring_starts_at, size - first));
    bytes += more;
  }
  if (bytes.size() != size) return fail(ErrorKind::Internal, "log.tail is cut short");
  return bytes;
}

Result<LogPiece> read_tail(int tail, std::int64_t offset, std::size_t max) {
  LogPiece piece{offset, 0, {}, offset};
  TRY(auto const before, read_header(tail));
  auto const from = std::max(offset, before.begin);
  auto const size = std::min({static_cast<std::int64_t>(std::min(max, largest_file)), std::max<std::int64_t>(before.end - from, 0), before.capacity});
  TRY(auto bytes, read_ring(tail, before, from, static_cast<std::size_t>(size)));
  // The writer may have come round meanwhile: what it may have written over is not what it was.
  TRY(auto const after, read_header(tail));
  auto const lost = std::clamp<std::int64_t>(after.begin - from, 0, size);
  bytes.erase(0, static_cast<std::size_t>(lost));
  piece.offset = std::max(offset, std::min(from + lost, after.end));
  piece.left_out = piece.offset - offset;
  piece.bytes = std::move(bytes);
  piece.next = piece.offset + static_cast<std::int64_t>(piece.bytes.size());
  return piece;
}

}  // namespace

Result<LogPiece> read_log(std::string const& folder, std::int64_t offset, std::size_t max) {
  if (offset < 0) return fail_field("offset", "0 or more", "{} is not a place in a log", offset);
  Fd const head = open_file(folder + "/log");
  if (!head) return fail(errno == ENOENT ? ErrorKind::NotFound : ErrorKind::Internal, "{}", errno_text("open " + folder + "/log"));
  // In this order: once there is a tail, the head does not grow any more.
  Fd const tail = open_file(folder + "/log.tail");
  TRY(auto const head_size, size_of(head.get()));
  if (offset >= head_size) return tail ? read_tail(tail.get(), offset, max) : LogPiece{offset, 0, {}, offset};
  auto const size = std::min(static_cast<std::size_t>(head_size - offset), std::min(max, largest_file));
  TRY(auto bytes, read_at(head.get(), offset, size));
  auto const next = offset + static_cast<std::int64_t>(bytes.size());
  return LogPiece{offset, 0, std::move(bytes), next};
}

std::string gap_line(std::int64_t left_out) { return fmt::format("\n[nav: {} bytes of the log were left out here]\n", left_out); }

}  // namespace nav::supervisor
