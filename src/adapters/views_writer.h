// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <map>
#include <string>

#include "adapters/sqlite.h"
#include "adapters/views_tables.h"
#include "controller/ports.h"
#include "core/access.h"

namespace nav {

/// Writes what happened into the tables of views.db. Called within a transaction; `finish` ends each one.
class ViewsWriter {
 public:
  /// Bodies of requests, for the names of jobs, come from the journal.
  ViewsWriter(sqlite::Database& database, Journal& journal) : database_(database), journal_(journal) {}

  Result<void> take(Frame const& frame);
  /// Writes down how far it has come, and the counts.
  Result<void> finish(Stamp const& last);
  /// The transaction came to nothing.
  void forget();

 private:
  template <class... Args>
  Result<void> run(char const* sql, Args const&... args);
  Result<void> note(JobId job);
  Result<void> change_state(JobId job, views::State to);
  Result<std::int64_t> number_of(std::map<std::string, std::int64_t>& known, char const* find, char const* insert, std::string const& text);
  Result<std::int64_t> number_of_name(std::string const& digest);
  Result<std::int64_t> number_of_list(std::vector<std::string> const& on);

  Result<void> on(JobsQueued const& event);
  Result<void> on(JobPlaced const& event);
  Result<void> on(JobStarted const& event);
  Result<void> on(JobStopRequested const& event);
  Result<void> on(ServiceReported const& event);
  Result<void> on(AttemptEnded const& event);
  Result<void> on(JobRequeued const& event);
  Result<void> on(JobEnded const& event);
  Result<void> on(RungPassed const& event);
  Result<void> on(GangBroken const& event);
  Result<void> on(NodeJoined const& event);
  Result<void> on(SetAside const& event);
  Result<void> on(UserSet const& event);
  Result<void> on(ProjectSet const& event);
  template <class Other>
  Result<void> on(Other const&) {
    return {};
  }

  sqlite::Database& database_;
  Journal& journal_;
  Stamp stamp_;  // of the frame being taken
  std::array<std::int64_t, views::state_words.size()> gained_{};
  std::map<std::string, std::int64_t> names_, lists_;  // numbers given to texts seen lately
};

}  // namespace nav
