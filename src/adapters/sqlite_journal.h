// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "adapters/checkpoint_files.h"
#include "adapters/folder_lock.h"
#include "adapters/sqlite.h"
#include "adapters/wal_keeper.h"
#include "controller/ports.h"

namespace nav {

/// The journal in DATA/journal.db: a row is one group commit, durable by one wait for the disk. Checkpoints lie beside it as files.
/// While it is open the folder belongs to this process alone.
class SqliteJournal final : public Journal {
 public:
  /// What the folder's files look like. A folder of a higher number is refused.
  static constexpr std::int64_t format = 1;

  /// Makes folder and journal at the first start. Conflict when another process has the folder open (named), Unsupported when a newer
  /// version wrote it, Internal when it is damaged.
  static Result<std::unique_ptr<SqliteJournal>> open(std::string const& folder);
  ~SqliteJournal() override;

  Result<std::optional<Checkpoint>> checkpoint() override;
  Result<void> read(std::uint64_t sequence, std::size_t limit, std::function<bool(Frame const&)> const& visit) override;
  Result<void> append(std::vector<Frame> const& frames, std::vector<Blob> const& blobs) override;
  Result<std::string> blob(Digest digest) override;
  Result<void> save(Checkpoint const& checkpoint) override;
  std::string installation() const override { return installation_; }

 private:
  SqliteJournal(FolderLock lock, std::unique_ptr<sqlite::Database> writer, std::string installation, std::string const& folder);
  Result<void> write(std::vector<Frame> const& frames, std::vector<Blob> const& blobs);
  Result<void> check_next(std::vector<Frame> const& frames);
  Result<std::optional<Stamp>> stamp_of(std::uint64_t sequence);

  FolderLock lock_;
  std::string installation_;
  std::unique_ptr<sqlite::Database> writer_;
  std::unique_ptr<WalKeeper> keeper_;
  sqlite::Readers readers_;
  CheckpointFiles checkpoints_;
  bool in_doubt_ = false;  // the disk failed in a commit: only a new start can tell what of it is there
};

/// Every frame of the journal in this folder, in order, for who only looks: nothing is locked or made, and a controller may be at work on it. NotFound where
/// there is none.
Result<void> read_journal(std::string const& folder, std::function<bool(Frame const&)> const& visit);

}  // namespace nav
