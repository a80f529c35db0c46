// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <mutex>

#include "controller/artifacts.h"

namespace nav {

/// Artifacts as files: FOLDER/project-1/ab/<the other 62 digits>, read-only once complete; what is on its way ends in ".part".
class ArtifactFiles final : public ArtifactStore {
 public:
  struct Limits {
    std::uint64_t bytes_a_project = 64ull << 30;
    std::uint64_t bytes_a_file = 16ull << 30;
  };
  explicit ArtifactFiles(std::string folder) : ArtifactFiles(std::move(folder), Limits{}) {}
  ArtifactFiles(std::string folder, Limits limits) : folder_(std::move(folder)), limits_(limits) {}

  Result<Stored> put(ProjectId project, std::string const& digest, std::uint64_t offset, std::uint64_t size, std::string_view bytes) override;
  Result<Part> get(ProjectId project, std::string const& digest, std::uint64_t offset, std::size_t limit) const override;
  Result<std::vector<File>> list(ProjectId project, std::string const& after, std::size_t limit) const override;
  void drop_unfinished(ProjectId project, Time since) override;
  Result<void> remove(ProjectId project, std::string const& digest) override;

  /// Where a complete one is, or would be.
  std::string path_of(ProjectId project, std::string const& digest) const;
  /// Whether some of it is here and not all.
  bool is_on_its_way(ProjectId project, std::string const& digest) const;

 private:
  std::uint64_t used_by(ProjectId project) const;

  std::string folder_;
  Limits limits_;
  std::array<std::mutex, 64> putting_;  ///< by digest: pieces of one file come one after another
};

}  // namespace nav
