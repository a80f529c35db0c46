// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite_journal.h"

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

#include "adapters/frame_group.h"
#include "base/bytes.h"
#include "base/ensure.h"

namespace nav {

namespace {

using sqlite::Database;

/// Rows a reader takes at once: between such pieces it holds no snapshot, so that the log can be copied back under a slow one. It begins
/// with one, since many want a single event, and takes more as it goes on.
constexpr std::size_t rows_at_first = 1, rows_at_most = 64;

constexpr char journal_tables[] = R"(
  CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE TABLE commits(last INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, frames BLOB NOT NULL);
  CREATE TABLE blobs(digest BLOB PRIMARY KEY, body BLOB NOT NULL);
)";

std::string key_of(Digest digest) {
  ByteWriter key;
  key.fixed64(digest.high);
  key.fixed64(digest.low);
  return key.take();
}

Result<std::string> draw_installation() {
  unsigned char bytes[16];
  if (::getentropy(bytes, sizeof bytes) != 0) return fail(ErrorKind::Internal, "the system gives no random numbers");
  std::string text;
  for (unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

Result<void> create(Database& database) {
  TRY(std::string const installation, draw_installation());
  TRY_VOID(database.run("BEGIN IMMEDIATE"));
  TRY_VOID(database.run(journal_tables));
  TRY(auto insert, database.prepare("INSERT INTO meta VALUES(?, ?)"));
  TRY_VOID(insert.with("format", SqliteJournal::format).run());
  TRY_VOID(insert.with("installation", installation).run());
  return database.run("COMMIT");
}

/// The number of the installation.
Result<std::string> check(Database& database, std::string const& folder) {
  TRY(auto query, database.prepare("SELECT value FROM meta WHERE key = ?"));
  TRY(bool const has_format, query.with("format").step());
  std::int64_t const found = has_format ? query.number(0) : 0;
  if (found > SqliteJournal::format)
    return Unexpected(Error{
        ErrorKind::Unsupported,
        fmt::format("the data folder {} was written by a newer version (format {}; this one knows up to format {})", folder, found, SqliteJournal::format),
        "start that version again, or choose another folder with --data", ""});
  if (found < 1) return fail(ErrorKind::Internal, "the data folder {} names no format: it is damaged", folder);
  TRY(bool const has_installation, query.with("installation").step());
  if (!has_installation) return fail(ErrorKind::Internal, "the data folder {} names no installation: it is damaged", folder);
  return query.text(0);
}

Result<std::string> prepare(Database& database, std::string const& folder) {
  TRY_VOID(database.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864"));
  TRY(auto query, database.prepare("SELECT count(*) FROM sqlite_schema"));
  TRY(bool const row, query.step());
  bool const empty = row && query.number(0) == 0;
  query.reset();
  if (empty) TRY_VOID(create(database));
  return check(database, folder);
}

void sync_names(std::string const& folder) {
  int const fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

Result<void> read_frames(sqlite::Readers& readers, std::uint64_t sequence, std::size_t limit, std::function<bool(Frame const&)> const& visit) {
  std::size_t visited = 0, rows_now = rows_at_first;
  for (std::uint64_t next = sequence + 1;; rows_now = std::min(4 * rows_now, rows_at_most)) {
    std::vector<std::string> rows;
    {
      TRY(auto reader, readers.take());
      TRY(auto query, reader->prepared("SELECT frames FROM commits WHERE last >= ? ORDER BY last LIMIT ?"));
      query->with(next, static_cast<std::uint64_t>(limit == 0 ? rows_now : std::min(rows_now, limit - visited)));
      while (true) {
        TRY(bool const row, query->step());
        if (!row) break;
        rows.push_back(query->text(0));
      }
    }
    if (rows.empty()) return {};
    for (std::string const& row : rows) {
      auto frames = decode_frames(row);
      if (!frames) return within(fmt::format("the journal's commit with event {}", next), std::move(frames).error());
      for (Frame const& frame : *frames) {
        if (frame.stamp.sequence < next) continue;
        if (frame.stamp.sequence != next) return fail(ErrorKind::Internal, "the journal has a gap: after event {} comes {}", next - 1, frame.stamp.sequence);
        ++next;
        if (!visit(frame) || ++visited == limit) return {};
      }
    }
  }
}

}  // namespace

Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open(std::string const& folder) {
  TRY(FolderLock lock, FolderLock::take(folder));
  TRY(auto writer, Database::open(folder + "/journal.db", sqlite::Open::Create));
  auto installation = prepare(*writer, folder);
  if (!installation) {
    if (!writer->is_damaged()) return Unexpected(std::move(installation).error());
    return Unexpected(Error{ErrorKind::Internal, fmt::format("{}/journal.db is damaged, or no journal", folder), "restore it from a backup", ""});
  }
  sync_names(folder);  // the names of the files themselves
  std::unique_ptr<SqliteJournal> journal(new SqliteJournal(std::move(lock), std::move(writer), std::move(*installation), folder));
  TRY(journal->keeper_, WalKeeper::start(*journal->writer_));
  return journal;
}

SqliteJournal::SqliteJournal(FolderLock lock, std::unique_ptr<Database> writer, std::string installation, std::string const& folder)
    : lock_(std::move(lock)),
      installation_(std::move(installation)),
      writer_(std::move(writer)),
      readers_(folder + "/journal.db"),
      checkpoints_(folder + "/checkpoints", installation_) {}

SqliteJournal::~SqliteJournal() {
  keeper_.reset();
  readers_.close();
}

Result<void> SqliteJournal::append(std::vector<Frame> const& frames, std::vector<Blob> const& blobs) {
  if (in_doubt_) return fail(ErrorKind::Unavailable, "the disk under {} failed: stop, look after the disk, start again", writer_->path());
  auto done = writer_->run("BEGIN IMMEDIATE");
  if (done) {
    done = write(frames, blobs);
    if (done) done = writer_->run("COMMIT");
    if (!done) (void)writer_->run("ROLLBACK");  // fails if SQLite has rolled back itself
  }
  if (done) return {};
  // Without room nothing was written that counts. After any other failure of the disk the last commit may or may not be found by the next start.
  ErrorKind const kind = done.error().kind;
  in_doubt_ = kind != ErrorKind::StorageFull && kind != ErrorKind::Unavailable;
  return within("append to the journal", std::move(done).error());
}

Result<void> SqliteJournal::write(std::vector<Frame> const& frames, std::vector<Blob> const& blobs) {
  if (!blobs.empty()) {
    TRY(auto insert, writer_->prepared("INSERT OR IGNORE INTO blobs VALUES(?, ?)"));
    for (Blob const& blob : blobs) {
      insert->reset();
      insert->bind_bytes(1, key_of(blob.digest));
      insert->bind_bytes(2, blob.body);
      TRY_VOID(insert->run());
    }
  }
  if (frames.empty()) return {};
  TRY_VOID(check_next(frames));
  TRY(auto insert, writer_->prepared("INSERT INTO commits VALUES(?, ?, ?)"));
  insert->bind(1, frames.back().stamp.sequence);
  insert->bind(2, frames.back().stamp.epoch);
  insert->bind_bytes(3, encode_frames(frames));
  return insert->run();
}

/// Looked up within the transaction, so that no other writer can come between.
Result<void> SqliteJournal::check_next(std::vector<Frame> const& frames) {
  TRY(auto query, writer_->prepared("SELECT last, epoch FROM commits ORDER BY last DESC LIMIT 1"));
  TRY(bool const row, query->step());
  std::uint64_t const last = row ? query->unsigned_number(0) : 0, epoch = row ? query->unsigned_number(1) : 0;
  query->reset();
  Stamp const& first = frames.front().stamp;
  if (first.epoch < epoch) return fail(ErrorKind::Unavailable, "another controller has taken it over (epoch {}; this one is of epoch {})", epoch, first.epoch);
  if (first.sequence != last + 1)
    return fail(ErrorKind::Unavailable, "it goes on at event {}, not at {}: another controller writes it", last + 1, first.sequence);
  return {};
}

Result<void> SqliteJournal::read(std::uint64_t sequence, std::size_t limit, std::function<bool(Frame const&)> const& visit) {
  return read_frames(readers_, sequence, limit, visit);
}

Result<void> read_journal(std::string const& folder, std::function<bool(Frame const&)> const& visit) {
  std::string const path = folder + "/journal.db";
  if (::access(path.c_str(), F_OK) != 0) return fail(ErrorKind::NotFound, "there is no journal in {}", folder);
  sqlite::Readers readers(path);
  {
    TRY(auto reader, readers.take());
    TRY_VOID(check(*reader.operator->(), folder));
  }
  auto const done = read_frames(readers, 0, 0, visit);
  readers.close();
  return done;
}

Result<std::string> SqliteJournal::blob(Digest digest) {
  TRY(auto reader, readers_.take());
  TRY(auto query, reader->prepared("SELECT body FROM blobs WHERE digest = ?"));
  query->bind_bytes(1, key_of(digest));
  TRY(bool const row, query->step());
  if (!row) return fail(ErrorKind::NotFound, "there is no blob {}", to_text(digest));
  std::string body = query->text(0);
  query->reset();
  return body;
}

Result<std::optional<Stamp>> SqliteJournal::stamp_of(std::uint64_t sequence) {
  std::optional<Stamp> stamp;
  TRY_VOID(read(sequence - 1, 1, [&](Frame const& frame) {
    if (frame.stamp.sequence == sequence) stamp = frame.stamp;
    return false;
  }));
  return stamp;
}

Result<void> SqliteJournal::save(Checkpoint const& checkpoint) {
  if (checkpoint.sequence == 0) return fail(ErrorKind::InvalidArgument, "a checkpoint of nothing");
  TRY(auto const stamp, stamp_of(checkpoint.sequence));
  if (!stamp) return fail(ErrorKind::InvalidArgument, "event {} is not in the journal, so no checkpoint can end with it", checkpoint.sequence);
  auto saved = checkpoints_.save(checkpoint, *stamp);
  if (!saved) return within("save a checkpoint", std::move(saved).error());
  return {};
}

Result<std::optional<Checkpoint>> SqliteJournal::checkpoint() {
  return checkpoints_.newest([&](std::uint64_t sequence) {
    auto stamp = sequence == 0 ? std::optional<Stamp>{} : stamp_of(sequence).value_or(std::nullopt);
    return stamp;
  });
}

}  // namespace nav
