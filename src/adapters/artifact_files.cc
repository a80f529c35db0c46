// SPDX-License-Identifier: Apache-2.0
#include "adapters/artifact_files.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/disk_failure.h"
#include "client/file_transfer.h"
#include "supervisor/files.h"

namespace nav {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view unfinished = ".part";

Unexpected artifact_failure(std::string_view what, std::string const& path) { return disk_failure(what, path, "artifacts", "the controller's disk"); }

Result<void> sync_folder(std::string const& path) {
  supervisor::Fd const folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return artifact_failure("sync", path);
  return {};
}

std::uint64_t size_of(std::string const& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

/// When it was last written; the beginning of time if it is not there.
Time touched(std::string const& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return Time{info.st_mtim.tv_sec * 1'000'000ll + info.st_mtim.tv_nsec / 1000};
}

/// Of the file there, complete or not.
std::string digest_at(fs::path const& path) { return "sha256:" + path.parent_path().filename().string() + path.stem().string(); }

}  // namespace

std::string ArtifactFiles::path_of(ProjectId project, std::string const& digest) const {
  std::string const hex = digest.substr(digest.find(':') + 1);
  return fmt::format("{}/{}/{}/{}", folder_, to_text(project), hex.substr(0, 2), hex.substr(2));
}

bool ArtifactFiles::is_on_its_way(ProjectId project, std::string const& digest) const {
  return size_of(path_of(project, digest) + std::string(unfinished)) > 0;
}

std::uint64_t ArtifactFiles::used_by(ProjectId project) const {
  std::uint64_t sum = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder_ + "/" + to_text(project), error), end; !error && it != end; it.increment(error))
    if (it->is_regular_file(error)) sum += it->file_size(error);
  return sum;
}

Result<ArtifactStore::Stored> ArtifactFiles::put(ProjectId project, std::string const& digest, std::uint64_t offset, std::uint64_t size,
                                                 std::string_view bytes) {
  std::lock_guard const lock(putting_[std::hash<std::string>{}(digest) % putting_.size()]);
  std::string const path = path_of(project, digest), part = path + std::string(unfinished), parent = fs::path(path).parent_path();
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0) return Stored{static_cast<std::uint64_t>(info.st_size), true};
  if (size > limits_.bytes_a_file) return fail(ErrorKind::TooLarge, "an artifact may have {} bytes", limits_.bytes_a_file);
  std::uint64_t const have = size_of(part);
  if (have == 0) {
    // Looked at once a file: many that come at the same moment may go over by what is on its way.
    if (std::uint64_t const used = used_by(project); used + size > limits_.bytes_a_project)
      return Unexpected(Error{ErrorKind::StorageFull, fmt::format("the project has {} bytes of artifacts, and may have {}", used, limits_.bytes_a_project),
                              "delete artifacts it needs no more, or ask an admin", ""});
    std::error_code error;
    fs::create_directories(parent, error);
    if (error) return errno = error.value(), artifact_failure("make", parent);
  }
  if (offset > have)
    return Unexpected(Error{ErrorKind::Conflict, fmt::format("the artifact goes on at {}, not at {}", have, offset), fmt::format("{}", have), "offset"});
  if (offset + bytes.size() > size) return fail_field("size", "of the whole file, in bytes", "{} bytes at {} are more than {}", bytes.size(), offset, size);
  bytes.remove_prefix(std::min<std::uint64_t>(bytes.size(), have - offset));
  supervisor::Fd const file(::open(part.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return artifact_failure("open", part);
  std::uint64_t at = have;
  while (!bytes.empty()) {
    ssize_t const n = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return artifact_failure("write", part);
    at += static_cast<std::uint64_t>(n);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  if (at < size) return Stored{at, false};
  TRY(auto const found, client::sha256_of(file.get()));
  if (found != digest) {
    ::unlink(part.c_str());
    return fail_field("digest", "send the file again, with the digest of what is sent", "the bytes are {}, not {}", found, digest);
  }
  if (::fsync(file.get()) != 0 || ::fchmod(file.get(), 0400) != 0 || ::rename(part.c_str(), path.c_str()) != 0) return artifact_failure("keep", path);
  TRY_VOID(sync_folder(parent));
  return Stored{size, true};
}

Result<ArtifactStore::Part> ArtifactFiles::get(ProjectId project, std::string const& digest, std::uint64_t offset, std::size_t limit) const {
  std::string const path = path_of(project, digest);
  supervisor::Fd const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file && errno == ENOENT) return fail(ErrorKind::NotFound, "the project has no artifact {}", digest);
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) != 0) return artifact_failure("open", path);
  Part part{.bytes = {}, .size = static_cast<std::uint64_t>(info.st_size)};
  offset = std::min(offset, part.size);
  part.bytes.resize(std::min<std::uint64_t>(limit, part.size - offset));
  for (std::size_t done = 0; done < part.bytes.size();) {
    ssize_t const n = ::pread(file.get(), part.bytes.data() + done, part.bytes.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return artifact_failure("read", path);
    done += static_cast<std::size_t>(n);
  }
  return part;
}

Result<std::vector<ArtifactStore::File>> ArtifactFiles::list(ProjectId project, std::string const& after, std::size_t limit) const {
  std::vector<File> files;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder_ + "/" + to_text(project), error), end; !error && it != end; it.increment(error)) {
    if (!it->is_regular_file(error) || it->path().extension() == unfinished) continue;
    std::string digest = digest_at(it->path());
    if (digest > after) files.push_back({std::move(digest), size_of(it->path()), touched(it->path())});
  }
  std::sort(files.begin(), files.end(), [](File const& a, File const& b) { return a.digest < b.digest; });
  if (files.size() > limit) files.resize(limit);
  return files;
}

void ArtifactFiles::drop_unfinished(ProjectId project, Time since) {
  std::error_code error;
  std::vector<fs::path> parts;
  for (fs::recursive_directory_iterator it(folder_ + "/" + to_text(project), error), end; !error && it != end; it.increment(error))
    if (it->path().extension() == unfinished) parts.push_back(it->path());
  for (auto const& part : parts) {
    std::lock_guard const lock(putting_[std::hash<std::string>{}(digest_at(part)) % putting_.size()]);
    if (touched(part) < since) ::unlink(part.c_str());
  }
}

Result<void> ArtifactFiles::remove(ProjectId project, std::string const& digest) {
  std::lock_guard const lock(putting_[std::hash<std::string>{}(digest) % putting_.size()]);
  std::string const path = path_of(project, digest);
  if (::unlink(path.c_str()) == 0) return sync_folder(fs::path(path).parent_path());
  if (errno == ENOENT) return fail(ErrorKind::NotFound, "the project has no artifact {}", digest);
  return artifact_failure("remove", path);
}

}  // namespace nav
