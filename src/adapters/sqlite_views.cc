// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite_views.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>

#include "adapters/views_reader.h"
#include "adapters/views_tables.h"
#include "base/log.h"

namespace nav {

namespace {

using sqlite::Database;

/// Frames taken in one transaction.
constexpr std::size_t frames_at_once = 5'000;
/// Between tries when something is in the way, a full disk for example.
constexpr std::chrono::seconds rest{1};
/// Events further apart than this are looked up one by one in the journal.
constexpr std::uint64_t worth_reading_over = 500;

std::string kind_of(std::string const& body) {
  auto const open = body.find('"'), close = body.find('"', open + 1);
  return open == std::string::npos || close == std::string::npos ? "" : body.substr(open + 1, close - open - 1);
}

/// Their frames, read in as few goes as it takes.
Result<std::map<std::uint64_t, Frame>> frames_of(Journal& journal, std::vector<std::uint64_t> sequences) {
  std::sort(sequences.begin(), sequences.end());
  std::map<std::uint64_t, Frame> found;
  for (std::size_t next = 0; next < sequences.size();) {
    std::size_t const before = next;
    TRY_VOID(journal.read(sequences[next] - 1, 0, [&](Frame const& frame) {
      std::uint64_t const at = frame.stamp.sequence;
      if (at == sequences[next]) found[at] = frame, ++next;
      return next < sequences.size() && sequences[next] - at <= worth_reading_over;
    }));
    if (next == before) break;  // the journal ends before it
  }
  return found;
}

}  // namespace

Result<std::unique_ptr<SqliteViews>> SqliteViews::open(std::string const& folder, Journal& journal) {
  std::unique_ptr<SqliteViews> views(new SqliteViews(folder, journal));
  TRY_VOID(views->open_tables());
  views->thread_ = std::thread([self = views.get()] { self->trail(); });
  return views;
}

SqliteViews::SqliteViews(std::string const& folder, Journal& journal) : path_(folder + "/views.db"), journal_(journal) {}

SqliteViews::~SqliteViews() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  moved_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Result<void> SqliteViews::open_tables() {
  auto database = Database::open(path_, sqlite::Open::Create);
  auto const usable = database ? is_usable(**database) : Result<bool>(Unexpected(database.error()));
  if (!usable || !*usable) {
    if (!usable && usable.error().kind == ErrorKind::StorageFull) return Unexpected(usable.error());
    if (database) database->reset();
    return make_anew();
  }
  database_ = std::move(*database);
  TRY(std::int64_t const sequence, database_->meta("sequence"));
  writer_ = std::make_unique<ViewsWriter>(*database_, journal_);
  std::lock_guard lock(mutex_);
  readers_ = std::make_shared<sqlite::Readers>(path_);
  reached_ = static_cast<std::uint64_t>(sequence);
  known_ = std::max(known_, reached_);
  return {};
}

/// Of this form, of this installation, and not of another life of its journal.
Result<bool> SqliteViews::is_usable(Database& database) {
  TRY_VOID(database.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-65536"));
  TRY(auto query, database.prepared("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'"));
  TRY(bool const row, query->step());
  bool const has_tables = row && query->number(0) == 1;
  query->reset();
  if (!has_tables) return false;
  TRY(std::int64_t const found, database.meta("format"));
  TRY(auto whose, database.prepared("SELECT value FROM meta WHERE key = 'installation'"));
  TRY(bool const named, whose->step());
  bool const ours = named && whose->text(0) == journal_.installation();
  whose->reset();
  if (found != views::format || !ours) return false;
  TRY(std::int64_t const sequence, database.meta("sequence"));
  TRY(std::int64_t const epoch, database.meta("epoch"));
  TRY(std::int64_t const at, database.meta("at"));
  if (sequence == 0) return true;
  bool same = false;
  TRY_VOID(journal_.read(static_cast<std::uint64_t>(sequence) - 1, 1, [&](Frame const& frame) {
    same = frame.stamp.epoch == static_cast<std::uint64_t>(epoch) && frame.stamp.at.us == at;
    return false;
  }));
  return same;
}

Result<void> SqliteViews::make_anew() {
  writer_.reset();
  database_.reset();
  for (char const* end : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::remove(path_ + end, ignored);
  }
  TRY(auto database, Database::open(path_, sqlite::Open::Create));
  TRY_VOID(database->run("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-65536; BEGIN"));
  TRY_VOID(database->run(views::tables));
  TRY(auto insert, database->prepare("INSERT INTO meta VALUES(?, ?)"));
  TRY_VOID(insert.with("format", views::format).run());
  TRY_VOID(insert.with("installation", journal_.installation()).run());
  TRY_VOID(database->run("COMMIT"));
  database_ = std::move(database);
  writer_ = std::make_unique<ViewsWriter>(*database_, journal_);
  std::lock_guard lock(mutex_);
  readers_ = std::make_shared<sqlite::Readers>(path_);
  reached_ = 0;
  indexed_ = false;
  damaged_ = false;
  return {};
}

void SqliteViews::follow(std::vector<Frame> const& frames) {
  if (frames.empty()) return;
  {
    std::lock_guard lock(mutex_);
    known_ = std::max(known_, frames.back().stamp.sequence);
  }
  wake_.notify_one();
}

bool SqliteViews::wait_for(std::uint64_t sequence, Duration patience) const {
  std::unique_lock lock(mutex_);
  if (sequence > known_) {
    known_ = sequence;
    wake_.notify_one();
  }
  return moved_.wait_for(lock, std::chrono::microseconds(patience.us), [&] { return reached_ >= sequence || stopping_; }) && reached_ >= sequence;
}

SqliteViews::Progress SqliteViews::progress() const {
  std::lock_guard lock(mutex_);
  return {reached_, std::max(known_, reached_), !indexed_, problem_};
}

// ---- the thread

void SqliteViews::trail() {
  while (true) {
    auto const more = catch_up();
    std::unique_lock lock(mutex_);
    std::string const problem = more ? "" : more.error().message;
    if (problem != problem_ && !problem.empty()) log_line("views", "{}", problem);
    problem_ = problem;
    auto const stop = [&] { return stopping_; };
    if (!more) wake_.wait_for(lock, rest, stop);
    else if (!*more) wake_.wait(lock, [&] { return stopping_ || damaged_ || known_ > reached_; });
    if (stopping_) return;
    if (!damaged_ && database_ && !database_->is_damaged()) continue;
    lock.unlock();
    log_line("views", "{} is damaged: making it anew from the journal", path_);
    if (auto made = make_anew(); !made) {
      lock.lock();
      problem_ = made.error().message;
      wake_.wait_for(lock, rest, stop);
      if (stopping_) return;
    }
  }
}

/// One transaction's worth. False: there was nothing to take.
Result<bool> SqliteViews::catch_up() {
  if (!database_) return fail(ErrorKind::Internal, "{} could not be made", path_);
  std::vector<Frame> frames;
  std::uint64_t from = 0;
  bool indexed = false;
  {
    std::lock_guard lock(mutex_);
    from = reached_;
    indexed = indexed_;
  }
  TRY_VOID(journal_.read(from, frames_at_once, [&](Frame const& frame) { return frames.push_back(frame), true; }));
  if (frames.empty()) {
    if (indexed) return false;
    TRY_VOID(database_->run(views::indexes));
    std::lock_guard lock(mutex_);
    indexed_ = true;
    return false;
  }
  TRY_VOID(database_->run("BEGIN IMMEDIATE"));
  auto done = take(frames);
  if (done) done = database_->run("COMMIT");
  if (!done) {
    (void)database_->run("ROLLBACK");
    writer_->forget();
    return within("the views", std::move(done).error());
  }
  {
    std::lock_guard lock(mutex_);
    reached_ = frames.back().stamp.sequence;
    known_ = std::max(known_, reached_);
  }
  moved_.notify_all();
  return true;
}

Result<void> SqliteViews::take(std::vector<Frame> const& frames) {
  for (Frame const& frame : frames) TRY_VOID(writer_->take(frame));
  return writer_->finish(frames.back().stamp);
}

// ---- questions

template <class F>
auto SqliteViews::read(F&& question) const -> decltype(question(std::declval<Database&>())) {
  std::shared_ptr<sqlite::Readers> readers;
  {
    std::lock_guard lock(mutex_);
    readers = readers_;
  }
  TRY(auto lease, readers->take());
  auto answer = question(*lease.operator->());
  if (lease->is_damaged()) {
    std::lock_guard lock(mutex_);
    if (readers == readers_) damaged_ = true;
    wake_.notify_one();
    return fail(ErrorKind::Unavailable, "the views are being made anew: ask again in a moment");
  }
  return answer;
}

Result<std::vector<JobRow>> SqliteViews::jobs(JobFilter const& filter) const {
  return read([&](Database& database) { return views::jobs(database, filter); });
}
Result<JobRow> SqliteViews::job(JobId id) const {
  return read([&](Database& database) { return views::job(database, id); });
}
Result<std::vector<AttemptRow>> SqliteViews::attempts(JobId id) const {
  return read([&](Database& database) { return views::attempts(database, id); });
}
Result<std::map<std::string, std::uint64_t>> SqliteViews::counts() const {
  return read([](Database& database) { return views::counts(database); });
}

Result<std::vector<EventRow>> SqliteViews::events(EventFilter const& filter) const {
  TRY(auto const sequences, read([&](Database& database) { return views::events(database, filter); }));
  TRY(auto const names, read([](Database& database) { return views::users(database); }));
  TRY(auto frames, frames_of(journal_, sequences));
  std::vector<EventRow> rows;
  for (std::uint64_t sequence : sequences) {
    auto const it = frames.find(sequence);
    if (it == frames.end()) continue;
    Frame& frame = it->second;
    auto const by = names.find(frame.stamp.by);
    std::string kind = kind_of(frame.body);
    rows.push_back({sequence, frame.stamp.at, by == names.end() ? "" : by->second, frame.stream, std::move(kind), std::move(frame.body)});
  }
  return rows;
}

}  // namespace nav
