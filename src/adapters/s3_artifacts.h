// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <mutex>

#include "adapters/artifact_files.h"
#include "client/s3_bucket.h"

namespace nav {

/// Artifacts in a bucket: PREFIX/project-1/<64 digits>. What comes in is gathered on this machine's disk until its checksum is known to hold, and is
/// acknowledged as complete once the bucket has it; where that fails it stays here, and whoever sends it again only waits for the bucket.
/// What lies in `folder` from before there was a bucket is found too, and goes there when it is sent again.
class S3Artifacts final : public ArtifactStore {
 public:
  /// A file goes to the bucket in one request, which S3 limits.
  static constexpr ArtifactFiles::Limits limits{.bytes_a_project = 1ull << 40, .bytes_a_file = 5ull << 30};

  /// `folder` is where files are gathered: that of ArtifactFiles.
  S3Artifacts(std::string folder, client::S3Options options) : gathered_(std::move(folder), limits), bucket_(std::move(options)) {}

  Result<Stored> put(ProjectId project, std::string const& digest, std::uint64_t offset, std::uint64_t size, std::string_view bytes) override;
  Result<Part> get(ProjectId project, std::string const& digest, std::uint64_t offset, std::size_t limit) const override;
  Result<std::vector<File>> list(ProjectId project, std::string const& after, std::size_t limit) const override;
  void drop_unfinished(ProjectId project, Time since) override;
  Result<void> remove(ProjectId project, std::string const& digest) override;

  /// Whether the bucket is there and may be read. Unavailable: it does not answer now; anything else will not pass by itself.
  Result<void> look() const;

 private:
  Result<void> check_room(ProjectId project, std::uint64_t size);

  ArtifactFiles gathered_;
  client::S3Bucket bucket_;
  std::mutex mutex_;
  std::map<ProjectId, std::uint64_t> used_;  ///< bytes in the bucket, once they have been added up
};

}  // namespace nav
