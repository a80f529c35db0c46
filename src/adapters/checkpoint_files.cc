// SPDX-License-Identifier: Apache-2.0
#include "adapters/checkpoint_files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/disk_failure.h"
#include "base/bytes.h"

namespace nav {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "checkpoint-";
/// Stands last in the file, with the length of the trailer before it: the body itself need not be moved to be read.
constexpr std::string_view end_mark = "navcp-1\n";
constexpr std::size_t foot = 4 + 4 + end_mark.size();  // checksum, trailer's length, mark

std::string trailer_of(std::uint64_t size, std::string const& installation, Stamp const& stamp) {
  ByteWriter out;
  out.number(size);
  out.text(installation);
  out.number(stamp.sequence);
  out.number(stamp.epoch);
  out.signed_number(stamp.at.us);
  out.number(stamp.by.value);
  return out.take();
}

class File {
 public:
  File(std::string const& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool is_open() const { return fd_ >= 0; }
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t const n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  bool sync() { return ::fsync(fd_) == 0; }
  std::optional<std::string> read_all() {
    struct stat info {};
    if (::fstat(fd_, &info) != 0) return {};
    std::string bytes(static_cast<std::size_t>(info.st_size), '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
      ssize_t const n = ::read(fd_, bytes.data() + done, bytes.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return {};
      done += static_cast<std::size_t>(n);
    }
    return bytes;
  }

 private:
  int fd_;
};

bool write_durably(std::string const& path, std::string_view body, std::string_view trailer) {
  File file(path, O_WRONLY | O_CREAT | O_TRUNC);
  ByteWriter end;
  end.fixed32(crc32c(trailer, crc32c(body)));
  end.fixed32(static_cast<std::uint32_t>(trailer.size()));
  return file.is_open() && file.write(body) && file.write(trailer) && file.write(end.bytes()) && file.write(end_mark) && file.sync();
}

}  // namespace

std::string CheckpointFiles::path_of(std::uint64_t sequence) const { return fmt::format("{}/{}{}", folder_, prefix, sequence); }

std::vector<std::uint64_t> CheckpointFiles::sequences() const {
  std::vector<std::uint64_t> found;
  std::error_code error;
  for (auto const& entry : fs::directory_iterator(folder_, error)) {
    std::string const name = entry.path().filename().string();
    std::uint64_t sequence = 0;
    if (name.starts_with(prefix) && read_number(std::string_view(name).substr(prefix.size()), sequence)) found.push_back(sequence);
  }
  std::sort(found.rbegin(), found.rend());
  return found;
}

Result<void> CheckpointFiles::save(Checkpoint const& checkpoint, Stamp const& stamp) {
  if (::mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST) return disk_failure("write", folder_);
  std::string const unfinished = folder_ + "/unfinished", path = path_of(checkpoint.sequence);
  if (!write_durably(unfinished, checkpoint.body, trailer_of(checkpoint.body.size(), installation_, stamp)) ||
      ::rename(unfinished.c_str(), path.c_str()) != 0) {
    auto error = disk_failure("write", path);
    ::unlink(unfinished.c_str());
    return error;
  }
  if (File folder(folder_, O_RDONLY | O_DIRECTORY); !folder.is_open() || !folder.sync()) return disk_failure("write", folder_);
  // Those of another life (a restored backup) may bear higher numbers: this one and the newest below it stay, all others go.
  bool below_kept = false;
  for (std::uint64_t sequence : sequences()) {
    if (sequence == checkpoint.sequence) continue;
    if (sequence < checkpoint.sequence && !below_kept) below_kept = true;
    else ::unlink(path_of(sequence).c_str());
  }
  return {};
}

std::optional<Checkpoint> CheckpointFiles::load(std::uint64_t sequence, Stamp& stamp) const {
  File file(path_of(sequence), O_RDONLY);
  if (!file.is_open()) return {};
  auto bytes = file.read_all();
  if (!bytes || bytes->size() < foot || !bytes->ends_with(end_mark)) return {};
  std::string_view const all = *bytes;
  ByteReader end(all.substr(all.size() - foot));
  std::uint32_t const checksum = end.fixed32(), length = end.fixed32();
  if (length > all.size() - foot) return {};
  std::string_view const content = all.substr(0, all.size() - foot);
  if (crc32c(content) != checksum) return {};
  ByteReader in(content.substr(content.size() - length));
  std::uint64_t const size = in.number();
  bool const ours = in.text() == installation_;
  stamp.sequence = in.number();
  stamp.epoch = in.number();
  stamp.at.us = in.signed_number();
  stamp.by.value = in.number();
  if (!in.is_done() || !ours || size + length != content.size() || stamp.sequence != sequence) return {};
  bytes->resize(size);
  return Checkpoint{sequence, std::move(*bytes)};
}

std::optional<Checkpoint> CheckpointFiles::newest(std::function<std::optional<Stamp>(std::uint64_t)> const& stamp_of) const {
  for (std::uint64_t sequence : sequences()) {
    auto const expected = stamp_of(sequence);
    if (!expected) continue;
    Stamp stamp;
    auto checkpoint = load(sequence, stamp);
    if (checkpoint && stamp.epoch == expected->epoch && stamp.at == expected->at && stamp.by == expected->by) return checkpoint;
  }
  return {};
}

}  // namespace nav
