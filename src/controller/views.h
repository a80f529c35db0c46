// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "controller/ports.h"

/// Tables for searching, derived from the journal: they trail it a little, may be deleted and are then made anew. Millions of jobs
/// that are over live only here.
namespace nav {

/// A job as a list shows it, over or not.
struct JobRow {
  JobId id;
  std::string name;
  std::string project;
  std::string user;
  std::string state;                ///< queued, starting, running, succeeded, failed, cancelled, lost
  std::string on;                   ///< the template it got, or the first it asks for
  std::vector<std::string> wanted;  ///< the whole compute list
  std::uint32_t attempt = 0;
  std::string node;   ///< name; empty while it waits
  std::string place;  ///< "gpu0 1g.5gb@4", "gpu0 gpu1", "cpu", or empty
  Time submitted;
  Time started;
  Time ended;
  std::optional<std::int32_t> exit_code;
  std::string message;  ///< why it ended or waits again, in words
  JobId gang = {};      ///< its first member; none: it is a job by itself
  std::uint32_t members = 0;
};
BOOST_DESCRIBE_STRUCT(JobRow, (),
                      (id, name, project, user, state, on, wanted, attempt, node, place, submitted, started, ended, exit_code, message, gang, members))

/// One attempt of a job.
struct AttemptRow {
  AttemptId id;
  std::string on;
  std::string node;
  std::string place;
  std::string instance_uuid;
  Time placed;
  Time started;
  Time ended;
  std::string outcome;  ///< as in Outcome; empty while it lives
  std::optional<std::int32_t> exit_code;
  std::int32_t signal = 0;
  std::string message;
  std::uint64_t peak_memory_mib = 0;
  Duration cpu_time;
};
BOOST_DESCRIBE_STRUCT(AttemptRow, (),
                      (id, on, node, place, instance_uuid, placed, started, ended, outcome, exit_code, signal, message, peak_memory_mib, cpu_time))

/// An event for a person's eye: a job's history, or the audit trail.
struct EventRow {
  std::uint64_t sequence = 0;
  Time at;
  std::string by;  ///< name of the user; empty: the controller
  std::string stream;
  std::string kind;  ///< "JobPlaced"
  std::string body;  ///< the event's JSON
};
BOOST_DESCRIBE_STRUCT(EventRow, (), (sequence, at, by, stream, kind, body))

struct JobFilter {
  std::vector<std::string> states;
  std::optional<std::string> project;
  std::optional<std::string> user;
  std::optional<std::string> name;  ///< a part of it
  std::optional<std::string> on;    ///< a template of its list
  std::optional<std::string> node;
  std::optional<JobId> gang = {};                            ///< its members; else only a gang's first is shown, unless a node is asked for
  std::optional<std::vector<std::string>> visible_projects;  ///< what the caller may see; none: everything
  std::optional<JobId> below;                                ///< the cursor: only ids below (lists go from new to old)
  std::size_t limit = 100;
};

struct EventFilter {
  std::optional<JobId> job;            ///< only of this job
  bool audit = false;                  ///< only what a person did
  std::optional<std::uint64_t> below;  ///< the cursor: only sequences below (new to old); with a job: all, old to new
  std::size_t limit = 100;
};

class Views {
 public:
  virtual ~Views() = default;
  /// Takes in what was just made durable. Called by the writer: returns at once, the work is done elsewhere.
  virtual void follow(std::vector<Frame> const& frames) = 0;
  /// Waits until everything up to `sequence` is in the tables, at most `patience`; false if it is not.
  virtual bool wait_for(std::uint64_t sequence, Duration patience) const = 0;
  virtual Result<std::vector<JobRow>> jobs(JobFilter const& filter) const = 0;
  virtual Result<JobRow> job(JobId id) const = 0;  ///< NotFound
  virtual Result<std::vector<AttemptRow>> attempts(JobId id) const = 0;
  virtual Result<std::vector<EventRow>> events(EventFilter const& filter) const = 0;
  /// Jobs by state, over everything.
  virtual Result<std::map<std::string, std::uint64_t>> counts() const = 0;
};

/// Logs of attempts, as files beside the journal.
class LogStore {
 public:
  virtual ~LogStore() = default;
  /// Bytes at an offset: what is there already is skipped, a gap is refused with Conflict and the offset wanted in the message's hint.
  /// Answers the offset up to which all is stored.
  virtual Result<std::uint64_t> append(AttemptId attempt, std::uint64_t offset, std::string_view bytes, bool last) = 0;
  struct Part {
    std::string bytes;
    std::uint64_t next = 0;  ///< offset to go on at
    std::uint64_t size = 0;  ///< so far
    bool complete = false;   ///< nothing will be added
  };
  /// At most `limit` bytes from `offset`.
  virtual Result<Part> read(AttemptId attempt, std::uint64_t offset, std::size_t limit) const = 0;
};

}  // namespace nav
