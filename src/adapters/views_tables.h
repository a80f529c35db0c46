// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

/// The tables of views.db.
namespace nav::views {

/// Raised whenever tables or their meaning change; a file of any other number is thrown away and made anew from the journal.
inline constexpr std::int64_t format = 3;

/// A job's state as it is kept, in the order of a job's life.
enum State : std::int64_t { Queued, Starting, Running, Succeeded, Failed, Cancelled, Lost };
inline constexpr std::array<std::string_view, 7> state_words{"queued", "starting", "running", "succeeded", "failed", "cancelled", "lost"};

inline constexpr char tables[] = R"(
  CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE TABLE counts(state INTEGER PRIMARY KEY, jobs INTEGER NOT NULL);
  CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE projects(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE nodes(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
  CREATE TABLE lists(id INTEGER PRIMARY KEY, wanted TEXT NOT NULL UNIQUE);
  CREATE TABLE jobs(
    id INTEGER PRIMARY KEY, state INTEGER NOT NULL, project INTEGER NOT NULL, user INTEGER NOT NULL, name INTEGER NOT NULL,
    list INTEGER NOT NULL, queued INTEGER NOT NULL, submitted INTEGER NOT NULL, attempt INTEGER NOT NULL DEFAULT 0,
    rung INTEGER NOT NULL DEFAULT 0, node INTEGER, place TEXT NOT NULL DEFAULT '', started INTEGER NOT NULL DEFAULT 0,
    ended INTEGER NOT NULL DEFAULT 0, exit_code INTEGER, message TEXT NOT NULL DEFAULT '',
    gang INTEGER NOT NULL DEFAULT 0, rank INTEGER NOT NULL DEFAULT 0, members INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE attempts(
    job INTEGER NOT NULL, number INTEGER NOT NULL, list INTEGER NOT NULL, rung INTEGER NOT NULL, node INTEGER NOT NULL, place TEXT NOT NULL,
    instance TEXT NOT NULL DEFAULT '', placed INTEGER NOT NULL, started INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL DEFAULT '', exit_code INTEGER, signal INTEGER NOT NULL DEFAULT 0, message TEXT NOT NULL DEFAULT '',
    peak_memory_mib INTEGER NOT NULL DEFAULT 0, cpu_time INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(job, number)) WITHOUT ROWID;
  CREATE TABLE job_events(job INTEGER NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY(job, sequence)) WITHOUT ROWID;
  CREATE TABLE audit(sequence INTEGER PRIMARY KEY);
)";

/// Made once everything is in: filling a table without them is several times quicker. An entry ends with the row's number, so that each
/// of them gives jobs from new to old.
inline constexpr char indexes[] = R"(
  CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs(state);
  CREATE INDEX IF NOT EXISTS jobs_by_project ON jobs(project, state);
  CREATE INDEX IF NOT EXISTS jobs_by_user ON jobs(user, state);
  CREATE INDEX IF NOT EXISTS jobs_by_name ON jobs(name);
  CREATE INDEX IF NOT EXISTS jobs_by_list ON jobs(list);
  CREATE INDEX IF NOT EXISTS jobs_by_gang ON jobs(gang) WHERE gang > 0;
  CREATE INDEX IF NOT EXISTS jobs_by_node ON jobs(node) WHERE node IS NOT NULL;
)";

}  // namespace nav::views
