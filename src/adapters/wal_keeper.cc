// SPDX-License-Identifier: Apache-2.0
#include "adapters/wal_keeper.h"

#include <sqlite3.h>

namespace nav {

namespace {

/// The longest the writer may be held up by a slow reader when the log has to begin anew; then it is tried again later.
constexpr int longest_hold_ms = 50;

}  // namespace

Result<std::unique_ptr<WalKeeper>> WalKeeper::start(sqlite::Database& writer, Sizes sizes) {
  TRY_VOID(writer.run("PRAGMA wal_autocheckpoint=0"));
  TRY(auto own, sqlite::Database::open(writer.path(), sqlite::Open::Existing));
  TRY_VOID(own->run("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0"));
  sqlite3_busy_timeout(own->handle(), longest_hold_ms);
  return std::unique_ptr<WalKeeper>(new WalKeeper(writer, std::move(own), sizes));
}

WalKeeper::WalKeeper(sqlite::Database& writer, std::unique_ptr<sqlite::Database> own, Sizes sizes)
    : writer_(writer), own_(std::move(own)), sizes_(sizes), thread_([this] { keep(); }) {
  sqlite3_wal_hook(writer_.handle(), &WalKeeper::committed, this);
}

WalKeeper::~WalKeeper() {
  sqlite3_wal_hook(writer_.handle(), nullptr, nullptr);
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

/// Runs on the writer's thread after each commit, when it holds no lock.
int WalKeeper::committed(void* self, sqlite3*, char const*, int pages) {
  auto& keeper = *static_cast<WalKeeper*>(self);
  if (keeper.holding_) {
    std::unique_lock lock(keeper.mutex_);
    keeper.go_on_.wait(lock, [&] { return !keeper.holding_; });
  }
  int const before = keeper.pages_.exchange(pages);
  // Once every so many pages is enough: the writer's path stays free of locks otherwise.
  int const step = keeper.sizes_.copy_from_pages;
  if (pages < step || pages / step == before / step) return SQLITE_OK;
  std::unique_lock lock(keeper.mutex_);
  keeper.due_ = true;
  keeper.wake_.notify_one();
  if (pages < 2 * keeper.sizes_.most_pages) return SQLITE_OK;
  // A round may end without success (no room, a slow reader): the writer goes on then, and asks again some pages later.
  keeper.go_on_.wait(lock, [&, round = keeper.rounds_] { return keeper.rounds_ > round; });
  return SQLITE_OK;
}

void WalKeeper::keep() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return due_ || stopping_; });
    if (stopping_) return;
    due_ = false;
    lock.unlock();
    copy_back();
    lock.lock();
    holding_ = false;
    ++rounds_;
    go_on_.notify_one();
  }
}

// A failure (no room, a slow reader) needs no word: the log stays as it is, all of it durable, and the next commits ask again.
void WalKeeper::copy_back() {
  int pages = 0, copied = 0;
  int const code = sqlite3_wal_checkpoint_v2(own_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
  if (code != SQLITE_OK || pages < sizes_.most_pages) return;
  // SQLite's locks know no queue: a writer that never rests would never let this one in, so it is asked to stand still.
  holding_ = true;
  sqlite3_wal_checkpoint_v2(own_->handle(), nullptr, SQLITE_CHECKPOINT_RESTART, &pages, &copied);
}

}  // namespace nav
