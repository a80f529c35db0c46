// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "adapters/sqlite.h"
#include "adapters/views_writer.h"
#include "controller/views.h"

namespace nav {

/// The views in DATA/views.db, kept by a thread of their own that reads the journal behind the writer. A file that is missing, of another
/// form, damaged, or ahead of the journal (a restored backup) is made anew from the journal in the background; until then lists show
/// what is in already.
class SqliteViews final : public Views {
 public:
  /// `journal` must outlive it.
  static Result<std::unique_ptr<SqliteViews>> open(std::string const& folder, Journal& journal);
  ~SqliteViews() override;

  void follow(std::vector<Frame> const& frames) override;
  bool wait_for(std::uint64_t sequence, Duration patience) const override;
  Result<std::vector<JobRow>> jobs(JobFilter const& filter) const override;
  Result<JobRow> job(JobId id) const override;
  Result<std::vector<AttemptRow>> attempts(JobId id) const override;
  Result<std::vector<EventRow>> events(EventFilter const& filter) const override;
  Result<std::map<std::string, std::uint64_t>> counts() const override;

  struct Progress {
    std::uint64_t reached = 0;  ///< everything up to this event is in the tables
    std::uint64_t known = 0;    ///< the newest event heard of
    bool making_anew = false;   ///< lists are slow and show only part of what there is
    std::string problem;        ///< why it does not go on at present; empty if it does
  };
  Progress progress() const;

 private:
  SqliteViews(std::string const& folder, Journal& journal);
  Result<void> open_tables();
  Result<void> make_anew();
  Result<bool> is_usable(sqlite::Database& database);
  void trail();
  Result<bool> catch_up();
  Result<void> take(std::vector<Frame> const& frames);
  template <class F>
  auto read(F&& question) const -> decltype(question(std::declval<sqlite::Database&>()));

  std::string path_;
  Journal& journal_;
  std::unique_ptr<sqlite::Database> database_;  // the thread's own, once it runs
  std::unique_ptr<ViewsWriter> writer_;

  mutable std::mutex mutex_;
  mutable std::condition_variable wake_, moved_;
  std::shared_ptr<sqlite::Readers> readers_;
  std::uint64_t reached_ = 0;
  bool indexed_ = false;
  mutable std::uint64_t known_ = 0;
  mutable bool damaged_ = false;  // a reader found it so
  std::string problem_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace nav
