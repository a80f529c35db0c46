// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"

/// Files by their content, beside the journal and never in it. Each project has its own: who may see a project may see its files, and nobody
/// learns what another has.
namespace nav {

class ArtifactStore {
 public:
  virtual ~ArtifactStore() = default;
  /// Bytes of one request.
  static constexpr std::size_t most_at_once = 4u << 20;

  struct Stored {
    std::uint64_t stored = 0;  ///< all bytes before are kept
    bool complete = false;     ///< and on the disk, and what the digest says
  };
  /// Bytes at an offset of a file of `size` bytes: what is there already is skipped; a gap is refused with Conflict and the offset wanted
  /// in the hint. InvalidArgument, field "digest": the whole is not what the digest says, and is gone. TooLarge, StorageFull.
  virtual Result<Stored> put(ProjectId project, std::string const& digest, std::uint64_t offset, std::uint64_t size, std::string_view bytes) = 0;

  struct Part {
    std::string bytes;
    std::uint64_t size = 0;  ///< of the whole
  };
  /// NotFound unless all of it is there.
  virtual Result<Part> get(ProjectId project, std::string const& digest, std::uint64_t offset, std::size_t limit) const = 0;

  struct File {
    std::string digest;
    std::uint64_t size = 0;
    Time stored;
  };
  /// Complete ones after this digest, ascending.
  virtual Result<std::vector<File>> list(ProjectId project, std::string const& after, std::size_t limit) const = 0;

  /// Throws away what began to come and was not gone on with since then.
  virtual void drop_unfinished(ProjectId project, Time since) = 0;

  /// NotFound unless it is there. What is on its way goes on.
  virtual Result<void> remove(ProjectId project, std::string const& digest) = 0;
};

}  // namespace nav
