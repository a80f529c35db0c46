// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

/// SQLite with this project's errors: StorageFull when the disk is, Unavailable when another holds the lock for too long, else Internal.
namespace nav::sqlite {

class Database;

/// A prepared statement: `query.with(42, "train")`, then `step` while it is true, columns counted from 0. One that is left before its end
/// holds its snapshot open, so `reset` it.
class Statement {
 public:
  Statement(Database& database, sqlite3_stmt* body) : database_(&database), body_(body) {}
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  /// From the start again with these parameters. Texts and bytes are copied.
  template <class... Args>
  Statement& with(Args const&... args) {
    reset();
    int index = 0;
    (bind(++index, args), ...);
    return *this;
  }
  void bind(int index, std::int64_t value);
  void bind(int index, std::uint64_t value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, std::int32_t value) { bind(index, std::int64_t{value}); }
  void bind(int index, std::uint32_t value) { bind(index, std::int64_t{value}); }
  void bind(int index, double value);  ///< NaN as the text "NaN", which SQLite has no number for
  void bind(int index, std::nullptr_t);
  void bind(int index, std::string_view value);  ///< as text
  void bind(int index, std::string const& value) { bind(index, std::string_view(value)); }
  void bind(int index, char const* value) { bind(index, std::string_view(value)); }
  void bind_bytes(int index, std::string_view value);

  /// True: there is a row. False: that was all.
  Result<bool> step();
  /// To the end, for statements that give nothing back.
  Result<void> run();
  void reset();

  std::int64_t number(int column) const;
  std::uint64_t unsigned_number(int column) const { return static_cast<std::uint64_t>(number(column)); }
  double real(int column) const;
  std::string_view bytes(int column) const;  ///< valid until the next step
  std::string text(int column) const { return std::string(bytes(column)); }
  bool is_null(int column) const;

 private:
  Database* database_;
  sqlite3_stmt* body_;
};

enum class Open { Create, Existing };

/// One connection, for one thread at a time.
class Database {
 public:
  /// A file it makes gets mode 0600, and so do its companions (-wal, -shm).
  static Result<std::unique_ptr<Database>> open(std::string const& path, Open how);
  ~Database();
  Database(Database const&) = delete;
  Database& operator=(Database const&) = delete;

  /// One or several statements without parameters.
  Result<void> run(char const* sql);
  Result<Statement> prepare(std::string const& sql);
  /// Prepared once for this connection. Valid as long as it.
  Result<Statement*> prepared(std::string const& sql);

  /// What its table `meta` keeps under this key; 0: nothing.
  Result<std::int64_t> meta(std::string_view key);

  /// The file is no database, or a broken one.
  bool is_damaged() const { return damaged_; }
  sqlite3* handle() { return handle_; }
  std::string const& path() const { return path_; }
  Unexpected failed(int code);

 private:
  explicit Database(std::string path) : path_(std::move(path)) {}

  std::string path_;
  sqlite3* handle_ = nullptr;
  bool damaged_ = false;
  std::map<std::string, Statement> prepared_;
};

/// Connections for readers: each thread takes one for as long as it reads.
class Readers {
 public:
  explicit Readers(std::string path) : path_(std::move(path)) {}

  class Lease {
   public:
    Lease(Readers& from, std::unique_ptr<Database> database) : from_(&from), database_(std::move(database)) {}
    Lease(Lease&&) = default;
    ~Lease() {
      if (database_) from_->give_back(std::move(database_));
    }
    Database* operator->() { return database_.get(); }

   private:
    Readers* from_;
    std::unique_ptr<Database> database_;
  };
  Result<Lease> take();
  /// Closes those at rest.
  void close();

 private:
  void give_back(std::unique_ptr<Database> database);

  std::string path_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Database>> idle_;
};

}  // namespace nav::sqlite
