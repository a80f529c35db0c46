// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "adapters/sqlite.h"

namespace nav {

/// Copies a database's write-ahead log back into it, on a thread and connection of its own, so that the writer never does: copying
/// waits for the disk many times. The log is bounded: past `most_pages` the writer is held up for the few pages that came while the
/// others were being copied, so that the log can begin anew; at twice as many it waits for the copying.
class WalKeeper {
 public:
  struct Sizes {
    int copy_from_pages = 1'000;  ///< 4 MB
    int most_pages = 16'000;      ///< 64 MB
  };
  /// Follows the commits of `writer`, which must outlive this.
  static Result<std::unique_ptr<WalKeeper>> start(sqlite::Database& writer, Sizes sizes);
  static Result<std::unique_ptr<WalKeeper>> start(sqlite::Database& writer) { return start(writer, Sizes{}); }
  ~WalKeeper();

 private:
  WalKeeper(sqlite::Database& writer, std::unique_ptr<sqlite::Database> own, Sizes sizes);
  static int committed(void* self, sqlite3*, char const*, int pages);
  void keep();
  void copy_back();

  sqlite::Database& writer_;
  std::unique_ptr<sqlite::Database> own_;
  Sizes sizes_;
  std::atomic<int> pages_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable go_on_;
  bool due_ = false;
  std::atomic<bool> holding_ = false;
  std::uint64_t rounds_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace nav
