// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "adapters/sqlite.h"
#include "controller/views.h"

/// Questions to the tables of views.db. Each list is read along one index from new to old, so it costs what it shows and not what there is.
namespace nav::views {

Result<std::vector<JobRow>> jobs(sqlite::Database& database, JobFilter const& filter);
Result<JobRow> job(sqlite::Database& database, JobId id);
Result<std::vector<AttemptRow>> attempts(sqlite::Database& database, JobId id);
Result<std::map<std::string, std::uint64_t>> counts(sqlite::Database& database);
/// Sequences of the events asked for, in the order asked for.
Result<std::vector<std::uint64_t>> events(sqlite::Database& database, EventFilter const& filter);
Result<std::map<UserId, std::string>> users(sqlite::Database& database);

}  // namespace nav::views
