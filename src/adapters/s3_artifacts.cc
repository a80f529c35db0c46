// SPDX-License-Identifier: Apache-2.0
#include "adapters/s3_artifacts.h"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/files.h"

namespace nav {

namespace {

constexpr std::string_view algorithm = "sha256:";
constexpr std::string_view of_nothing = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string folder_of(ProjectId project) { return to_text(project) + "/"; }
std::string key_of(ProjectId project, std::string const& digest) { return folder_of(project) + digest.substr(algorithm.size()); }

}  // namespace

Result<void> S3Artifacts::look() const {
  TRY_VOID(bucket_.list("", "", 1));
  return {};
}

/// Added up once a project; many that come at the same moment may go over by what is on its way.
Result<void> S3Artifacts::check_room(ProjectId project, std::uint64_t size) {
  std::lock_guard const lock(mutex_);
  if (!used_.contains(project)) {
    std::uint64_t sum = 0;
    std::string after;
    for (std::size_t const page = 1'000;;) {
      TRY(auto const objects, bucket_.list(folder_of(project), after, page));
      for (auto const& object : objects) sum += object.size;
      if (objects.size() < page) break;
      after = objects.back().key;
    }
    used_[project] = sum;
  }
  if (used_[project] + size <= limits.bytes_a_project) return {};
  return Unexpected(Error{ErrorKind::StorageFull, fmt::format("the project has {} bytes of artifacts, and may have {}", used_[project], limits.bytes_a_project),
                          "delete artifacts it needs no more, or ask an admin", ""});
}

Result<ArtifactStore::Stored> S3Artifacts::put(ProjectId project, std::string const& digest, std::uint64_t offset, std::uint64_t size, std::string_view bytes) {
  std::string const path = gathered_.path_of(project, digest), key = key_of(project, digest);
  bool const is_gathered = ::access(path.c_str(), F_OK) == 0;
  if (!is_gathered && !gathered_.is_on_its_way(project, digest)) {
    auto const known = bucket_.get(key, 0, 0);
    if (known) return Stored{known->size, true};
    if (known.error().kind != ErrorKind::NotFound) return Unexpected(known.error());
    TRY_VOID(check_room(project, size));
  }
  TRY(auto const stored, gathered_.put(project, digest, offset, size, bytes));
  if (!stored.complete) return stored;
  supervisor::Fd const file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) {
    // Another request brought its last bytes too, and was quicker.
    TRY(auto const known, bucket_.get(key, 0, 0));
    return Stored{known.size, true};
  }
  TRY_VOID(bucket_.put(key, file.get(), stored.stored, digest.substr(algorithm.size())));
  if (::unlink(path.c_str()) == 0) {
    std::lock_guard const lock(mutex_);
    if (auto const used = used_.find(project); used != used_.end()) used->second += stored.stored;
  }
  return stored;
}

Result<ArtifactStore::Part> S3Artifacts::get(ProjectId project, std::string const& digest, std::uint64_t offset, std::size_t limit) const {
  // What waits for the bucket, or was kept here before there was one.
  if (auto here = gathered_.get(project, digest, offset, limit); here || here.error().kind != ErrorKind::NotFound) return here;
  // Not all stores know what a part of nothing is.
  auto part = bucket_.get(key_of(project, digest), offset, digest == of_nothing ? 0 : limit);
  if (!part && part.error().kind == ErrorKind::NotFound) return fail(ErrorKind::NotFound, "the project has no artifact {}", digest);
  if (!part) return Unexpected(part.error());
  return Part{std::move(part->bytes), part->size};
}

Result<std::vector<ArtifactStore::File>> S3Artifacts::list(ProjectId project, std::string const& after, std::size_t limit) const {
  std::string const folder = folder_of(project);
  TRY(auto const objects, bucket_.list(folder, after.empty() ? "" : key_of(project, after), limit));
  TRY(auto files, gathered_.list(project, after, limit));
  for (auto const& object : objects) files.push_back({std::string(algorithm) + object.key.substr(folder.size()), object.size, object.modified});
  std::sort(files.begin(), files.end(), [](File const& a, File const& b) { return a.digest < b.digest; });
  files.erase(std::unique(files.begin(), files.end(), [](File const& a, File const& b) { return a.digest == b.digest; }), files.end());
  if (files.size() > limit) files.resize(limit);
  return files;
}

void S3Artifacts::drop_unfinished(ProjectId project, Time since) { gathered_.drop_unfinished(project, since); }

Result<void> S3Artifacts::remove(ProjectId project, std::string const& digest) {
  auto const here = gathered_.remove(project, digest);
  if (!here && here.error().kind != ErrorKind::NotFound) return here;
  std::string const key = key_of(project, digest);
  auto const object = bucket_.get(key, 0, 0);
  if (!object && object.error().kind == ErrorKind::NotFound) return here;
  if (!object) return Unexpected(object.error());
  TRY_VOID(bucket_.remove(key));
  std::lock_guard const lock(mutex_);
  if (auto const used = used_.find(project); used != used_.end()) used->second -= std::min(used->second, object->size);
  return {};
}

}  // namespace nav
