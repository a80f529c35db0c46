// SPDX-License-Identifier: Apache-2.0
#include "adapters/sqlite.h"

#include <cerrno>
#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <sqlite3.h>
#include <unistd.h>

namespace nav::sqlite {

namespace {

/// How long a connection waits for another's lock.
constexpr int patience_ms = 10'000;
constexpr std::size_t most_idle_readers = 8;

/// SQLite counts its memory under one lock for all threads, which costs a tenth of the time and tells nothing we ask for.
void stop_counting_memory() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

bool is_no_room(int system_error) { return system_error == ENOSPC || system_error == EDQUOT || system_error == EFBIG; }

}  // namespace

Statement::Statement(Statement&& other) noexcept : database_(other.database_), body_(std::exchange(other.body_, nullptr)) {}
Statement::~Statement() { sqlite3_finalize(body_); }

void Statement::bind(int index, std::int64_t value) { sqlite3_bind_int64(body_, index, value); }
void Statement::bind(int index, double value) {
  if (std::isnan(value)) bind(index, std::string_view("NaN"));
  else sqlite3_bind_double(body_, index, value);
}
void Statement::bind(int index, std::nullptr_t) { sqlite3_bind_null(body_, index); }
void Statement::bind(int index, std::string_view value) {
  sqlite3_bind_text64(body_, index, value.data() ? value.data() : "", value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}
void Statement::bind_bytes(int index, std::string_view value) {
  sqlite3_bind_blob64(body_, index, value.data() ? value.data() : "", value.size(), SQLITE_TRANSIENT);
}

Result<bool> Statement::step() {
  int const code = sqlite3_step(body_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) {
    sqlite3_reset(body_);
    return false;
  }
  auto error = database_->failed(code);
  sqlite3_reset(body_);
  return error;
}

Result<void> Statement::run() {
  while (true) {
    TRY(bool const row, step());
    if (!row) return {};
  }
}

void Statement::reset() { sqlite3_reset(body_); }

std::int64_t Statement::number(int column) const { return sqlite3_column_int64(body_, column); }
double Statement::real(int column) const {
  if (sqlite3_column_type(body_, column) == SQLITE_TEXT) return std::numeric_limits<double>::quiet_NaN();
  return sqlite3_column_double(body_, column);
}
std::string_view Statement::bytes(int column) const {
  auto const* data = static_cast<char const*>(sqlite3_column_blob(body_, column));
  return {data ? data : "", static_cast<std::size_t>(sqlite3_column_bytes(body_, column))};
}
bool Statement::is_null(int column) const { return sqlite3_column_type(body_, column) == SQLITE_NULL; }

Result<std::int64_t> Database::meta(std::string_view key) {
  TRY(auto query, prepared("SELECT value FROM meta WHERE key = ?"));
  TRY(bool const row, query->with(key).step());
  std::int64_t const value = row ? query->number(0) : 0;
  query->reset();
  return value;
}

Unexpected Database::failed(int code) {
  int const kind = code & 0xFF;
  if (kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB) damaged_ = true;
  bool const system = kind == SQLITE_IOERR || kind == SQLITE_CANTOPEN || kind == SQLITE_FULL;
  int const system_error = handle_ && system ? sqlite3_system_errno(handle_) : 0;
  if (kind == SQLITE_FULL || is_no_room(system_error))
    return Unexpected(Error{ErrorKind::StorageFull, fmt::format("there is no room left for {}", path_), "free some space on its disk", ""});
  if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED) return fail(ErrorKind::Unavailable, "{} is locked by another process", path_);
  char const* what = handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  if (system_error != 0) return fail(ErrorKind::Internal, "{}: {} ({})", path_, what, std::strerror(system_error));
  return fail(ErrorKind::Internal, "{}: {}", path_, what);
}

Result<std::unique_ptr<Database>> Database::open(std::string const& path, Open how) {
  if (how == Open::Create) {
    // SQLite gives the -wal and -shm files the mode of the database itself.
    int const fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return fail(is_no_room(errno) ? ErrorKind::StorageFull : ErrorKind::Internal, "open {}: {}", path, std::strerror(errno));
    ::close(fd);
  }
  stop_counting_memory();
  std::unique_ptr<Database> database(new Database(path));
  int const code = sqlite3_open_v2(path.c_str(), &database->handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (code != SQLITE_OK) return database->failed(code);
  sqlite3_busy_timeout(database->handle_, patience_ms);
  return database;
}

Database::~Database() {
  prepared_.clear();
  sqlite3_close(handle_);
}

Result<void> Database::run(char const* sql) {
  int const code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failed(code);
  return {};
}

Result<Statement> Database::prepare(std::string const& sql) {
  sqlite3_stmt* body = nullptr;
  int const code = sqlite3_prepare_v2(handle_, sql.c_str(), static_cast<int>(sql.size()) + 1, &body, nullptr);
  if (code != SQLITE_OK) return failed(code);
  return Statement(*this, body);
}

Result<Statement*> Database::prepared(std::string const& sql) {
  auto it = prepared_.find(sql);
  if (it == prepared_.end()) {
    TRY(Statement statement, prepare(sql));
    it = prepared_.emplace(sql, std::move(statement)).first;
  }
  it->second.reset();
  return &it->second;
}

Result<Readers::Lease> Readers::take() {
  {
    std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      Lease lease(*this, std::move(idle_.back()));
      idle_.pop_back();
      return lease;
    }
  }
  TRY(auto database, Database::open(path_, Open::Existing));
  return Lease(*this, std::move(database));
}

void Readers::give_back(std::unique_ptr<Database> database) {
  std::lock_guard lock(mutex_);
  if (idle_.size() < most_idle_readers && !database->is_damaged()) idle_.push_back(std::move(database));
}

void Readers::close() {
  std::lock_guard lock(mutex_);
  idle_.clear();
}

}  // namespace nav::sqlite
